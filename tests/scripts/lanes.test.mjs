// Lanes: what runs beside what, in which order, and what is not run after a failure.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endToEndRuns } from '../../scripts/test/files.mjs';
import { runInLanes } from '../../scripts/test/lanes.mjs';
import { SHARDS, ofCore, shardOf } from '../e2e/support/matrix.mjs';

/** Jobs that end when they are told to. `log` says what began and ended, in order. */
function stage(names) {
  const log = [];
  const ends = new Map();
  const jobs = Object.entries(names).map(([name, { lane = 'one', after } = {}]) => ({
    name, lane, after,
    run: () => new Promise((resolve, reject) => {
      log.push(`+${name}`);
      ends.set(name, failure => (failure ? reject(failure) : resolve()));
    }),
  }));
  const turn = () => new Promise(resolve => setImmediate(resolve));
  return {
    jobs, log,
    onEnd: ({ name }, { failure }) => log.push(failure ? `!${name}: ${failure.message}` : `-${name}`),
    end: async (name, failure) => {
      await turn();
      ends.get(name)(failure);
      await turn();
    },
  };
}

describe('lanes', () => {
  it('run so many jobs at once as they have room, in the order of the list, each lane by itself', async () => {
    const { jobs, log, onEnd, end } = stage({ a: {}, b: {}, c: {}, x: { lane: 'other' }, y: { lane: 'other' } });
    const all = runInLanes(jobs, { one: 2, other: 1 }, onEnd);
    await end('b');
    await end('a');
    await end('x');
    await end('y');
    await end('c');
    await all;
    assert.deepEqual(log, ['+a', '+b', '+x', '-b', '+c', '-a', '-x', '+y', '-y', '-c']);
  });

  it('start a job when all that it comes after has ended, and others meanwhile', async () => {
    const { jobs, log, onEnd, end } = stage({ test: { after: ['build'] }, other: {}, build: { lane: 'builds' } });
    const all = runInLanes(jobs, { one: 1, builds: 1 }, onEnd);
    await end('other');
    await end('build');
    await end('test');
    await all;
    assert.deepEqual(log, ['+other', '+build', '-other', '-build', '+test', '-test']);
  });

  it('do not run what comes after a job that failed, and say why; all others go on', async () => {
    const { jobs, log, onEnd, end } = stage({ build: {}, test: { after: ['build'] }, next: { after: ['test'] }, other: {} });
    const all = runInLanes(jobs, { one: 1 }, onEnd);
    await end('build', new Error('no'));
    await end('other');
    await all;
    assert.deepEqual(log, ['+build', '!build: no', '!test: not run: build failed', '!next: not run: test failed', '+other', '-other']);
  });

  it('do not wait for a job that nobody runs, and refuse those that wait for each other', async () => {
    const { jobs, log, onEnd, end } = stage({ test: { after: ['not in the list'] } });
    const all = runInLanes(jobs, { one: 1 }, onEnd);
    await end('test');
    await all;
    assert.deepEqual(log, ['+test', '-test']);
    await assert.rejects(runInLanes(stage({ a: { after: ['b'] }, b: { after: ['a'] } }).jobs, { one: 1 }, () => {}), /a, b wait for each other/);
  });
});

describe('end-to-end runs', () => {
  it('are one for each file and browser, or one for both where preparing takes longer than testing', () => {
    const runs = endToEndRuns();
    const of = name => runs.filter(({ file }) => file.endsWith(`/${name}.test.mjs`)).map(({ browsers }) => browsers.join());
    assert.deepEqual(of('tasks').sort(), ['chromium', 'firefox']);
    assert.deepEqual(of('demo'), ['chromium']);
    assert.deepEqual(of('bundlers'), ['chromium,firefox']);
    assert(runs.every(({ after, lane }) => after.includes('package') && ['waiting', 'working'].includes(lane)));
  });

  it('are those of the files and the browser that are asked for; another file is refused by name', () => {
    assert.deepEqual(endToEndRuns({ only: ['tasks', 'demo'], browser: 'firefox' }).map(({ name }) => name), ['tasks (firefox)']);
    assert.throws(() => endToEndRuns({ only: ['task'] }), /no end-to-end file called task\. There are .*tasks/);
  });
});

describe('shards of what is core\'s alone', () => {
  const names = Array.from({ length: 400 }, (_, i) => `promise number ${i}`);

  it('divide the tests by their names, about evenly', () => {
    const counts = Array(SHARDS).fill(0);
    for (const name of names) counts[shardOf(name)]++;
    assert(Math.min(...counts) > names.length / SHARDS / 2, counts.join());
  });

  it('leave Chromium whole, and Firefox one of them', () => {
    const registeredIn = browser => {
      const registered = [];
      const test = ofCore(name => registered.push(name), { name: browser }, { everything: false, shard: 1 });
      for (const name of names) test(name);
      return registered;
    };
    assert.deepEqual(registeredIn('Chromium'), names);
    assert.deepEqual(registeredIn('Firefox'), names.filter(name => shardOf(name) === 1));
  });
});
