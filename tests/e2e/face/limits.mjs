// Infinity where a limit is an option, and what messages of timeouts and cancels say.

import assert from 'node:assert/strict';

export default function limits(test) {
  test('Infinity is no limit: of tasks, retries, pools, caches, states, schedules, managers', async tab => {
    assert.deepEqual(await tab.run(async ({ run, timeout, RetryPolicy, TaskManager, WorkerPool, cacheData, sessionStore, scheduleInterval }) => {
      const retry = { maxAttempts: Infinity, maxElapsed: Infinity, attemptTimeout: Infinity, maxDelay: Infinity };
      const seen = [await run(ctx => { if (ctx.attempt < 5) throw new Error('no'); return ctx.deadline; }, { timeout: Infinity, queueTimeout: Infinity, retry })];
      seen.push(new RetryPolicy({ baseDelay: '1h', maxDelay: Infinity }).delayForAttempt(20) === 3_600_000 * 2 ** 20);
      seen.push(await timeout(run(() => 'in time'), Infinity));
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, startTimeout: Infinity, cancelGrace: Infinity, idleTimeout: Infinity, maxQueue: Infinity });
      seen.push(await pool.run('add', [1, 2], { timeout: Infinity, queueTimeout: Infinity }));
      const options = { ttl: Infinity, errorTtl: Infinity, staleIfError: Infinity, maxEntries: Infinity, maxBytes: Infinity };
      let calls = 0;
      const failing = cacheData(async () => { calls++; throw new Error('kept'); }, options);
      for (let i = 0; i < 3; i++) await failing().catch(() => {});
      seen.push(calls);
      sessionStore({ expiresIn: Infinity }).set('key', 'stays', { expiresIn: Infinity });
      seen.push(sessionStore().get('key'));
      const job = scheduleInterval(() => 1, { every: '1h', grace: Infinity, endAt: Infinity, maxRuns: Infinity, maxQueue: Infinity, timeout: Infinity, queueTimeout: Infinity });
      seen.push(await job.runNow(), job.state);
      const manager = new TaskManager({ concurrency: Infinity, maxQueue: Infinity, maxCompleted: Infinity, rateLimit: { limit: Infinity, per: '1s' } });
      return [...seen, (await Promise.all(Array.from({ length: 50 }, () => manager.submit(() => 1)))).length];
    }), [null, true, 'in time', 3, 1, 'stays', 1, 'active', 50]);
  });

  test('a duration that is no limit is not infinite', async tab => {
    assert.deepEqual(await tab.run(({ RetryPolicy, scheduleInterval, TaskManager, thrownBy }) => [
      () => new RetryPolicy({ baseDelay: Infinity }), () => scheduleInterval(() => {}, { every: Infinity }), () => scheduleInterval(() => {}, { every: 1, startAt: Infinity }),
      () => new TaskManager({ rateLimit: { limit: 1, per: Infinity } }), () => new RetryPolicy({ maxDelay: -Infinity }),
    ].map(call => thrownBy(call).code)), Array(5).fill('invalid-argument'));
  });

  test('maxElapsed: 0 is one attempt', async tab => {
    assert.deepEqual(await tab.run(async ({ run, WorkerPool }) => {
      const failing = run(() => { throw new Error('no'); }, { retry: { maxAttempts: 5, maxElapsed: 0 } });
      const written = run(() => { throw new Error('no'); }, { retry: { maxAttempts: 5, maxElapsed: '0s' } });
      const call = new WorkerPool('/workers/jobs.js').run('fail', ['no'], { retry: { maxAttempts: 5, maxElapsed: 0 } });
      await Promise.allSettled([failing, written, call]);
      return [failing.attempt, written.attempt, call.attempt, await run(() => 'one', { retry: { maxElapsed: 0 } })];
    }), [1, 1, 1, 'one']);
  });

  test('messages of timeouts and cancels name the task, and the time or the reason', async tab => {
    assert.deepEqual(await tab.run(async ({ run, timeout, TaskManager, WorkerPool, untilAborted }) => {
      const said = task => Promise.resolve(task).then(() => 'no error', error => error.message);
      const waiting = new TaskManager({ concurrency: 1 });
      waiting.submit(untilAborted);
      const cancelled = (options, reason) => {
        const task = run(untilAborted, options);
        task.cancel(reason);
        return said(task);
      };
      const parent = run(ctx => { ctx.run(untilAborted, { name: 'child' }).catch(error => { parent.heard = error.message; }); return untilAborted(ctx); }, { name: 'parent', timeout: 20 });
      const messages = [
        await said(run(untilAborted, { name: 'load', timeout: 20 })), await said(run(untilAborted, { timeout: '20ms' })),
        await said(waiting.submit(() => 1, { name: 'late', queueTimeout: 10 })),
        await said(run(untilAborted, { name: 'tries', retry: { maxAttempts: 1, attemptTimeout: 15 } })),
        await said(run(untilAborted, { name: 'tries', retry: { maxAttempts: 2, attemptTimeout: 15 } })),
        await cancelled({ name: 'load' }), await cancelled({ name: 'load' }, 'the user has left'), await cancelled({}, { code: 5 }),
        await said(timeout(run(untilAborted, { name: 'inner' }), 10)),
        await said(new WorkerPool('/workers/jobs.js', { cancelGrace: 0 }).run('untilAborted', [], { timeout: 300 })),
      ];
      await said(parent);
      waiting.cancelAll();
      return [...messages, parent.heard];
    }), [
      "The task 'load' took longer than its timeout of 20 ms", 'The task took longer than its timeout of 20 ms',
      "The task 'late' waited longer than its queueTimeout of 10 ms to start",
      "The last attempt of the task 'tries' took longer than its attemptTimeout of 15 ms",
      "The last attempt of the task 'tries' took longer than its attemptTimeout of 15 ms",
      "The task 'load' was cancelled", "The task 'load' was cancelled: 'the user has left'", 'The task was cancelled: [object Object]',
      "The task 'inner' took longer than its timeout of 10 ms",
      "The task 'untilAborted' took longer than its timeout of 300 ms",
      "The task 'parent' took longer than its timeout of 20 ms", // what has ended the parent
    ]);
  });
}
