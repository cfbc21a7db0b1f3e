// Timeouts.

import assert from 'node:assert/strict';

export default function limits(test) {
  test('a task that takes longer than its timeout fails with a TimeoutError and its signal aborts with it', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const aborted = deferred();
      const task = run(({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve(signal.reason));
        return new Promise(() => {});
      }, { timeout: 20 });
      const error = await task.catch(error => error);
      return [error.name, error instanceof DOMException, task.state, task.error === error, await aborted.promise === error];
    }), ['TimeoutError', true, 'error', true, true]);
  });

  test('a task that ends in time is left alone, its timer with it', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const quick = run(() => 'in time', { timeout: 15 });
      const value = await quick;
      await run(() => new Promise(() => {}), { timeout: 30 }).catch(() => {}); // later than quick's time
      return [value, quick.state, quick.result];
    }), ['in time', 'done', 'in time']);
  });

  test('each of many timeouts fires for its own task, in the order of time', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const order = [];
      // Far enough apart for a page that is held up while it makes them.
      await Promise.allSettled([600, 200, 1000, 400, 800].map(timeout =>
        run(() => new Promise(() => {}), { timeout }).catch(() => order.push(timeout))));
      return order;
    }), [200, 400, 600, 800, 1000]);
  });

  test('durations are numbers, strings and Temporal-like objects alike', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const names = [];
      for (const timeout of [10, '10ms', '0.01s', { total: ({ unit }) => (unit === 'milliseconds' ? 10 : NaN) }, 0]) {
        names.push((await run(() => new Promise(() => {}), { timeout }).catch(error => error)).name);
      }
      const long = [2 ** 31, 8.64e15, '52w', '1h30m'].map(timeout => run(() => 'done', { timeout }));
      return [names, await Promise.all(long.map(task => task.then()))];
    }), [Array(5).fill('TimeoutError'), Array(4).fill('done')]);
  });

  test('ctx.deadline says when the task, or what it is a child of, runs out of time', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const before = Date.now();
      const [own, inChild, none] = await run(async ctx => {
        const inChild = await ctx.run(child => child.deadline);
        return [ctx.deadline, inChild, await run(other => other.deadline)];
      }, { timeout: 60_000 });
      const from = date => Math.abs(date - before - 60_000) < 10_000;
      return [own instanceof Date, from(own), Math.abs(own - inChild) <= 1, none];
    }), [true, true, true, null]);
  });

  test('a task that waits longer than its queueTimeout fails without ever starting', async tab => {
    assert.deepEqual(await tab.run(async ({ run, TaskManager, deferred }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      let calls = 0;
      const blocking = run(() => gate.promise, { manager, queueTimeout: 20 });
      const waiting = manager.submit(() => calls++, { queueTimeout: 20 });
      const error = await waiting.catch(error => error);
      const seen = [error.name, waiting.state, waiting.startedAt, calls, blocking.state, manager.waiting, manager.running];
      gate.resolve('done');
      await manager.onIdle();
      return [...seen, calls, await blocking, await manager.submit(() => 'next', { queueTimeout: 20 })];
    }), ['TimeoutError', 'error', null, 0, 'running', 0, 1, 0, 'done', 'next']);
  });

  test('a function that never ends keeps its place after the timeout, and stopped waits for it', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      const log = [];
      const slow = manager.submit(() => gate.promise, { timeout: 10 });
      const next = manager.submit(() => log.push('next started'));
      slow.stopped.then(() => log.push('stopped'));
      await slow.catch(() => log.push('timed out'));
      await nextTurn();
      log.push(manager.running, next.state);
      gate.resolve();
      await next;
      return log;
    }), ['timed out', 1, 'pending', 'stopped', 'next started']);
  });
}
