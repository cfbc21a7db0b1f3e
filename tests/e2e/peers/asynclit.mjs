// asynclit 0.2.2, by its documented semantics; its seconds are our milliseconds.

import assert from 'node:assert/strict';

export default function asynclit(test) {
  test('run() gives a task at once, with an id, a state that goes from pending over running to done, and its result', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, nextTurn }) => {
      const gate = deferred();
      const task = run(() => gate.promise);
      const seen = [[task.state, task.done]];
      await nextTurn();
      seen.push([task.state, task.done]);
      gate.resolve(42);
      await task;
      seen.push([task.state, task.done]);
      return [/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(task.id), seen, task.result, task.error];
    }), [true, [['pending', false], ['running', false], ['done', true]], 42, null]);
  });

  test('result throws "not complete" before the end, the error of a failed task, and the reason of a cancelled one', async tab => {
    assert.deepEqual(await tab.run(async ({ run, thrownBy }) => {
      const failed = run(() => { throw new RangeError('mine'); });
      const early = thrownBy(() => failed.result);
      await failed.catch(() => {});
      const cancelled = run(() => 1);
      const answers = [cancelled.cancel(), cancelled.cancel()];
      return [early.code, thrownBy(() => failed.result).name, failed.state, answers, thrownBy(() => cancelled.result).name, cancelled.state];
    }), ['not-complete', 'RangeError', 'error', [true, false], 'AbortError', 'cancelled']);
  });

  test('progress that a function reports is drained by a page that polls, in order, each value once', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const task = run(async ({ progress }) => {
        for (const part of [0.25, 0.5]) progress(part);
        await nextTurn();
        await nextTurn();
        progress(1);
      });
      const before = task.drainProgress();
      await nextTurn();
      const seen = [before, task.drainProgress(), task.drainProgress()];
      await task;
      return [...seen, task.drainProgress()];
    }), [[], [0.25, 0.5], [], [1]]);
  });

  test('arguments are passed on by a function of their own', async tab => {
    assert.deepEqual(await tab.run(async ({ run, runInExecutor }) => {
      const add = (a, b) => a + b;
      return [await run(() => add(1, 2)), await runInExecutor(add)(3, 4)];
    }), [3, 7]);
  });

  test('a manager keeps max_completed finished tasks: it trims at a submit and by cleanup(), the oldest finished first', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ maxCompleted: 2 });
      const ids = [];
      for (let i = 0; i < 5; i++) {
        const task = manager.submit(() => i);
        ids.push(task.id);
        await task;
      }
      const found = () => ids.map(id => manager.get(id)?.result ?? '-').join('');
      return [found(), manager.cleanup(), found(), manager.cleanup()];
    }), ['--234', 1, '---34', 0]);
  });

  test('register_global makes a task known by a name that get() takes with "global:" before it', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager();
      const task = manager.submit(() => 1);
      manager.alias(task, 'latest');
      return [manager.get('global:latest') === task, manager.get('latest') === undefined, manager.get('global:other') === undefined];
    }), [true, true, true]);
  });

  test('the default manager is there to look into', async tab => {
    assert.deepEqual(await tab.run(async ({ run, defaultManager }) => {
      const task = run(() => new Promise(() => {}));
      const seen = [defaultManager.get(task.id) === task, [...defaultManager].includes(task)];
      return [...seen, defaultManager.cancelAll(), task.state];
    }), [true, true, 1, 'cancelled']);
  });

  test('delay_for_attempt is base_delay times multiplier to the power of the attempt, capped by max_delay, 0 by default', async tab => {
    assert.deepEqual(await tab.run(({ RetryPolicy }) => {
      const delays = options => [0, 1, 2, 3].map(index => new RetryPolicy(options).delayForAttempt(index));
      return [delays({ baseDelay: 1000, maxDelay: 5000 }), delays({ baseDelay: 500, multiplier: 3 }), delays({})];
    }), [[1000, 2000, 4000, 5000], [500, 1500, 4500, 13_500], [0, 0, 0, 0]]);
  });

  test('retry_on, retry_if and max_elapsed each end the retries', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = async retry => {
        const task = run(() => { throw new RangeError('no'); }, { retry: { maxAttempts: 3, ...retry } });
        await task.catch(() => {});
        return task.attempt;
      };
      return [
        await attempts({}), await attempts({ retryOn: [TypeError] }), await attempts({ retryOn: [TypeError, RangeError] }), await attempts({ retryIf: () => false }),
        await attempts({ baseDelay: '10s', maxElapsed: '5s' }), await attempts({ maxAttempts: 1 }),
      ];
    }), [3, 1, 3, 1, 1, 1]);
  });

  test('session_tasks gives a page script that runs again the task that it has started before', async tab => {
    assert.deepEqual(await tab.run(async ({ run, sessionTasks }) => {
      let starts = 0;
      const script = () => {
        const task = sessionTasks('asynclit_tasks').getOrRun('load', () => run(() => { starts++; return 'rows'; }));
        return task.done ? task.result : 'loading…';
      };
      const first = script();
      await sessionTasks('asynclit_tasks').get('load');
      return [first, script(), script(), starts];
    }), ['loading…', 'rows', 'rows', 1]);
  });
}
