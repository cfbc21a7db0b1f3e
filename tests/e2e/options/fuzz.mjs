// Random option objects: nested garbage, getters that throw or change their mind, proxies.

import assert from 'node:assert/strict';

const ROUNDS = 5000;

export default function fuzz(test) {
  test(`${ROUNDS} random option objects give a task, an invalid-argument or their own getter's error, and leave nothing behind`, async tab => {
    const report = await tab.run(async (library, { rounds, seed }) => {
      const { run, TaskManager, RetryPolicy, TaskloomError, runInExecutor, sessionTasks, gather, timeout, nextTurn } = library;
      let state = seed;
      const random = limit => { // xorshift32
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % limit;
      };
      class Own extends Error {} // what the garbage itself throws
      const own = () => { throw new Own('from the garbage'); };

      const keys = [
        'name', 'signal', 'timeout', 'queueTimeout', 'priority', 'retry', 'progressBuffer', 'key', 'deduplicate', 'maxAttempts', 'baseDelay', 'maxDelay',
        'multiplier', 'jitter', 'maxElapsed', 'attemptTimeout', 'retryOn', 'retryIf', 'delayFrom', 'onRetry', 'concurrency', 'maxQueue', 'maxCompleted',
        'rateLimit', 'limit', 'per', 'executor', 'context', 'manager', 'remember', 'storage', 'returnErrors', 'total', 'get', 'then', 'constructor',
        '__proto__', 'length',
      ];
      const simple = [
        () => undefined, () => null, () => NaN, () => -0, () => 0, () => 1, () => 3, () => -1, () => 0.5, () => 1.5, () => Infinity, () => -Infinity,
        () => 2 ** 31, () => 2 ** 32, () => 2 ** 32 + 1, () => 2 ** 53, () => 8.64e15, () => 8.64e15 + 2, () => 1e21, () => Number.MAX_VALUE, () => 5e-324,
        () => 10n, () => -(2n ** 70n), () => true, () => false, () => '', () => 'abc', () => '10ms', () => '1h', () => '1d12h', () => '999999999999w', () => '\ud800',
        () => '\0', () => 'microtask', () => 'user-blocking', () => 'background', () => '9'.repeat(500) + 's', () => '1e9s', () => Symbol('s'), () => Symbol.iterator,
        () => [], () => ({}), () => Object.create(null), () => new Map(), () => new Date(NaN), () => /x/, () => new Error('e'), () => Error, () => class {}, () => () => {},
        () => own, () => async () => own(), () => Promise.resolve(1), () => new Uint8Array(3), () => document, () => window, () => Object.freeze({ maxAttempts: 2 }),
        () => AbortSignal.abort(), () => new AbortController().signal, () => new AbortController(), () => new RetryPolicy({ maxAttempts: 2 }),
        () => new Proxy(new AbortController().signal, {}), () => new Proxy(new RetryPolicy(), {}), () => Object.create(AbortSignal.prototype),
        () => Object.create(RetryPolicy.prototype), () => Object.create(TaskManager.prototype), () => ({ total: own }),
        () => ({ total() { return this; } }), () => ({ total: () => 5 }), () => ({ total: () => ({ total: () => NaN }) }),
        () => ({ toString: own, valueOf: own, [Symbol.toPrimitive]: own }), () => ({ get [Symbol.toStringTag]() { return own(); } }),
      ];
      const simpleValue = () => simple[random(simple.length)]();
      const value = depth => {
        const kind = random(depth > 0 ? 12 : 9);
        if (kind === 9) return bag(depth - 1);
        if (kind === 10) return Array.from({ length: random(4) }, () => value(depth - 1));
        if (kind === 11) return wrapped(bag(depth - 1));
        return simpleValue();
      };
      const bag = depth => {
        const object = random(8) ? {} : Object.create(null);
        for (let i = random(5); i >= 0; i--) {
          const key = keys[random(keys.length)];
          const kind = random(12);
          if (kind === 0) Object.defineProperty(object, key, { get: own, enumerable: true, configurable: true });
          else if (kind === 1) {
            const first = value(depth);
            const later = simpleValue();
            let reads = 0;
            Object.defineProperty(object, key, { get: () => (reads++ ? later : first), enumerable: true, configurable: true });
          } else Object.defineProperty(object, key, { value: value(depth), enumerable: true, configurable: true, writable: true });
        }
        return object;
      };
      const wrapped = object => [
        () => new Proxy(object, {}),
        () => new Proxy(object, { get: own }),
        () => new Proxy(object, { get: () => simpleValue() }),
        () => new Proxy(object, { getPrototypeOf: own }),
        () => new Proxy(object, { ownKeys: own, has: own }),
        () => Object.freeze(object),
      ][random(6)]();
      const options = () => (random(10) ? (random(6) ? bag(2) : wrapped(bag(2))) : value(1));

      const manager = new TaskManager({ concurrency: 3 });
      const foreign = [];
      const counts = { tasks: 0, refused: 0, own: 0 };
      const tasks = [];
      const refused = (what, error) => {
        if (error instanceof Own) counts.own++;
        else if (error instanceof TaskloomError && error.code === 'invalid-argument') counts.refused++;
        else if (foreign.length < 20) foreign.push(`${what}: ${error?.stack?.split('\n').slice(0, 3).join(' | ') ?? String(error)}`);
      };
      const job = ctx => { if (random(3) === 0) throw new Error('of the job'); return ctx.attempt; };
      const kinds = {
        submit: () => manager.submit(job, options()),
        inRun: () => run(job, Object.defineProperty(bag(1), 'manager', { value: manager })),
        policy: () => void new RetryPolicy(options()),
        retry: () => manager.submit(job, { retry: options() }),
        executor: () => runInExecutor(job, options()),
        manager: () => void new TaskManager(options()),
        rate: () => void new TaskManager({ rateLimit: options() }),
        session: () => void sessionTasks('fuzz', options()),
        gather: () => void gather([], options()).catch(error => refused('gather, later', error)),
        timeout: () => void timeout(1, options()).catch(error => refused('timeout, later', error)),
      };
      const names = Object.keys(kinds);
      for (let round = 0; round < rounds; round++) {
        const name = random(2) ? 'submit' : names[random(names.length)];
        try {
          const before = manager.waiting + manager.running;
          try {
            const made = kinds[name]();
            if (made && name !== 'executor') {
              counts.tasks++;
              tasks.push(made);
            }
          } catch (error) {
            if (name === 'submit' && manager.waiting + manager.running !== before && foreign.length < 20) foreign.push(`${name}, round ${round}: half started`);
            throw error;
          }
        } catch (error) {
          refused(`${name}, round ${round}`, error);
        }
        if (random(40) === 0) await nextTurn();
      }
      await nextTurn();
      manager.cancelAll();
      await Promise.race([manager.onIdle(), new Promise(resolve => setTimeout(resolve, 3000))]);
      return {
        foreign, counts, idle: [manager.waiting, manager.running], open: tasks.filter(task => !task.done).length,
        after: [await run(() => 1), await manager.submit(() => 2), await run(() => 3, { retry: { maxAttempts: 2 }, priority: 'background' })],
      };
    }, { rounds: ROUNDS, seed: 20_261_121 });
    assert.deepEqual(report.foreign, []);
    assert.deepEqual([report.idle, report.open, report.after], [[0, 0], 0, [1, 2, 3]]);
    for (const [what, count] of Object.entries(report.counts)) assert(count > ROUNDS / 50, `too few of ${what} for a fuzz: ${JSON.stringify(report.counts)}`);
  });
}
