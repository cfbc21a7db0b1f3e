// Wrong values by call. A page reads them, so they are source text; each call has VALUE where the value goes.
// undefined and null are options that are not given, except where there is no call without.

import assert from 'node:assert/strict';

const DURATION = [
  '-1', 'NaN', 'Infinity', '-Infinity', '8.64e15 + 2', '1e300', '""', '" "', '"abc"', '"5"', '"1h 5"', '"-1s"', '"1e3s"', '"1m1h"', '"1s1s"', '"5parsecs"', 'true', 'false',
  '{}', '[]', '[5]', '10n', 'Symbol("s")', '() => 5', 'new Date(5)', '{ total: 5 }', '{ total: () => NaN }', '{ total: () => -1 }', '{ total: () => "soon" }',
  '{ total() { throw new RangeError("has months") } }', '{ total: () => ({}) }', '{ total: () => undefined }',
];
/** For what is a limit: Infinity is none. */
const LIMIT = DURATION.filter(value => value !== 'Infinity');
const FUNCTION = ['5', '"yes"', '{}', 'true', '[]', 'Symbol("s")', '1n'];
const STRING = ['5', 'true', '{}', '[]', '["a"]', 'Symbol("s")', '1n', '() => "a"'];
const BOOLEAN = ['5', '1', '0', '"yes"', '"false"', '{}', '[]'];
const OBJECT = ['5', '"text"', 'true', 'Symbol("s")', '1n'];
const COUNT = ['-1', '1.5', 'NaN', '-Infinity', '"3"', 'true', '{}', '[3]', '3n', 'Symbol("s")'];
const AT_LEAST_1 = [...COUNT, '0', '-0'];
const PRIORITY = ['"urgent"', '""', '"Background"', '0', '1', 'true', '{}', '["background"]', 'Symbol("s")'];
const SIGNAL = ['5', '"signal"', '{}', 'true', 'new AbortController()', '{ aborted: true }'];
const RULES = ['5', 'true', '{}', '[5]', '[Error, {}]', '[null]', '[undefined]', '/busy/', 'new Error("no")', '[["nested"]]', 'Symbol("s")', '() => true'];
const TASK = ['5', '"text"', 'undefined', 'null', '{}', 'Promise.resolve()', '() => 1'];

const TASK_OPTIONS = {
  name: STRING, signal: SIGNAL, timeout: LIMIT, queueTimeout: LIMIT, priority: PRIORITY, progressBuffer: AT_LEAST_1.concat('Infinity'),
  key: STRING.filter(value => value !== '() => "a"'), // which runInExecutor takes
  deduplicate: BOOLEAN, retry: [...OBJECT, '() => true'],
};
const RETRY_OPTIONS = {
  maxAttempts: AT_LEAST_1, baseDelay: DURATION, maxDelay: LIMIT, multiplier: ['0', '0.99', '-1', 'NaN', 'Infinity', '"2"', '2n', '{}', 'Symbol("s")'],
  jitter: ['-0.01', '1.01', 'NaN', 'Infinity', '"0.5"', 'true', '{}', 'Symbol("s")'], maxElapsed: LIMIT,
  attemptTimeout: [...LIMIT, '0', '"0ms"'], retryOn: RULES, retryIf: FUNCTION, delayFrom: FUNCTION, onRetry: FUNCTION,
};
const MANAGER_OPTIONS = { concurrency: AT_LEAST_1, maxQueue: COUNT, maxCompleted: COUNT, rateLimit: [...OBJECT, '() => 1'] };

const all = (options, call) => Object.entries(options).map(([name, values]) => [call.replace('NAME', name), name, values]);

/** By function: the calls, the word that says in a refusal what was wrong, and the wrong values. */
const TABLE = {
  ...Object.fromEntries(['run(fn, OPTIONS)', 'new TaskManager().submit(fn, OPTIONS)', 'context.run(fn, OPTIONS)'].map(call => [call, [
    ...all(TASK_OPTIONS, call.replace('OPTIONS', '{ NAME: VALUE }')),
    [call.replace('fn, OPTIONS', 'VALUE'), 'task', ['undefined', 'null', '5', '{}', '"code()"', 'Promise.resolve()', 'Symbol("s")']],
    [call.replace('OPTIONS', 'VALUE'), 'options', [...OBJECT, '() => {}']],
  ]])),
  'run() in a manager': [['run(fn, { manager: VALUE })', 'manager', ['5', '"manager"', '{}', 'true', 'TaskManager', '{ submit: () => 1 }']]],
  RetryPolicy: [
    ...all(RETRY_OPTIONS, 'new RetryPolicy({ NAME: VALUE })'), ...all(RETRY_OPTIONS, 'run(fn, { retry: { NAME: VALUE } })'),
    ['new RetryPolicy(VALUE)', 'retry', [...OBJECT, 'null', '() => 1']],
  ],
  TaskManager: [
    ...all(MANAGER_OPTIONS, 'new TaskManager({ NAME: VALUE })'),
    ['new TaskManager({ rateLimit: { limit: VALUE, per: 1000 } })', 'rateLimit.limit', [...AT_LEAST_1, 'undefined']],
    ['new TaskManager({ rateLimit: { limit: 1, per: VALUE } })', 'rateLimit.per', [...DURATION, '0', 'undefined', 'null']],
    ['new TaskManager(VALUE)', 'options', [...OBJECT, 'null', '() => 1']],
    ['new TaskManager().concurrency = VALUE', 'concurrency', AT_LEAST_1],
    ['new TaskManager().alias(VALUE, "name")', 'task', TASK],
    ['(manager => manager.alias(manager.submit(() => 1), VALUE))(new TaskManager())', 'alias', [...STRING, 'undefined']],
    ['new TaskManager().onWaitingBelow(VALUE)', 'limit', ['0', '-1', 'NaN', '"3"', 'null', 'undefined', '{}', '3n', 'Symbol("s")']],
  ],
  'asCompleted, gather, race': [
    ...['asCompleted', 'gather', 'race'].map(name => [`${name}(VALUE)`, 'tasks', ['5', 'undefined', 'null', '{}', 'true', 'finished', 'Promise.resolve([])']]),
    ['gather([], VALUE)', 'options', [...OBJECT, 'null', '() => 1']],
    ['gather([], { returnErrors: VALUE })', 'returnErrors', BOOLEAN],
  ],
  'timeout()': [['timeout(finished, VALUE)', 'time', [...LIMIT, 'undefined', 'null']]],
  'sessionTasks()': [
    ['sessionTasks(VALUE)', 'bucket', STRING],
    ['sessionTasks("bucket", VALUE)', 'options', [...OBJECT, 'null', '() => 1']],
    ['sessionTasks("bucket", { remember: VALUE })', 'remember', BOOLEAN],
    ['sessionTasks("bucket", { remember: true, storage: VALUE })', 'storage', ['5', '"text"', '{}', 'true', '{ get() {}, set() {} }', '{ get: 1, set() {}, delete() {} }']],
    ['sessionTasks("bucket").set(VALUE, finished)', 'name', [...STRING, 'undefined']],
    ['sessionTasks("bucket").set("name", VALUE)', 'task', TASK],
    ['sessionTasks("bucket").getOrRun("new name", VALUE)', 'getOrRun', ['undefined', 'null', '5', '{}', 'finished']],
    ['sessionTasks("bucket").getOrRun("new name", () => VALUE)', 'task', TASK],
    ['sessionTasks("bucket").getOrRun(VALUE, () => { calls++; return finished; })', 'name', [...STRING, 'undefined']],
  ],
  'runInExecutor()': [
    ...all(TASK_OPTIONS, 'runInExecutor(fn, { NAME: VALUE })()'),
    ['runInExecutor(VALUE)', 'function', ['undefined', 'null', '5', '{}', '"code()"', 'finished']],
    ['runInExecutor(fn, VALUE)', 'options', [...OBJECT, 'null', '() => 1']],
    ['runInExecutor(fn, { executor: VALUE })', 'executor', ['"thread"', '"process"', '""', '5', 'null', '{}', 'Symbol("s")']],
    ['runInExecutor(fn, { context: VALUE })', 'context', BOOLEAN],
    ['runInExecutor(fn, { manager: VALUE })()', 'manager', ['5', '"manager"', '{}', 'true', '{ submit: () => 1 }']],
  ],
  'listeners': [
    ['onTask(VALUE)', 'listener', FUNCTION.concat('undefined', 'null')],
    ['finished.subscribe(VALUE)', 'listener', FUNCTION.concat('undefined', 'null')],
  ],
  'init()': [['init({ trace: VALUE })', 'trace', BOOLEAN], ['init({ restart: VALUE })', 'restart', BOOLEAN]],
};

export default function table(test) {
  test('an option that is undefined is one that was not given', async tab => {
    assert.deepEqual(await tab.run(async ({
      TaskManager, WorkerPool, run, gather, sessionTasks, runInExecutor, RetryPolicy, cacheData, cacheResource, stateRef, sessionStore, scheduleInterval, scheduleCron, scheduleOnce, Cron, getScheduler,
    }) => {
      const { inlineWorkerPool } = await import('/node_modules/taskloom/bundled-inline.js');
      const none = names => Object.fromEntries(names.split(' ').map(name => [name, undefined]));
      const retry = none('maxAttempts baseDelay maxDelay multiplier jitter maxElapsed attemptTimeout retryOn retryIf delayFrom onRetry');
      const task = { ...none('name signal timeout queueTimeout priority progressBuffer key deduplicate'), retry };
      const cache = none('name ttl keepIf ttlJitter maxEntries maxBytes sizeOf hashFuncs ignore key refresh refreshEvery refreshConcurrency staleIfError maxStale errorTtl onEvict onRelease');
      const job = none('args jobId replaceExisting latestTaskName manager overlap missed grace maxQueue jitter immediately startAt endAt maxRuns signal scope lease onError name retry timeout queueTimeout priority progressBuffer');
      const state = none('namespace storage expiresIn version migrate durable enforceSerializable onError onFork');
      const workers = none('size minWorkers idleTimeout startTimeout cancelGrace maxQueue maxCompleted name');
      const manager = new TaskManager(none('concurrency maxQueue maxCompleted rateLimit cancelGrace timeout'));
      const pool = new WorkerPool('/workers/jobs.js', workers);
      const inline = inlineWorkerPool(workers);
      function named() { return 'named'; }
      const ran = runInExecutor(named, { ...task, ...none('executor context manager cache') })();
      const seen = [manager.concurrency === Infinity, new RetryPolicy(retry).maxAttempts, ran.name, inline.run(named, [], { ...task, ...none('transfer context') }).name];
      inline.dispose();
      seen.push(await run(() => 1, { ...task, manager: undefined }), await manager.submit(() => 2, task), await run(ctx => ctx.run(() => 3, task)));
      seen.push(await ran, await gather([run(() => 5)], { returnErrors: undefined }), sessionTasks(undefined, none('remember storage')).bucket);
      seen.push(await pool.run('add', [1, 2], { ...task, transfer: undefined }), await pool.run('add', [1, 2], none('retry')), await pool.close({ timeout: undefined }));
      const data = cacheData(named, { ...cache, ...none('copy persist version scope') });
      seen.push(data(), data.with(none('signal onProgress'))(), data.stats().hits, cacheResource(named, { ...cache, validate: undefined })());
      const ref = stateRef('undefined', { ...state, factory: () => 1, type: undefined, merge: undefined });
      const store = sessionStore(state);
      seen.push(ref.value, store.set('undefined', 2, none('expiresIn durable')).get('undefined'));
      const jobs = [
        scheduleInterval(named, { ...job, every: '1h' }), scheduleCron(named, { ...job, ...none('timeZone dialect'), cron: '0 0 1 1 *' }), scheduleOnce(named, { ...job, at: Date.now() + 9e6 }),
      ];
      seen.push(jobs.map(({ state }) => state), new Cron('0 9 * * *', none('timeZone dialect')).dialect);
      await getScheduler().shutdown({ cancelRunning: undefined });
      return seen;
    }), [true, 3, 'named', 'named', 1, 2, 3, 'named', [5], 'tasks', 3, 3, undefined, 'named', 'named', 1, 'named', 1, 2, ['active', 'active', 'active'], 'cron'].map(value => value ?? null));
  });

  for (const [what, rows] of Object.entries(TABLE)) {
    const cases = rows.flatMap(([call, name, values]) => values.map(value => ({ code: call.replace('VALUE', () => `(${value})`), name })));
    test(`${what}: each wrong value is an invalid-argument that names it, and starts nothing`, async tab => {
      const { results, calls } = await tab.run(`async library => {
        const { run, RetryPolicy, TaskManager, TaskloomError, onTask, nextTurn, asCompleted, gather, race, timeout, sessionTasks, runInExecutor, init } = library;
        let calls = 0;
        const fn = () => calls++;
        const finished = run(() => 1);
        let context;
        run(ctx => { context = ctx; return new Promise(() => {}); });
        await finished;
        const outcome = async call => {
          try {
            await Promise.race([call(), nextTurn().then(nextTurn)]); // some wait where they should refuse
            return 'nothing was thrown';
          } catch (error) {
            return error instanceof TaskloomError ? error.code + ': ' + error.message : 'foreign: ' + error;
          }
        };
        const results = await Promise.all([${cases.map(({ code }) => `() => ${code}`).join(',\n')}].map(outcome));
        await nextTurn();
        return { results, calls };
      }`);
      const wrong = cases.flatMap(({ code, name }, i) =>
        (results[i].startsWith('invalid-argument: ') && new RegExp(name).test(results[i]) ? [] : [`${code}: ${results[i]}`]));
      assert.deepEqual(wrong, []);
      assert.equal(calls, 0);
    });
  }
}
