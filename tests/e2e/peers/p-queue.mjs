// p-queue 9, by its readme.

import assert from 'node:assert/strict';

export default function pQueue(test) {
  test('add() gives what the function gives, sync or async, or what it throws', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const queue = new TaskManager({ concurrency: 1 });
      return [
        await queue.submit(() => 'sync'), await queue.submit(async () => 'async'), await queue.submit(async () => { throw new Error('no'); }).catch(error => error.message),
      ];
    }), ['sync', 'async', 'no']);
  });

  test('addAll() is a gather of submits', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, gather }) => {
      const queue = new TaskManager({ concurrency: 2 });
      return gather([1, 2, 3, 4].map(i => queue.submit(async () => i * 10)));
    }), [10, 20, 30, 40]);
  });

  test('size and pending are waiting and running', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const queue = new TaskManager({ concurrency: 2 });
      const counts = () => [queue.waiting, queue.running];
      const seen = [counts()];
      for (let i = 0; i < 5; i++) queue.submit(() => {});
      seen.push(counts());
      await queue.onIdle();
      return [...seen, counts()];
    }), [[0, 0], [3, 2], [0, 0]]);
  });

  test('a queue that is paused from the start holds its tasks until it is started', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const queue = new TaskManager();
      queue.pause();
      const task = queue.submit(() => 'done');
      await nextTurn();
      const before = [queue.isPaused, task.state];
      queue.resume();
      return [...before, queue.isPaused, await task];
    }), [true, 'pending', false, 'done']);
  });

  test('a task\'s timeout begins when it starts, not while it waits, and frees its place when the function has ended', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const queue = new TaskManager({ concurrency: 1 });
      const first = queue.submit(() => new Promise(resolve => setTimeout(resolve, 60)));
      const second = queue.submit(() => 'in time', { timeout: 30 });
      const third = queue.submit(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), { timeout: 10 });
      const fourth = queue.submit(() => 'after it');
      await first;
      return [await second, await third.catch(error => error.name), await fourth];
    }), ['in time', 'TimeoutError', 'after it']);
  });

  test('a signal takes a waiting task out of the queue, and is the running function\'s to heed', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn, deferred }) => {
      const queue = new TaskManager({ concurrency: 1 });
      const controllers = [new AbortController(), new AbortController()];
      const gate = deferred();
      let heard;
      const running = queue.submit(({ signal }) => { signal.addEventListener('abort', () => { heard = signal.reason; }); return gate.promise; }, { signal: controllers[0].signal });
      const waiting = queue.submit(() => 'never', { signal: controllers[1].signal });
      await nextTurn();
      controllers[1].abort();
      const seen = [queue.waiting, waiting.state];
      controllers[0].abort(new Error('enough'));
      const stillThere = queue.running;
      gate.resolve();
      await queue.onIdle();
      return [...seen, (await waiting.catch(error => error)).name, running.state, heard.message, stillThere, queue.running];
    }), [0, 'cancelled', 'AbortError', 'cancelled', 'enough', 1, 0]);
  });

  test('clear() is cancelWaiting(), with the difference that every task settles', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const queue = new TaskManager({ concurrency: 1 });
      const tasks = [1, 2, 3].map(i => queue.submit(async () => i));
      const count = queue.cancelWaiting();
      return [count, (await Promise.allSettled(tasks)).map(({ status, reason }) => reason?.name ?? status)];
    }), [3, Array(3).fill('AbortError')]);
  });

  test('onEmpty() and onSizeLessThan() are onWaitingBelow()', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const queue = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      const last = deferred();
      queue.submit(() => gate.promise);
      queue.submit(() => 1);
      queue.submit(() => last.promise);
      const seen = [];
      const watching = [2, 1].map(limit => queue.onWaitingBelow(limit).then(() => seen.push([limit, queue.running])));
      gate.resolve();
      await Promise.all(watching);
      last.resolve();
      return seen;
    }), [[2, 1], [1, 1]]);
  });

  test('interval and intervalCap in strict mode are rateLimit', async tab => {
    const starts = await tab.run(async ({ TaskManager }) => {
      const queue = new TaskManager({ rateLimit: { limit: 3, per: 40 } });
      const starts = [];
      for (let i = 0; i < 8; i++) queue.submit(() => starts.push(performance.now()));
      await queue.onIdle();
      return starts;
    });
    // In no span of 40 ms do more than 3 start; 2 ms for the coarse clocks of browsers.
    for (let i = 3; i < starts.length; i++) assert(starts[i] - starts[i - 3] >= 38, `${starts[i] - starts[i - 3]} ms`);
  });

  test('the events active, completed, error, add and next are onTask\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, onTask, nextTurn }) => {
      const queue = new TaskManager({ concurrency: 1 });
      const events = [];
      onTask(({ type, task }) => events.push(type === 'settled' ? task.state : type));
      await queue.submit(() => 1);
      await queue.submit(() => { throw new Error('no'); }).catch(() => {});
      await nextTurn();
      return events.join(' ');
    }), 'submitted started done submitted started error');
  });

  test('onError() has its like in gather(): the first failure is heard at once, and the rest is cancelled', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, gather, untilAborted }) => {
      const queue = new TaskManager({ concurrency: 2 });
      const tasks = [queue.submit(untilAborted), queue.submit(async () => { throw new Error('first failure'); }), queue.submit(untilAborted)];
      const heard = await gather(tasks).catch(error => error.message);
      await queue.onIdle();
      return [heard, tasks.map(task => task.state)];
    }), ['first failure', ['cancelled', 'error', 'cancelled']]);
  });

  test('runningTasks is an iteration, with name, start and state', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const queue = new TaskManager({ concurrency: 2 });
      for (const name of ['user-123', 'posts-456', 'waits']) queue.submit(() => new Promise(() => {}), { name });
      await nextTurn();
      return [...queue].filter(task => task.state === 'running').map(task => [task.name, task.startedAt instanceof Date]);
    }), [['user-123', true], ['posts-456', true]]);
  });
}
