// How long a function that ignores its end keeps its place: the manager's cancelGrace.

import assert from 'node:assert/strict';

export default function grace(test) {
  test('a place is freed cancelGrace after a timeout that the function ignores; onIdle() resolves, and stopped waits for the function', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1, cancelGrace: 30 });
      const gate = deferred();
      const log = [];
      const first = manager.submit(() => gate.promise, { timeout: 20 });
      const second = manager.submit(() => 'second', { timeout: 50 });
      first.stopped.then(() => log.push('stopped'));
      await first.catch(error => log.push(error.name));
      log.push(manager.running, second.state);
      log.push(await second);
      await manager.onIdle();
      log.push('idle', manager.running, manager.waiting);
      gate.resolve('late');
      await first.stopped;
      await nextTurn();
      return [...log, first.state, manager.running];
    }), ['TimeoutError', 1, 'pending', 'second', 'idle', 0, 0, 'stopped', 'error', 0]);
  });

  test('the same after a cancel, by a handle, a signal, cancelAll() or a parent, and with a grace of 0', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const values = [];
      const never = () => new Promise(() => {});
      for (const cancelGrace of [0, '20ms']) {
        const controller = new AbortController();
        const ways = {
          handle: (manager, task) => task.cancel(),
          signal: () => controller.abort(),
          cancelAll: manager => manager.cancelAll(),
          parent: (manager, task) => task.cancel(),
        };
        for (const [name, end] of Object.entries(ways)) {
          const manager = new TaskManager({ concurrency: 1, cancelGrace });
          const task = manager.submit(name === 'parent' ? ctx => { ctx.run(never); return never(); } : never, { signal: name === 'signal' ? controller.signal : undefined });
          await nextTurn();
          end(manager, task);
          const next = manager.submit(() => name);
          values.push(await next);
          await manager.onIdle();
        }
      }
      return values;
    }), ['handle', 'signal', 'cancelAll', 'parent', 'handle', 'signal', 'cancelAll', 'parent']);
  });

  test('a manager is idle although the first attempt of a task ignores its timeout for ever', async tab => {
    assert.equal(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1, cancelGrace: 10 });
      const task = manager.submit(({ attempt }) => (attempt === 1 ? new Promise(() => {}) : 'second'), { retry: { maxAttempts: 2, attemptTimeout: 10 } });
      const value = await task;
      await manager.onIdle();
      return value;
    }), 'second');
  });

  test('Infinity waits for ever; without the option a place is not free soon', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const seen = [];
      for (const options of [{ cancelGrace: Infinity }, {}, { cancelGrace: undefined }, { cancelGrace: null }]) {
        const manager = new TaskManager({ concurrency: 1, ...options });
        const first = manager.submit(() => new Promise(() => {}), { timeout: 5 });
        const second = manager.submit(() => 'second', { queueTimeout: 100 });
        await first.catch(() => {});
        seen.push(await second.catch(error => error.name));
      }
      return seen;
    }), Array(4).fill('TimeoutError'));
  });

  test('a disposed manager is forgotten after the grace, and the next one has places of its own', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const gate = deferred();
      const manager = new TaskManager({ concurrency: 1, cancelGrace: 10 });
      const task = manager.submit(() => gate.promise);
      await nextTurn();
      manager[Symbol.dispose]();
      await manager.onIdle();
      const next = new TaskManager({ concurrency: 1 });
      const running = next.submit(() => new Promise(() => {}));
      await nextTurn();
      gate.resolve();
      await task.stopped;
      await nextTurn();
      return [task.state, manager.running, next.running, running.state];
    }), ['cancelled', 0, 1, 'running']);
  });

  test('a grace that is none is refused by name', async tab => {
    const errors = await tab.run(({ TaskManager, thrownBy }) => [-1, NaN, 'soon', {}, -Infinity, true].map(cancelGrace => thrownBy(() => new TaskManager({ cancelGrace }))));
    for (const { code, message } of errors) {
      assert.equal(code, 'invalid-argument');
      assert.match(message, /cancelGrace/);
    }
  });
}
