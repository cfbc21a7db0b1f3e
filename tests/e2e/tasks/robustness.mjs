// Errors of the library's own, and input that nobody would write.

import assert from 'node:assert/strict';

export default function robustness(test) {
  test('a TaskloomError is an Error with a code, a name, a stack and a cause', async tab => {
    assert.deepEqual(await tab.run(({ run, TaskloomError, NonRetryableError }) => {
      let error;
      try { run(5); } catch (thrown) { error = thrown; }
      const cause = new Error('below');
      const own = new TaskloomError('not-complete', 'mine', { cause });
      return [
        error instanceof TaskloomError, error instanceof Error, error.name, error.code, typeof error.stack, String(error).startsWith('TaskloomError: '),
        own.cause === cause, own.message, new NonRetryableError() instanceof TaskloomError,
      ];
    }), [true, true, 'TaskloomError', 'invalid-argument', 'string', true, true, 'mine', true]);
  });

  test('an error of a class of the user\'s, and one from another frame, come through as they are', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      class HttpError extends Error {
        constructor(status) {
          super(`answered ${status}`);
          this.status = status;
        }
      }
      const own = await run(() => { throw new HttpError(503); }).catch(error => error);
      const frame = document.body.appendChild(document.createElement('iframe'));
      const foreign = new frame.contentWindow.RangeError('from the frame');
      const task = run(() => { throw foreign; });
      const same = await task.catch(error => error === foreign);
      const value = await run(() => frame.contentWindow.Promise.resolve('a promise of the frame'));
      return [own instanceof HttpError, own.status, same, task.error === foreign, value];
    }), [true, 503, true, true, 'a promise of the frame']);
  });

  test('a reason from another frame that is an Error there is passed on as it is', async tab => {
    assert.equal(await tab.run(async ({ run }) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      const reason = new frame.contentWindow.Error('from the frame');
      const task = run(() => 1);
      task.cancel(reason);
      return task.error === reason;
    }), true);
  });

  test('random garbage as function and options gives a task or a TaskloomError, and the library works on', async tab => {
    const ROUNDS = 3000;
    for (const seed of [1, 20_011, 4_000_037]) {
      const { foreign, counts, after } = await tab.run(async ({ run, TaskManager, RetryPolicy, TaskloomError, nextTurn }, { seed, rounds }) => {
        let state = seed;
        const random = limit => { // xorshift32
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          return (state >>> 0) % limit;
        };
        const hostile = { toString() { throw new Error('toString'); }, [Symbol.toPrimitive]() { throw new Error('toPrimitive'); } };
        const manager = new TaskManager({ concurrency: 2, maxQueue: 5 });
        const values = [
          undefined, null, NaN, -0, 0, 1, -1, 1.5, 3, 1e21, -Infinity, Infinity, 2 ** 53, 2 ** 31, 2 ** 32, '', 'abc', '10ms', '1h', '\ud800', '\0',
          '9'.repeat(400) + 's', '1e309s', true, false, 10n, -1n, Symbol('s'), Symbol.iterator, [], [1], [undefined], {}, Object.freeze({}),
          Object.create(null), hostile, new Date(NaN), new Map(), new Uint8Array(4), /x/g, new Error('e'), Promise.resolve(1), document, window,
          AbortSignal.abort(), AbortSignal.abort('why'), new AbortController().signal, { total: () => 5 }, { total: () => 'abc' }, { total: () => NaN },
          { total() { throw new Error('total'); } }, { total: () => hostile }, 'user-blocking', 'background', manager, new RetryPolicy(),
          { maxAttempts: 3, baseDelay: 1 }, { maxAttempts: Infinity, retryOn: 'abc' }, { retryIf: () => hostile }, { delayFrom: () => hostile },
          new Proxy({}, {}), () => {}, class {}, function* () {}, Error, parseInt, document.createElement, Object.freeze(() => 1),
          new Proxy(() => 1, {}), (() => 1).bind(null), () => hostile, () => { throw hostile; }, () => { throw undefined; },
          async () => { throw null; }, () => new Promise(() => {}), () => Promise.reject(Symbol('rejected')),
          ctx => ctx.progress(hostile), ctx => ctx.run(hostile), ctx => ctx.run(() => 1, hostile), ctx => ctx.checkpoint(), ctx => ctx.signal,
          () => ({ then: hostile }), () => ({ then() { throw hostile; } }), () => ({ then(a, b) { a(1); b(2); a(3); } }),
        ];
        const keys = [
          'name', 'signal', 'timeout', 'queueTimeout', 'priority', 'retry', 'progressBuffer', 'key', 'deduplicate', 'manager', 'context', 'other',
        ];
        const pick = () => values[random(values.length)];
        const bag = () => {
          const options = {};
          for (let i = random(4); i >= 0; i--) options[keys[random(keys.length)]] = pick();
          return options;
        };
        const functions = values.filter(value => typeof value === 'function');
        const noFunctions = values.filter(value => typeof value !== 'function'); // what a listener throws is reported, as it should be

        const foreign = [];
        const counts = { tasks: 0, refused: 0 };
        const tasks = [];
        const guarded = (what, call) => {
          try {
            return call();
          } catch (error) {
            if (error instanceof TaskloomError && error.code === 'invalid-argument') counts.refused++;
            else foreign.push(`${what}: ${error?.stack ?? typeof error}`);
          }
        };
        for (let round = 0; round < rounds; round++) {
          const fn = random(3) ? functions[random(functions.length)] : pick();
          const options = random(5) ? bag() : pick();
          const task = guarded(`round ${round}`, () => (random(2) ? run(fn, options) : manager.submit(fn, options)));
          if (task) {
            counts.tasks++;
            tasks.push(task);
            if (random(4) === 0) guarded(`round ${round}, cancel`, () => task.cancel(pick()));
            if (random(4) === 0) guarded(`round ${round}, subscribe`, () => task.subscribe(noFunctions[random(noFunctions.length)]));
          }
          if (random(8) === 0) guarded(`round ${round}, policy`, () => new RetryPolicy(pick()));
          if (random(8) === 0) guarded(`round ${round}, manager`, () => new TaskManager(random(2) ? pick() : { concurrency: pick(), maxQueue: pick() }));
          if (random(50) === 0) await nextTurn();
        }
        await nextTurn();
        for (const task of tasks) task.cancel();
        const settled = await Promise.allSettled(tasks);
        return {
          foreign, counts,
          after: [settled.length === tasks.length, tasks.every(task => task.done), await run(() => 42), await run(() => 43, { priority: 'user-visible' })],
        };
      }, { seed, rounds: ROUNDS });
      assert.deepEqual(foreign, [], `seed ${seed}`);
      assert.deepEqual(after, [true, true, 42, 43], `seed ${seed}`);
      assert(counts.tasks > ROUNDS / 20 && counts.refused > ROUNDS / 20, `a fuzz that tries both: ${JSON.stringify(counts)}`);
    }
  });

  test('thousands of tasks that were cancelled or have failed leave the engine empty', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, untilAborted, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 10, maxCompleted: 5 });
      for (let i = 0; i < 3000; i++) {
        manager.submit([untilAborted, () => { throw new Error('no'); }, () => i][i % 3], { timeout: '1h' });
        if (i % 100 === 0) await nextTurn();
      }
      manager.cancelAll('all of it');
      await manager.onIdle();
      manager.cleanup();
      return [manager.waiting, manager.running, [...manager].length];
    }), [0, 0, 5]);
  });
}
