// What a task tells of itself, and how it ends if nobody interferes.

import assert from 'node:assert/strict';

export default function outcome(test) {
  test('a task gives what its function resolves to', async tab => {
    const seen = await tab.run(async ({ run, deferred }) => {
      const gate = deferred();
      const task = run(async () => {
        await gate.promise;
        return { answer: 42 };
      }, { name: 'load' });
      const seen = [[task.state, task.done]];
      await Promise.resolve();
      seen.push([task.state, task.done]);
      gate.resolve();
      const value = await task;
      seen.push([task.state, task.done, value, task.result === value, task.error, task.name]);
      return seen;
    });
    assert.deepEqual(seen, [
      ['pending', false],
      ['running', false],
      ['done', true, { answer: 42 }, true, null, 'load'],
    ]);
  });

  test('a function starts in a microtask, never inside run()', async tab => {
    const order = await tab.run(async ({ run }) => {
      const order = [];
      const task = run(() => order.push('function'));
      order.push('after run');
      queueMicrotask(() => order.push('a later microtask'));
      await task;
      return order;
    });
    assert.deepEqual(order, ['after run', 'function', 'a later microtask']);
  });

  test('a function need not be async', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => [
      await run(() => 42), await run(() => undefined) === undefined, await run(() => null),
    ]), [42, true, null]);
  });

  test('a thenable that a function returns is waited for', async tab => {
    assert.deepEqual(await tab.run(async ({ run, describe }) => {
      const twice = { then(fulfil, reject) { fulfil('first'); reject(new Error('second')); } };
      const failing = { then(fulfil, reject) { setTimeout(reject, 0, new RangeError('no')); } };
      const throwing = { get then() { throw new SyntaxError('no then'); } };
      const inner = run(() => 'of another task');
      const notCallable = await run(() => ({ then: 5 }));
      return [
        await run(() => twice), await run(() => inner), notCallable.then,
        describe(await run(() => failing).catch(error => error)).name,
        describe(await run(() => throwing).catch(error => error)).name,
      ];
    }), ['first', 'of another task', 5, 'RangeError', 'SyntaxError']);
  });

  test('await rejects with the very error that the function threw', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const results = [];
      for (const thrown of [new RangeError('no'), new (class Mine extends Error {})('mine'), 'a string', undefined, null, 0, Object.freeze({})]) {
        for (const fn of [() => { throw thrown; }, async () => { throw thrown; }]) {
          const task = run(fn);
          const caught = await task.then(() => 'no error', error => [error]);
          results.push(Object.is(caught[0], thrown) && Object.is(task.error, thrown) && task.state === 'error');
        }
      }
      return results;
    }), Array(14).fill(true));
  });

  test('an error that nobody awaits is kept in the task and is no unhandled rejection', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn, describe, thrownBy }) => {
      const tasks = [
        run(() => { throw new Error('sync'); }),
        run(async () => { throw new Error('async'); }),
        run(async ({ checkpoint }) => { await checkpoint(); throw new Error('later'); }),
      ];
      const watched = tasks[1];
      watched.subscribe(() => {});
      watched.stopped.then(() => {});
      await nextTurn();
      await nextTurn();
      return tasks.map(task => [task.state, describe(task.error).message, thrownBy(() => task.result).message]);
    }), [['error', 'sync', 'sync'], ['error', 'async', 'async'], ['error', 'later', 'later']]);
  });

  test('an error that is awaited and not caught is an unhandled rejection, as of any promise', async tab => {
    tab.expectProblem(/unhandled rejection: Error: mine to catch/);
    tab.expectProblem(/uncaught.*mine to catch/);
    await tab.run(async ({ run, nextTurn }) => {
      run(() => { throw new Error('mine to catch'); }).then(() => {});
      await nextTurn();
    });
  });

  test('result throws not-complete with the task\'s name until there is one', async tab => {
    const errors = await tab.run(async ({ run, thrownBy, untilAborted }) => {
      const task = run(untilAborted, { name: 'the report' });
      const errors = [thrownBy(() => task.result)];
      await Promise.resolve();
      errors.push(thrownBy(() => task.result));
      task.cancel(new RangeError('enough'));
      errors.push(thrownBy(() => task.result));
      return errors;
    });
    assert.deepEqual(errors.map(({ code, name }) => code ?? name), ['not-complete', 'not-complete', 'RangeError']);
    assert.match(errors[0].message, /the report is pending/);
    assert.match(errors[1].message, /the report is running/);
  });

  test('then, catch and finally are a promise\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const log = [];
      const good = run(() => 1);
      const bad = run(() => { throw new Error('no'); });
      log.push(good.then() instanceof Promise);
      log.push(await good.then(value => value + 1), await good.catch(() => 'not called'), await good.finally(() => log.push('finally')));
      log.push(await bad.catch(error => error.message), await bad.then(null, () => 'second argument'));
      log.push(await bad.finally(() => log.push('finally')).catch(error => error.message));
      log.push(await Promise.race([good, new Promise(() => {})]), (await Promise.allSettled([good, bad])).map(({ status }) => status));
      return log;
    }), [true, 'finally', 2, 1, 1, 'no', 'second argument', 'finally', 'no', 1, ['fulfilled', 'rejected']]);
  });

  test('an id is a UUID v4 of its own that stays, and finds its task', async tab => {
    const { ids, again, found } = await tab.run(async ({ run, TaskManager }) => {
      const manager = new TaskManager();
      const tasks = Array.from({ length: 100 }, () => run(() => 1, { manager }));
      const ids = tasks.map(task => task.id);
      await manager.onIdle();
      return { ids, again: tasks.map(task => task.id), found: tasks.every((task, i) => manager.get(ids[i]) === task) };
    });
    assert.deepEqual(again, ids);
    assert.equal(new Set(ids).size, 100);
    assert.equal(found, true);
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('dates tell when a task was made, started and finished', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const earliest = Date.now();
      const task = run(() => new Promise(resolve => setTimeout(resolve, 20)));
      const pending = [task.createdAt instanceof Date, task.startedAt, task.finishedAt];
      await Promise.resolve();
      const running = [task.startedAt instanceof Date, task.finishedAt];
      await task;
      const times = [earliest, +task.createdAt, +task.startedAt, +task.finishedAt, Date.now()];
      const neverStarted = run(() => 1);
      neverStarted.cancel();
      return {
        pending, running, inOrder: times.every((time, i) => i === 0 || time >= times[i - 1]), took: task.finishedAt - task.startedAt >= 15,
        neverStarted: [neverStarted.startedAt, neverStarted.finishedAt instanceof Date],
      };
    }), { pending: [true, null, null], running: [true, null], inOrder: true, took: true, neverStarted: [null, true] });
  });

  test('attempt is 0 before the start and 1 in a first attempt', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const task = run(ctx => ctx.attempt);
      return [task.attempt, await task, task.attempt];
    }), [0, 1, 1]);
  });

  test('the members of the context work when they are destructured', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const task = run(async ({ signal, progress, checkpoint, run: runChild, attempt, deadline }) => {
        progress('half');
        await checkpoint();
        return [signal instanceof AbortSignal, signal.aborted, attempt, deadline, await runChild(() => 'child')];
      });
      return [await task, task.progress];
    }), [[true, false, 1, null, 'child'], 'half']);
  });

  test('ten thousand tasks at once each settle, with their own outcome', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      const tasks = Array.from({ length: 10_000 }, (_, i) => run([
        () => i,
        async () => i,
        async ctx => { await ctx.checkpoint(); return i; },
        () => new Promise(resolve => setTimeout(resolve, i % 50, i)),
        () => { throw new Error(`no ${i}`); },
        ctx => new Promise(() => ctx.progress(i)),
      ][i % 6]));
      setTimeout(() => { for (let i = 5; i < tasks.length; i += 6) tasks[i].cancel(`${i}`); }, 20);
      const wrong = [];
      await Promise.all(tasks.map(async (task, i) => {
        const expected = i % 6 < 4 ? i : i % 6 === 4 ? `no ${i}` : `${i}`;
        const got = i % 6 < 4 ? await task : i % 6 === 4 ? (await rejectionOf(task)).message : (await rejectionOf(task)).cause;
        if (got !== expected || !task.done) wrong.push([i, got]);
      }));
      return wrong;
    }), []);
  });
}
