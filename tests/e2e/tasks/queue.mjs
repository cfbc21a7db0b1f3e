// A manager's queue, and priorities.

import assert from 'node:assert/strict';

export default function queue(test) {
  test('no more tasks run at once than concurrency allows, and all get their turn in order', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 3 });
      let running = 0;
      let most = 0;
      const order = [];
      const tasks = Array.from({ length: 20 }, (_, i) => manager.submit(async () => {
        order.push(i);
        most = Math.max(most, ++running);
        await nextTurn();
        running--;
        return i;
      }));
      const waiting = manager.waiting;
      await manager.onIdle();
      return [waiting, most, order, tasks.every((task, i) => task.result === i)];
    }), [17, 3, Array.from({ length: 20 }, (_, i) => i), true]);
  });

  test('a cancelled task keeps its place until its function has ended; onIdle waits for it too', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      const log = [];
      const first = manager.submit(() => gate.promise);
      const second = manager.submit(() => log.push('second started'));
      manager.onIdle().then(() => log.push('idle'));
      await Promise.resolve();
      first.cancel();
      await nextTurn();
      log.push(manager.running, second.state, 'opening');
      gate.resolve();
      await second;
      await nextTurn();
      return log;
    }), [1, 'pending', 'opening', 'second started', 'idle']);
  });

  test('one task more than maxQueue fails with queue-full and is not kept', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, rejectionOf }) => {
      const manager = new TaskManager({ concurrency: 1, maxQueue: 1 });
      const gate = deferred();
      let calls = 0;
      manager.submit(() => gate.promise);
      manager.submit(() => 1);
      const refused = manager.submit(() => calls++);
      const error = await rejectionOf(refused);
      gate.resolve();
      await refused.stopped;
      await manager.onIdle();
      return [error.code, refused.state, calls, [...manager].length];
    }), ['queue-full', 'error', 0, 2]);
  });

  test('a paused manager starts nothing, and goes on when it is resumed', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager();
      manager.pause();
      const task = manager.submit(() => 42);
      await nextTurn();
      const seen = [manager.isPaused, task.state, manager.waiting];
      manager.resume();
      return [...seen, manager.isPaused, await task];
    }), [true, 'pending', 1, false, 42]);
  });

  test('waiting tasks start by their priority', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      const order = [];
      manager.submit(() => gate.promise);
      for (const priority of ['background', 'user-visible', 'user-blocking']) manager.submit(() => order.push(priority), { priority });
      gate.resolve();
      await manager.onIdle();
      return order;
    }), ['user-blocking', 'user-visible', 'background']);
  });

  test('a task of any priority runs', async tab => {
    assert.deepEqual(await tab.run(({ run }) => Promise.all(['user-blocking', 'user-visible', 'background'].map(priority => run(async ctx => {
      await ctx.checkpoint();
      return priority;
    }, { priority }).then()))), ['user-blocking', 'user-visible', 'background']);
  });

  test('key and deduplicate give the task that runs already', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const gate = deferred();
      let calls = 0;
      const load = () => run(() => { calls++; return gate.promise; }, { key: 'load', deduplicate: true });
      const [first, second] = [load(), load()];
      gate.resolve('value');
      const values = [await first, await second];
      const third = load();
      await third;
      return [first === second, values, third === first, calls];
    }), [true, ['value', 'value'], false, 2]);
  });

  test('a disposed manager cancels what it has and takes nothing more', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, untilAborted, thrownBy, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const tasks = [manager.submit(untilAborted), manager.submit(untilAborted)];
      await nextTurn();
      manager[Symbol.dispose]();
      manager[Symbol.dispose]();
      const states = tasks.map(task => task.state);
      await Promise.all(tasks.map(task => task.stopped));
      await nextTurn();
      return [states, thrownBy(() => manager.submit(() => 1)).code];
    }), [['cancelled', 'cancelled'], 'disposed']);
  });
}
