// What counts as a promise: anything with a `then`, a function too. The same everywhere.

import assert from 'node:assert/strict';

export default function thenables(test) {
  test('a function that has a then is waited for, by a task, a cache, a resource, a schedule and a group alike', async tab => {
    assert.deepEqual(await tab.run(async ({ run, cacheData, cacheResource, runInExecutor, scheduleInterval, asCompleted, gather, race, timeout }) => {
      const callable = () => Object.assign(() => {}, { then(resolve) { resolve(42); } });
      const inCache = cacheData(callable);
      const inResource = cacheResource(callable);
      const shared = cacheData(callable, { scope: 'origin', name: 'callable' });
      const job = scheduleInterval(callable, { every: '1h' });
      const completed = [];
      for await (const { index } of asCompleted([callable()])) completed.push(index);
      const seen = {
        task: await run(callable),
        child: await run(ctx => ctx.run(callable)),
        executor: await runInExecutor(callable)(),
        miss: await inCache(),
        hit: await inCache(),
        peeked: inCache.peek(),
        resource: await inResource(),
        sameResource: await inResource(),
        origin: await shared(),
        job: await job.runNow(),
        completed,
        gathered: await gather([callable()]),
        raced: await race([callable()]),
        inTime: await timeout(callable(), '10s'),
      };
      job.cancel();
      return seen;
    }), {
      task: 42, child: 42, executor: 42, miss: 42, hit: 42, peeked: 42, resource: 42, sameResource: 42, origin: 42, job: 42, completed: [0], gathered: [42],
      raced: 42, inTime: 42,
    });
  });

  test('a refreshed value that a callable thenable gives is its value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      let number = 0;
      const cached = cacheData(() => Object.assign(() => {}, { then(resolve) { resolve(++number); } }));
      const first = await cached();
      await cached.refresh();
      return [first, await cached()];
    }), [1, 2]);
  });

  test('retryIf may answer by a callable thenable', async tab => {
    assert.equal(await tab.run(async ({ run }) => {
      const answer = value => Object.assign(() => {}, { then(resolve) { resolve(value); } });
      const task = run(() => { throw new Error('no'); }, { retry: { maxAttempts: 5, retryIf: (_, { attempt }) => answer(attempt < 2) } });
      await task.catch(() => {});
      return task.attempt;
    }), 2);
  });
}
