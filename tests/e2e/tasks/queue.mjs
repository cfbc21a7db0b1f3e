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

  test('setPriority() moves a task that waits to the end of its new class; one that has begun or is over stays as it is', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn, thrownBy }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      const order = [];
      const running = manager.submit(() => gate.promise);
      await nextTurn();
      const tasks = ['a', 'b', 'c', 'd'].map(name => manager.submit(() => order.push(name)));
      const urgent = manager.submit(() => order.push('urgent'), { priority: 'user-blocking' });
      const answers = [
        tasks[2].setPriority('user-blocking'), tasks[0].setPriority('background'), tasks[1].setPriority('user-visible'), running.setPriority('background'),
      ];
      const ready = new TaskManager().submit(() => order.push('unbounded'));
      answers.push(ready.setPriority('user-blocking'));
      ready.cancel();
      gate.resolve();
      await manager.onIdle();
      answers.push(urgent.setPriority('background'), ready.setPriority('background'));
      const codes = [undefined, null, 'urgent', 1, {}].map(priority => thrownBy(() => urgent.setPriority(priority)).code);
      return [answers, order, new Set(codes).size, codes[0]];
    }), [[true, true, true, false, true, false, false], ['urgent', 'c', 'd', 'b', 'a'], 1, 'invalid-argument']);
  });

  test('setPriority() of a task that is about to start has the scheduler start it, once', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      let calls = 0;
      const tasks = [undefined, 'background', 'user-visible'].map(priority => run(() => ++calls, { priority }));
      const answers = tasks.map(task => task.setPriority('user-blocking'));
      await Promise.all(tasks);
      await nextTurn();
      await new Promise(resolve => setTimeout(resolve, 50)); // what was posted before has come too
      return [answers, calls];
    }), [[true, true, true], 3]);
  });

  test('a manager says that it holds tasks back for its rate limit, and when no longer', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn, thrownBy }) => {
      const manager = new TaskManager({ rateLimit: { limit: 2, per: 30 } });
      const heard = [];
      const stop = manager.onRateLimit(isLimited => heard.push(isLimited));
      const before = manager.isRateLimited;
      await Promise.all([manager.submit(() => 1), manager.submit(() => 2)]);
      await nextTurn();
      const full = manager.isRateLimited; // nobody waits
      const third = manager.submit(() => 3);
      await null;
      await null;
      const during = [manager.isRateLimited, heard.join()];
      await third;
      await nextTurn();
      const after = [manager.isRateLimited, heard.join()];
      stop();
      await Promise.all([manager.submit(() => 4), manager.submit(() => 5), manager.submit(() => 6)]);
      const unlimited = new TaskManager();
      return [before, full, during, after, heard.length, unlimited.isRateLimited, thrownBy(() => manager.onRateLimit(5)).code];
    }), [false, false, [true, 'true'], [false, 'true,false'], 2, false, 'invalid-argument']);
  });

  test('a manager\'s timeout is that of its tasks that have none of their own', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, thrownBy }) => {
      const manager = new TaskManager({ timeout: 20, cancelGrace: 0 });
      const never = () => new Promise(() => {});
      const slow = () => new Promise(resolve => setTimeout(resolve, 80, 'slow'));
      const ends = await Promise.all([
        manager.submit(never), manager.submit(never, { name: 'named' }), manager.submit(never, { timeout: 10 }), manager.submit(never, { timeout: null }),
        manager.submit(slow, { timeout: '10s' }), manager.submit(slow, { timeout: Infinity }), manager.submit(ctx => ctx.run(slow), { timeout: '10s' }),
        manager.submit(never, { retry: { maxAttempts: 2 } }), new TaskManager({ timeout: Infinity }).submit(slow), new TaskManager({ timeout: null }).submit(slow),
      ].map(task => task.catch(error => error.name)));
      return [ends, [-1, NaN, 'soon'].map(timeout => thrownBy(() => new TaskManager({ timeout })).code)];
    }), [['TimeoutError', 'TimeoutError', 'TimeoutError', 'TimeoutError', 'slow', 'slow', 'slow', 'TimeoutError', 'slow', 'slow'], Array(3).fill('invalid-argument')]);
  });
}
