// Wrong values of the options of schedules, in a table and at random: each is refused by its name, and leaves no job behind.

import assert from 'node:assert/strict';
import { randomFrom } from '../schedule/expressions.mjs';

const ROUNDS = 4000;

const DURATION = [
  '-1', 'NaN', 'Infinity', '-Infinity', '8.64e15 + 2', '""', '"abc"', '"5"', '"-1s"', '"1s1s"', 'true', 'false', '{}', '[]', '[5]', '10n', 'Symbol("s")', '() => 5', 'new Date(5)',
  '{ total: () => -1 }', '{ total: () => NaN }', '{ total() { throw new RangeError("has months") } }',
];
/** For what is a limit: Infinity is none. */
const LIMIT = DURATION.filter(value => value !== 'Infinity');
const FUNCTION = ['5', '"yes"', '{}', 'true', '[]', 'Symbol("s")', '1n'];
const STRING = ['5', 'true', '{}', '[]', 'Symbol("s")', '1n', '() => "a"'];
const BOOLEAN = ['5', '1', '0', '"yes"', '"false"', '{}', '[]'];
const OBJECT = ['5', '"text"', 'true', 'null', '[]', 'Symbol("s")', '1n', '() => 1'];
const COUNT = ['0', '-0', '-1', '1.5', 'NaN', '-Infinity', '"3"', 'true', '{}', '[3]', '3n', 'Symbol("s")'];
const WORD = ['"never"', '""', '5', 'true', '{}', '["skip"]', 'Symbol("s")'];
const TIME = ['NaN', 'Infinity', '8.64e15 + 1', '"2026-01-01"', 'new Date(NaN)', '{}', 'true', '5n', '[0]', 'Symbol("s")'];

const OPTIONS = {
  args: ['5', '"text"', '{}', 'true', 'new Set([1])', '{ length: 1 }'], jobId: [...STRING, '""'], replaceExisting: BOOLEAN, latestTaskName: [...STRING, '""'],
  manager: ['5', '"manager"', '{}', 'true', 'TaskManager', '{ submit: () => 1 }'],
  overlap: WORD, missed: WORD, scope: WORD, grace: LIMIT, jitter: DURATION, lease: DURATION, maxQueue: COUNT, maxRuns: COUNT, immediately: BOOLEAN, startAt: TIME, endAt: TIME.filter(value => value !== 'Infinity'),
  signal: ['5', '"signal"', '{}', 'true', 'new AbortController()', '{ aborted: true }', 'Object.create(AbortSignal.prototype)'], onError: FUNCTION, name: STRING,
  timeout: LIMIT, queueTimeout: LIMIT, priority: ['"urgent"', '""', '0', 'true', '{}', 'Symbol("s")'], progressBuffer: [...COUNT, 'Infinity'],
  retry: ['5', '"text"', 'true', 'Symbol("s")', '1n', '[]', '() => true', '{ maxAttempts: 0 }', '{ baseDelay: -1 }'],
};
const NAMED = { 'retry { maxAttempts: 0 }': 'maxAttempts', 'retry { baseDelay: -1 }': 'baseDelay' };

const all = (options, call) => Object.entries(options).map(([name, values]) => [call.replace('NAME', name), name, values]);

/** The call, the word that says in a refusal what was wrong, and the wrong values. */
const TABLE = [
  ...all(OPTIONS, 'scheduleInterval(fn, { every: 1000, NAME: VALUE })'), ...all(OPTIONS, 'scheduleCron(fn, { cron: "* * * * *", NAME: VALUE })'),
  ['scheduleInterval(fn, { every: VALUE })', 'every', [...DURATION, '0', '-0', '0.5', '"0.5ms"', '"0s"', 'undefined', 'null']],
  ['scheduleInterval(fn, { cron: VALUE })', 'every', ['"* * * * *"']],
  ['scheduleCron(fn, { cron: VALUE })', 'cron', ['undefined', 'null', '5', '{}', '["* * * * *"]', 'Symbol("s")', '""', '"* * * *"', '() => 1', 'Object.create(null)']],
  ['scheduleCron(fn, { every: VALUE })', 'cron', ['1000']],
  ['scheduleCron(fn, { cron: "* * * * *", timeZone: VALUE })', 'timeZone', ['5', '""', '"Mars/Olympus"', '{}', 'true', 'Symbol("s")']],
  ['scheduleCron(fn, { cron: "* * * * *", dialect: VALUE })', 'dialect', ['5', '""', '"quartz"', '{}', 'true', 'Symbol("s")']],
  ['scheduleCron(fn, { cron: new Cron("* * * * *"), VALUE })', 'timeZone', ['timeZone: "UTC"', 'timeZone: ""']],
  ['scheduleCron(fn, { cron: new Cron("* * * * *"), VALUE })', 'dialect', ['dialect: "cron"']],
  ['scheduleInterval(fn, { every: 1000, startAt: 10, endAt: VALUE })', 'endAt', ['9', 'new Date(0)', '-1']],
  ['scheduleInterval(fn, { every: 1000, scope: "origin", jobId: VALUE })', 'jobId', ['undefined', '""', '5']],
  ...['scheduleInterval', 'scheduleCron'].flatMap(name => [
    [`${name}(VALUE, { every: 1000, cron: "* * * * *" })`, 'function', ['undefined', 'null', '5', '{}', '"code()"', 'Promise.resolve()', 'Symbol("s")']],
    [`${name}(fn, VALUE)`, 'options', OBJECT],
  ]),
  ['getScheduler().shutdown(VALUE)', 'options', OBJECT], ['getScheduler().shutdown({ cancelRunning: VALUE })', 'cancelRunning', BOOLEAN],
  ['job.subscribe(VALUE)', 'listener', [...FUNCTION, 'undefined', 'null']], ['job.nextRuns(VALUE)', 'count', ['-1', '1.5', 'NaN', '10_001', 'Infinity', '"3"', 'undefined', 'null', '3n', '{}']],
  ['job.nextRuns(1, VALUE)', 'after', [...TIME, 'null']], ['job.matches(VALUE)', '', [...TIME, 'null', 'undefined']],
];

export default function schedule(test) {
  test('schedules: each wrong value is an invalid-argument that names it, and leaves no job', async tab => {
    const cases = TABLE.flatMap(([call, word, values]) => values.map(value => ({ code: call.replace('VALUE', () => value), word: NAMED[`${word} ${value}`] ?? word })));
    const { results, calls, jobs } = await tab.run(`async library => {
      const { scheduleInterval, scheduleCron, getScheduler, Cron, TaskManager, TaskloomError, nextTurn } = library;
      let calls = 0;
      const fn = () => calls++;
      const job = scheduleInterval(() => {}, { every: '1h', jobId: 'the one' });
      const results = [];
      for (const call of [${cases.map(({ code }) => `() => ${code}`).join(',\n')}]) {
        try {
          await call();
          results.push('nothing was thrown');
        } catch (error) {
          results.push(error instanceof TaskloomError ? error.code + ': ' + error.message : 'foreign: ' + error);
        }
        if (getScheduler().jobs.length !== 1) {
          results[results.length - 1] += ', and a job is left';
          for (const each of getScheduler()) if (each !== job) each.cancel();
        }
      }
      await nextTurn();
      return { results, calls, jobs: getScheduler().jobs.map(each => each.jobId) };
    }`);
    const wrong = cases.flatMap(({ code, word }, index) => {
      const result = results[index];
      return result.startsWith('invalid-argument: ') && result.includes(word) && !result.includes('a job is left') ? [] : [`${code}: ${result}`];
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual([calls, jobs], [0, ['the one']]);
  });

  test('schedules: right values at the edges are taken', async tab => {
    assert.deepEqual(await tab.run(({ scheduleInterval, scheduleCron, RetryPolicy, TaskManager, thrownBy }) => {
      const options = [
        {}, { args: [] }, { jobId: ' ' }, { jobId: '\ud800' }, { jobId: '__proto__' }, { maxRuns: Infinity }, { maxRuns: 1 }, { maxRuns: 2 ** 32 - 1 }, { maxRuns: 2 ** 53 }, { maxQueue: 1 }, { maxQueue: 2 ** 40 },
        { grace: 0 }, { grace: 8.64e15 }, { jitter: 8.64e15 }, { grace: null, jitter: null, lease: null, startAt: null, endAt: null, signal: null, onError: null, retry: null, timeout: null, name: null },
        { startAt: -8.64e15 }, { startAt: 8e15 }, { endAt: 8.64e15 }, { startAt: 0, endAt: 8.64e15 }, { startAt: new Date(0) }, { retry: new RetryPolicy() }, { retry: { maxAttempts: Infinity } },
        { manager: new TaskManager() }, { signal: new AbortController().signal }, Object.freeze({ overlap: 'queue' }), { args: undefined, jobId: undefined, manager: undefined, overlap: undefined, missed: undefined },
        { timeout: '1h', queueTimeout: 0, priority: 'background', progressBuffer: 1 }, { lease: 0 }, { name: '' },
      ];
      return options.flatMap((each, index) => [() => scheduleInterval(() => {}, { every: '1w', ...each }), () => scheduleCron(() => {}, { cron: '@yearly', ...each })].map(call => {
        try {
          return call().state === 'active' ? null : index;
        } catch (error) {
          return `${index}: ${error.message}`;
        }
      }).filter(outcome => outcome !== null));
    }), []);
  });

  test('schedules: options are read once, and changing them afterwards changes nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const reads = {};
      const options = { every: '1h', args: ['first'], jobId: 'one', retry: { maxAttempts: 1 }, overlap: 'skip' };
      const job = scheduleInterval((_, arg) => arg, new Proxy(options, { get(target, key) { reads[key] = (reads[key] ?? 0) + 1; return target[key]; } }));
      options.args[0] = 'second';
      Object.assign(options, { every: 1, jobId: 'two', overlap: 'queue' });
      const { nextRun } = job;
      return [await job.runNow(), job.jobId, job.latestTaskKey, nextRun - Date.now() > 3_500_000, Object.entries(reads).filter(([, count]) => count > 1)];
    }), ['first', 'one', 'global:one', true, []]);
  });

  test(`schedules: ${ROUNDS} random option objects give a job, an invalid-argument or their own getter's error, and no job besides`, async tab => {
    const report = await tab.run(`async ({ scheduleInterval, scheduleCron, getScheduler, Cron, TaskManager, RetryPolicy, TaskloomError, nextTurn, run }, { rounds, seed }) => {
      const random = (${randomFrom})(seed);
      class Own extends Error {} // what the garbage itself throws
      const own = () => { throw new Own('from the garbage'); };
      const simple = [
        () => undefined, () => null, () => NaN, () => -0, () => 0, () => 1, () => 3, () => -1, () => 0.5, () => 1.5, () => Infinity, () => -Infinity, () => 2 ** 31, () => 2 ** 32, () => 2 ** 53,
        () => 8.64e15, () => -8.64e15, () => 8.64e15 + 2, () => 1e21, () => 5e-324, () => 10n, () => true, () => false, () => '', () => 'abc', () => '10s', () => '1h', () => '999999999999w', () => '\\ud800', () => '\\0',
        () => 'skip', () => 'queue', () => 'cancel-previous', () => 'once', () => 'all', () => 'tab', () => 'cron', () => 'apscheduler', () => 'UTC', () => 'Asia/Tokyo', () => 'Mars/Olympus',
        () => '* * * * *', () => '*/7 1-5 L * FRI#2', () => '0 0 30 2 *', () => '@daily', () => '9'.repeat(5000), () => '*,'.repeat(3000) + '* * * * *', () => '1 '.repeat(2000), () => Symbol('s'),
        () => [], () => ({}), () => Object.create(null), () => new Map(), () => new Date(NaN), () => new Date(), () => new Date(0), () => /x/, () => new Error('e'), () => class {}, () => () => {}, () => own, () => async () => own(),
        () => Promise.resolve(1), () => new Uint8Array(3), () => window, () => AbortSignal.abort(), () => new AbortController().signal, () => new Proxy(new AbortController().signal, {}), () => Object.create(AbortSignal.prototype),
        () => new TaskManager(), () => new Proxy(new TaskManager(), {}), () => Object.create(TaskManager.prototype), () => new RetryPolicy(), () => Object.create(RetryPolicy.prototype), () => new Cron('* * * * *'),
        () => new Proxy(new Cron('0 * * * *'), {}), () => Object.create(Cron.prototype), () => ({ total: own }), () => ({ total: () => 5000 }), () => ({ maxAttempts: 2 }), () => ({ toString: own, valueOf: own, [Symbol.toPrimitive]: own }),
        () => ({ get [Symbol.toStringTag]() { return own(); } }), () => new Proxy([], { get: own }), () => new Proxy(new Date(0), {}),
      ];
      const value = () => simple[random(simple.length)]();
      const likely = {
        every: ['1h', 3_600_000, '90m', 1e12], cron: ['@yearly', '0 0 1 1 *', new Cron('0 5 1 1 *')], jobId: ['a', 'b', 'c'], args: [[], [1]], overlap: ['skip', 'queue', 'cancel-previous'], missed: ['skip', 'once', 'all'],
        immediately: [true, false], maxRuns: [1, 5, Infinity], timeZone: ['UTC', undefined],
      };
      const keys = [
        'every', 'cron', 'timeZone', 'dialect', 'args', 'jobId', 'replaceExisting', 'latestTaskName', 'manager', 'overlap', 'missed', 'grace', 'maxQueue', 'jitter', 'immediately', 'startAt', 'endAt', 'maxRuns',
        'signal', 'lease', 'onError', 'name', 'retry', 'timeout', 'queueTimeout', 'priority', 'progressBuffer', 'then', 'constructor', '__proto__',
      ];
      const bag = kind => {
        const object = random(8) ? {} : Object.create(null);
        const put = (key, of) => {
          const how = random(14);
          const first = of();
          let reads = 0;
          if (how === 0) Object.defineProperty(object, key, { get: own, enumerable: true, configurable: true });
          else if (how === 1) Object.defineProperty(object, key, { get: () => (reads++ ? value() : first), enumerable: true, configurable: true });
          else Object.defineProperty(object, key, { value: first, enumerable: true, configurable: true, writable: true });
        };
        put(kind, () => likely[kind][random(likely[kind].length)]);
        if (random(8) === 0) {
          put('jobId', () => likely.jobId[random(3)]);
          put('replaceExisting', () => false);
        }
        for (let i = random(4); i > 0; i--) {
          const key = keys[random(keys.length)];
          put(key, () => (likely[key] && random(3) ? likely[key][random(likely[key].length)] : value()));
        }
        const shapes = [object, object, object, object, Object.freeze(object), new Proxy(object, {}), new Proxy(object, { getPrototypeOf: own }), new Proxy(object, { get: own })];
        return random(30) ? shapes[random(shapes.length)] : value();
      };
      const foreign = [];
      const counts = { jobs: 0, refused: 0, own: 0, exists: 0 };
      const fn = ({ tick }) => { if (random(3) === 0) throw new Error('of the run'); return tick.scheduledAt; };
      for (let round = 0; round < rounds; round++) {
        const kind = random(2) ? 'every' : 'cron';
        const before = getScheduler().jobs;
        try {
          const job = (kind === 'every' ? scheduleInterval : scheduleCron)(fn, bag(kind));
          counts.jobs++;
          job.subscribe(() => {});
          const seen = [job.nextRun, job.state, job.nextRuns(3), job.stats(), job.matches(Date.now()), job.latestTaskKey];
          if (seen[0] && Number.isNaN(seen[0].getTime())) counts.invalidDates = (counts.invalidDates ?? 0) + 1;
          if (random(3) === 0) job.pause();
          if (random(3) === 0 && job.state !== 'ended') job.runNow().catch(() => {});
          if (random(3) === 0) job.resume();
          if (random(2)) job.cancel();
        } catch (error) {
          if (error instanceof Own) counts.own++;
          else if (error instanceof TaskloomError && error.code === 'invalid-argument') counts.refused++;
          else if (error instanceof TaskloomError && error.code === 'job-exists') counts.exists++;
          else if (foreign.length < 10) foreign.push('round ' + round + ': ' + (error?.stack?.split('\\n').slice(0, 3).join(' | ') ?? String(error)));
          const after = getScheduler().jobs;
          if (after.length !== before.length || after.some((job, index) => job !== before[index])) foreign.push('round ' + round + ': another list of jobs after ' + error);
        }
        if (random(20) === 0) await nextTurn();
        if (random(100) === 0) await getScheduler().shutdown({ cancelRunning: true });
      }
      await Promise.race([getScheduler().shutdown({ cancelRunning: true }), new Promise(resolve => setTimeout(resolve, 3000))]);
      const job = scheduleInterval(() => 'works', { every: 5, maxRuns: 3 });
      return { foreign, counts, jobs: getScheduler().jobs.length, after: [await run(() => 1), await job.runNow()] };
    }`, { rounds: ROUNDS, seed: 20_261_121 });
    assert.deepEqual(report.foreign, []);
    const { invalidDates, ...counts } = report.counts;
    assert.deepEqual([report.jobs, report.after, invalidDates ?? 0], [1, [1, 'works'], 0]);
    for (const [what, count] of Object.entries(counts)) assert(count > (what === 'exists' ? 0 : ROUNDS / 50), `too few of ${what} for a fuzz: ${JSON.stringify(counts)}`);
  });
}
