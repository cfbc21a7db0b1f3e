// Timeouts, retries, keys, priorities, a bounded line, and pausing: the options of a task, for a call.

import assert from 'node:assert/strict';

export default function limits(test) {
  test('a timeout fails the call with a TimeoutError, of which the job is told', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const me = await pool.api.me();
      const task = pool.run('untilAborted', [], { timeout: 30 });
      const error = await task.catch(error => error);
      await task.stopped;
      const [[name]] = await pool.api.journal();
      return [error.name, error instanceof DOMException, task.state, name, await pool.api.me() === me];
    }), ['TimeoutError', true, 'error', 'TimeoutError', true]);
  });

  test('a loop for ever ends by its timeout, and only that call fails', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 30 });
      const tasks = [pool.api.add(1, 1), pool.run('spin', [], { timeout: 50 }), pool.api.add(2, 2), pool.api.add(3, 3)];
      const outcomes = await Promise.allSettled(tasks);
      return [outcomes.map(({ value, reason }) => reason?.name ?? value), pool.stats().started, pool.stats().lost];
    }), [[2, 'TimeoutError', 4, 6], 2, 0]);
  });

  test('a timeout does not run while the call waits for a worker', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const held = gate();
      const first = pool.api.wait(held.id);
      const waits = pool.run('add', [1, 2], { timeout: 1000 });
      await held.reached();
      await new Promise(resolve => setTimeout(resolve, 1100)); // longer than its timeout: time is what this is about
      await held.open();
      await first;
      return [await waits, waits.state];
    }), [3, 'done']);
  });

  test('a queueTimeout fails a call that waits too long, which never runs', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const held = gate();
      const id = crypto.randomUUID();
      const first = pool.api.wait(held.id);
      await held.reached();
      const waits = pool.run('count', [id], { queueTimeout: 20 });
      const error = await waits.catch(error => error);
      const cold = new WorkerPool(`/workers/late.js?${held.id}`, { size: 1 }).run('add', [1, 2], { queueTimeout: 20 });
      const coldError = await cold.catch(error => error);
      await held.open();
      await first;
      await pool.onIdle();
      return [error.name, waits.startedAt, coldError.name, await countOf(id)];
    }), ['TimeoutError', null, 'TimeoutError', 0]);
  });

  test('a queueTimeout is over when the call starts, also of one that the worker was sent ahead', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 40; i++) await pool.api.blockOrNot(); // it is taken for short
      const held = gate();
      const [, task] = [pool.api.blockOrNot(), pool.run('blockOrNot', [held.id], { queueTimeout: 500 })];
      await held.reached();
      const { state } = task;
      await new Promise(resolve => setTimeout(resolve, 600)); // longer than its queueTimeout: time is what this is about
      await held.open();
      await task.catch(() => {});
      return [state, task.state];
    }), ['running', 'done']);
  });

  test('a call with any option starts at once on a pool that has nothing to do', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, nextTurn }) => {
      const seen = [];
      for (const options of [
        { timeout: '10s' }, { queueTimeout: '10s' }, { retry: { maxAttempts: 2 } }, { retry: { maxAttempts: 2, attemptTimeout: '10s' } },
        { priority: 'background' }, { name: 'named', key: 'keyed', signal: new AbortController().signal },
      ]) {
        // Without a timer that would have the pool look at its line before this test is over.
        const pool = new WorkerPool('/workers/jobs.js', { size: 1, idleTimeout: Infinity, startTimeout: '1h' });
        await pool.warm();
        await nextTurn();
        seen.push(await pool.run('add', [1, 2], options));
        pool.dispose();
      }
      return seen;
    }), Array(6).fill(3));
  });

  test('a call that waits for its next attempt is with no worker', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const task = pool.run('fail', ['no'], { retry: { maxAttempts: 2, baseDelay: '1h' } });
      await until(() => task.attempt === 1 && pool.stats().workers[0].state === 'idle');
      const seen = [task.state, pool.running, pool.stats().running, pool.waiting];
      task.cancel();
      await pool.onIdle();
      return seen;
    }), ['running', 0, 0, 0]);
  });

  test('a retry policy runs a failed call again, with the number of the attempt', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, RetryPolicy }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const me = await pool.api.me();
      const heard = [];
      const task = pool.run('failUntil', [3], { retry: new RetryPolicy({ maxAttempts: 5, onRetry: (error, { attempt }) => heard.push([error.message, attempt]) }) });
      const [attempt, worker] = await task;
      const failed = pool.run('failUntil', [9], { retry: { maxAttempts: 2, retryIf: error => error.message.startsWith('attempt') } });
      const refused = pool.run('failUntil', [9], { retry: { maxAttempts: 9, retryIf: () => false } });
      await Promise.allSettled([failed, refused]);
      return [attempt, task.attempt, worker === me, heard.length, failed.error.message, refused.error.message, pool.stats().started];
    }), [3, 3, true, 2, 'attempt 2', 'attempt 1', 1]);
  });

  test('a call whose worker dies is made again only if its retry policy says so', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const again = pool.run('closeUntil', [3], { retry: { maxAttempts: 5 } });
      const value = await again;
      const once = pool.run('closeUntil', [2]);
      const error = await once.catch(error => error);
      return [value, again.attempt, pool.stats().started, error.code, once.attempt];
    }), [3, 3, 3, 'worker-lost', 1]);
  });

  test('attemptTimeout ends a worker that loops, and the next attempt runs in another', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 30 });
      const task = pool.run('spinUntil', [2], { retry: { maxAttempts: 3, attemptTimeout: 300 } });
      return [await task, task.attempt, pool.stats().started];
    }), [2, 2, 2]);
  });

  test('with deduplicate, calls of one key are one call', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const held = gate();
      const id = crypto.randomUUID();
      const options = { key: 'load', deduplicate: true };
      const tasks = [0, 1, 2].map(() => pool.run('blockOrNot', [held.id, id], options));
      await held.reached();
      const during = pool.run('blockOrNot', [held.id, id], options);
      await held.open();
      await Promise.all(tasks);
      const one = [tasks[0] === tasks[1], during === tasks[0], await countOf(id)];
      await pool.run('blockOrNot', [held.id, id], options);
      return [...one, await countOf(id)];
    }), [true, true, 1, 2]);
  });

  test('the urgent are sent first, and each class keeps its order', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      pool.pause();
      const priorities = ['background', 'user-visible', 'user-blocking', undefined, 'background', 'user-blocking'];
      const tasks = priorities.map((priority, i) => pool.run('note', [i], { priority }));
      pool.resume();
      await Promise.all(tasks);
      return pool.api.journal();
    }), [2, 5, 1, 3, 0, 4]);
  });

  test('maxQueue bounds what waits beyond what the workers take', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, maxQueue: 2 });
      const held = gate();
      const tasks = Array.from({ length: 5 }, () => pool.api.wait(held.id)); // before a worker is there
      const cold = tasks.map(({ state, error }) => error?.code ?? state);
      await held.reached();
      const later = pool.api.wait(held.id);
      const warm = [pool.running, pool.waiting, later.error?.code];
      await held.open();
      await Promise.allSettled(tasks);
      return [cold, warm, tasks.map(({ state }) => state), await pool.api.add(1, 2)];
    }), [['pending', 'pending', 'pending', 'queue-full', 'queue-full'], [1, 2, 'queue-full'], ['done', 'done', 'done', 'error', 'error'], 3]);
  });

  test('a worker that has answered makes room at once, however small maxQueue is', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const seen = [];
      for (const maxQueue of [0, 1]) {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1, maxQueue });
        for (let round = 0; round < 10; round++) {
          const outcomes = await Promise.allSettled(Array.from({ length: maxQueue + 2 }, () => pool.api.echo('done')));
          seen.push(outcomes.map(({ value, reason }) => reason?.code ?? value).join());
        }
      }
      return seen;
    }), [...Array(10).fill('done,queue-full'), ...Array(10).fill('done,done,queue-full')]);
  });

  test('a paused pool sends nothing new, and what its workers have goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, nextTurn }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const held = gate();
      const first = pool.api.wait(held.id);
      await held.reached();
      pool.pause();
      const waits = pool.api.add(1, 2);
      await held.open();
      await first;
      for (let i = 0; i < 20; i++) await nextTurn();
      const paused = [pool.isPaused, waits.state, pool.waiting, pool.running];
      pool.resume();
      return [paused, await waits, pool.isPaused];
    }), [[true, 'pending', 1, 0], 3, false]);
  });

  test('a pool that is paused from the start makes no worker', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, nextTurn }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      pool.pause();
      const task = pool.api.add(1, 2);
      for (let i = 0; i < 20; i++) await nextTurn();
      const { started } = pool.stats();
      pool.resume();
      return [started, await task];
    }), [0, 3]);
  });

  test('onIdle and onWaitingBelow feed a long list piece by piece', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2, maxQueue: 20 });
      await pool.onIdle();
      let most = 0;
      const tasks = [];
      for (let i = 0; i < 300; i++) {
        await pool.onWaitingBelow(10);
        tasks.push(pool.api.add(i, i));
        most = Math.max(most, pool.waiting);
      }
      await pool.onIdle();
      return [tasks.every((task, i) => task.result === 2 * i), most <= 10, pool.waiting, pool.running];
    }), [true, true, 0, 0]);
  });

  test('the pool keeps its latest finished calls', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, maxCompleted: 3 });
      for (let i = 0; i < 400; i++) await pool.run('echo', [i], { name: `call ${i}` });
      const held = gate();
      const last = pool.run('wait', [held.id], { name: 'held' });
      const names = [...pool].map(({ name }) => name);
      await held.open();
      await last;
      return [names.at(-1), names.at(-2), names.length < 400];
    }), ['held', 'call 399', true]);
  });
}
