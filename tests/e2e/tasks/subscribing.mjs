// Listeners of a task's changes.

import assert from 'node:assert/strict';

export default function subscribing(test) {
  test('a listener hears of each state, with the task as its argument', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const states = [];
      const task = run(() => nextTurn());
      task.subscribe(subject => states.push(subject === task && task.state));
      await task;
      await nextTurn();
      return states;
    }), ['running', 'done']);
  });

  test('a listener is called at most once a microtask, however much changes', async tab => {
    const calls = await tab.run(async ({ run, nextTurn }) => {
      const calls = [];
      const task = run(async ctx => {
        for (let i = 0; i < 1000; i++) ctx.progress(i);
        await nextTurn();
        for (let i = 1000; i < 2000; i++) ctx.progress(i);
        await nextTurn();
      });
      task.subscribe(() => calls.push([task.state, task.progress]));
      await task;
      await nextTurn();
      return calls;
    });
    assert.deepEqual(calls, [['running', 999], ['running', 1999], ['done', 1999]]);
  });

  test('a listener that has unsubscribed is not called again', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const log = [];
      const task = run(async ctx => {
        ctx.progress(1);
        await nextTurn();
        ctx.progress(2);
      });
      const stop = task.subscribe(() => {
        log.push(task.progress);
        stop();
      });
      const never = task.subscribe(() => log.push('never'));
      never();
      never();
      await task;
      await nextTurn();
      return log;
    }), [1]);
  });

  test('a listener that another one has unsubscribed is not called any more', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const log = [];
      const task = run(() => 1);
      task.subscribe(() => {
        log.push('first');
        stopSecond();
      });
      const stopSecond = task.subscribe(() => log.push('second'));
      await task;
      await nextTurn();
      return log.includes('second');
    }), false);
  });

  test('a function that is subscribed twice is called twice, and each is stopped on its own', async tab => {
    assert.equal(await tab.run(async ({ run, nextTurn }) => {
      let calls = 0;
      const listener = () => calls++;
      const task = run(() => 1);
      const stop = task.subscribe(listener);
      task.subscribe(listener);
      stop();
      await task;
      await nextTurn();
      const once = calls;
      const other = run(() => 1);
      other.subscribe(listener);
      other.subscribe(listener);
      await other;
      await nextTurn();
      return (calls - once) / once;
    }), 2);
  });

  test('a listener that throws is reported, and harms neither the task nor the other listeners', async tab => {
    tab.expectProblem(/error event: Error: from a listener/);
    tab.expectProblem(/uncaught.*from a listener/);
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const heard = [];
      const task = run(async ctx => {
        ctx.progress(1);
        await nextTurn();
        return 42;
      });
      task.subscribe(() => { throw new Error('from a listener'); });
      task.subscribe(() => heard.push(task.state));
      const value = await task;
      await nextTurn();
      return [value, heard];
    }), [42, ['running', 'done']]);
  });

  test('a listener may cancel the task', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted, nextTurn }) => {
      const states = [];
      const task = run(untilAborted);
      task.subscribe(() => {
        states.push(task.state);
        task.cancel();
      });
      await task.catch(() => {});
      await nextTurn();
      return states;
    }), ['running', 'cancelled']);
  });

  test('what is no function is refused', async tab => {
    const errors = await tab.run(({ run, thrownBy }) => {
      const task = run(() => 1);
      return [undefined, null, 5, {}].map(listener => thrownBy(() => task.subscribe(listener)));
    });
    for (const { code, message } of errors) {
      assert.equal(code, 'invalid-argument');
      assert.match(message, /listener/);
    }
  });
}
