// Managers that come and go, and the memory of what is over.

import assert from 'node:assert/strict';

export default function disposing(test) {
  test('a disposed manager refuses what would change it, and another manager is none the worse', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, run, nextTurn, thrownBy }) => {
      const old = new TaskManager({ concurrency: 1 });
      old[Symbol.dispose]();
      await nextTurn();
      const other = new TaskManager(); // has the number of the old one by now
      const refused = [
        () => old.submit(() => 1), () => old.pause(), () => old.resume(), () => { old.concurrency = 2; }, () => old.cleanup(),
        () => old.onWaitingBelow(1),
      ].map(call => thrownBy(call).code);
      await old.onIdle();
      return [refused, old.waiting, old.running, old.cancelAll(), other.isPaused, await other.submit(() => 'runs'), await run(() => 'too')];
    }), [Array(6).fill('disposed'), 0, 0, 0, false, 'runs', 'too']);
  });

  test('a manager that is disposed while a function still runs forgets it when it has ended', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager();
      const { promise, resolve } = deferred();
      const task = manager.submit(() => promise);
      await nextTurn();
      manager[Symbol.dispose]();
      const idle = manager.onIdle().then(() => 'idle');
      const before = [task.state, manager.running];
      resolve();
      return [before, await idle, await task.stopped.then(() => 'stopped'), [...manager].length];
    }), [['cancelled', 1], 'idle', 'stopped', 1]);
  });

  test('an id that is read after its task was forgotten finds nothing, and keeps nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ maxCompleted: 2 });
      const tasks = Array.from({ length: 6 }, (_, i) => manager.submit(() => i));
      await Promise.all(tasks);
      const forgotten = manager.cleanup();
      return [forgotten, tasks.map(task => manager.get(task.id) === task)];
    }), [4, [false, false, false, false, true, true]]);
  });

  test('an alias is for a task that the manager still knows', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, defaultManager, run, thrownBy }) => {
      const manager = new TaskManager({ maxCompleted: 0 });
      const own = manager.submit(() => 1);
      manager.alias(own, 'own');
      const found = manager.get('global:own') === own;
      await own;
      manager.cleanup();
      const foreign = run(() => 1);
      defaultManager.alias(foreign, 'mine');
      return [
        found, manager.get('global:own') === undefined, thrownBy(() => manager.alias(own, 'again')).code,
        thrownBy(() => manager.alias(foreign, 'x')).code, defaultManager.get('global:mine') === foreign,
      ];
    }), [true, true, 'invalid-argument', 'invalid-argument', true]);
  });

  test('iterating over a manager gives the tasks of that moment, though they end meanwhile', async tab => {
    assert.equal(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager();
      for (let i = 0; i < 3; i++) manager.submit(() => i);
      let seen = 0;
      for (const task of manager) {
        await task;
        seen++;
      }
      return seen;
    }), 3);
  });
}
