import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observed, timed } from './experiment.js';
import { SHORTEST_SAMPLE, calibrate, measure } from './measure.js';

/** A host whose time passes only where a contender says so, in milliseconds. */
function manualHost() {
  const host = {
    time: 0,
    log: [],
    now: () => host.time,
    random: () => 0,
    turn: async () => host.log.push('turn'),
    settle: async () => host.log.push('settle'),
  };
  return host;
}

const costing = (host, name, milliseconds, result = (n) => n) => async (n) => {
  host.log.push(name);
  host.time += n * milliseconds;
  return result(n);
};

test('a timed figure is the time of one operation in the unit of the row', async () => {
  const host = manualHost();
  const experiment = timed({
    name: 'work',
    unit: 'us',
    per: 10,
    contenders: { taskloom: costing(host, 'taskloom', 0.5), peer: costing(host, 'peer', 2) },
  });
  const samples = await measure(experiment, { rounds: 3, host });
  assert.deepEqual(Object.keys(samples), ['taskloom', 'peer']);
  for (const [name, expected] of [['taskloom', 50], ['peer', 200]]) {
    assert.equal(samples[name].time.length, 3);
    for (const figure of samples[name].time) assert.ok(Math.abs(figure - expected) < 1e-9, `${figure}`);
  }
});

test('calibration repeats until a sample is long enough, and not far beyond', async () => {
  for (const cost of [0.0005, 0.3, 5, 100]) {
    const host = manualHost();
    const count = await calibrate(costing(host, 'work', cost), host);
    const least = Math.ceil(SHORTEST_SAMPLE / cost);
    assert.ok(count * cost >= SHORTEST_SAMPLE, `${count} x ${cost} ms is too short`);
    assert.ok(count <= Math.max(1, least * 10), `${count} x ${cost} ms is too long`);
  }
});

test('calibration survives a clock too coarse to see one repetition', async () => {
  const host = manualHost();
  let elapsed = 0;
  const work = async (n) => {
    elapsed += n * 0.01;
    host.time = Math.floor(elapsed);
  };
  assert.ok((await calibrate(work, host)) * 0.01 >= SHORTEST_SAMPLE - 1);
});

test('every round has each contender once, in a shuffled order, after settling', async () => {
  const host = manualHost();
  const experiment = observed({
    rows: { delay: { name: 'delay', unit: 'ms' } },
    contenders: {
      taskloom: async () => (host.log.push('taskloom'), { delay: 1 }),
      peer: async () => (host.log.push('peer'), { delay: 2 }),
    },
  });
  host.random = () => 0; // swaps two
  const samples = await measure(experiment, { rounds: 2, host });
  assert.deepEqual(host.log, ['settle', 'peer', 'settle', 'taskloom', 'settle', 'peer', 'settle', 'taskloom']);
  assert.deepEqual(samples, { taskloom: { delay: [1, 1] }, peer: { delay: [2, 2] } });
});

test('an experiment may limit its rounds, not raise them', async () => {
  const host = manualHost();
  const rows = { delay: { name: 'delay', unit: 'ms' } };
  const contenders = { taskloom: async () => ({ delay: 1 }) };
  const count = async (limit, rounds) =>
    (await measure(observed({ rows, contenders, rounds: limit }), { rounds, host })).taskloom.delay.length;
  assert.equal(await count(2, 5), 2);
  assert.equal(await count(9, 5), 5);
});

test('work put off to a later macrotask is part of the figure', async () => {
  const host = manualHost();
  let putOff = 0;
  host.turn = async () => {
    host.time += putOff;
    putOff = 0;
  };
  const lazy = async (n) => {
    putOff += n * 4;
    return n;
  };
  const experiment = timed({ name: 'work', unit: 'ms', contenders: { taskloom: lazy } });
  const samples = await measure(experiment, { rounds: 2, host });
  assert.ok(samples.taskloom.time.every((figure) => figure >= 4), `${samples.taskloom.time}`);
});

test('contenders that give different results are found out by name', async () => {
  const host = manualHost();
  const experiment = timed({
    name: 'work',
    unit: 'us',
    contenders: { taskloom: costing(host, 'taskloom', 30), lazy: costing(host, 'lazy', 30, () => 0) },
  });
  await assert.rejects(measure(experiment, { rounds: 1, host }), /lazy gave 0 where taskloom gave 2/);
});

test('an error names the contender, and what was opened is closed', async () => {
  let finished = false;
  const experiment = observed({
    rows: { delay: { name: 'delay', unit: 'ms' } },
    contenders: async () => ({
      peer: async () => {
        throw new Error('broken');
      },
    }),
    finish: () => {
      finished = true;
    },
  });
  await assert.rejects(measure(experiment, { rounds: 1, host: manualHost() }), /contender peer: broken/);
  assert.ok(finished);
});
