// Cancelling: by the handle, by a signal, by leaving a block.

import assert from 'node:assert/strict';

export default function cancelling(test) {
  test('a task that is cancelled before its start is cancelled at once and its function never called', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn, rejectionOf }) => {
      let calls = 0;
      const tasks = [run(() => calls++), run(() => calls++, { name: 'with options' }), run(() => calls++, { priority: 'user-blocking' })];
      const answers = tasks.map(task => [task.cancel(), task.state, task.done]);
      await Promise.all(tasks.map(task => task.stopped));
      await nextTurn();
      await nextTurn();
      const error = await rejectionOf(tasks[0]);
      return { answers, calls, error: error.name, attempts: tasks.map(task => task.attempt) };
    }), { answers: Array(3).fill([true, 'cancelled', true]), calls: 0, error: 'AbortError', attempts: [0, 0, 0] });
  });

  test('a job stops at the checkpoint that it waits in, and gets the reason', async tab => {
    assert.deepEqual(await tab.run(async ({ run, describe, nextTurn }) => {
      let rounds = 0;
      let ended;
      const task = run(async ctx => {
        try {
          for (; rounds < 1e6; rounds++) await ctx.checkpoint(); // ends, in case it is never let go
        } catch (error) {
          ended = error;
          throw error;
        }
      });
      while (rounds < 3) await nextTurn();
      const reason = new RangeError('enough');
      task.cancel(reason);
      const atOnce = task.state;
      await task.stopped;
      const stoppedAt = rounds;
      await nextTurn();
      return { atOnce, same: ended === reason && task.error === reason, name: describe(ended).name, went: rounds - stoppedAt };
    }), { atOnce: 'cancelled', same: true, name: 'RangeError', went: 0 });
  });

  test('what a function returns or throws after the cancel is dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, rejectionOf }) => {
      const outcomes = [];
      for (const end of ['resolve', 'reject']) {
        const gate = deferred();
        const task = run(() => gate.promise);
        await Promise.resolve();
        task.cancel(new Error('the reason'));
        gate[end](new Error('too late'));
        await task.stopped;
        outcomes.push([task.state, task.error.message, (await rejectionOf(task)).message]);
      }
      return outcomes;
    }), Array(2).fill(['cancelled', 'the reason', 'the reason']));
  });

  test('a reason that is an Error is passed on as it is, any other as the cause of an AbortError', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted }) => {
      const results = [];
      for (const reason of [new TypeError('typed'), new DOMException('mine', 'NetworkError')]) {
        const task = run(untilAborted);
        await Promise.resolve();
        task.cancel(reason);
        results.push([await task.catch(error => error === reason), task.error === reason]);
      }
      for (const reason of ['not needed', 0, null, { a: 1 }, undefined]) {
        const task = run(untilAborted);
        task.cancel(reason);
        const error = await task.catch(error => error);
        results.push([error instanceof DOMException && error.name, error instanceof Error, 'cause' in error, error.cause === reason]);
      }
      return results;
    }), [
      [true, true], [true, true],
      ...Array(4).fill(['AbortError', true, true, true]), ['AbortError', true, false, true],
    ]);
  });

  test('cancel() says false and changes nothing when the task is over', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const done = run(() => 42);
      const failed = run(() => { throw new Error('no'); });
      await done;
      await failed.catch(() => {});
      const cancelled = run(() => 1);
      cancelled.cancel('first');
      return [done, failed, cancelled].map(task => [task.cancel('later'), task.state, task.error?.cause ?? task.error?.message ?? null]);
    }), [[false, 'done', null], [false, 'error', 'no'], [false, 'cancelled', 'first']]);
  });

  test('a task may cancel itself', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      const sync = run(() => { sync.cancel('myself'); return 'dropped'; });
      const inAsync = run(async ctx => {
        inAsync.cancel('myself');
        await ctx.checkpoint();
        return 'not reached';
      });
      return [(await rejectionOf(sync)).cause, sync.state, (await rejectionOf(inAsync)).cause, inAsync.state];
    }), ['myself', 'cancelled', 'myself', 'cancelled']);
  });

  test('ctx.signal aborts with the reason, at once', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const events = [];
      const started = deferred();
      const task = run(({ signal }) => {
        signal.addEventListener('abort', () => events.push(signal.reason));
        started.resolve(signal);
        return new Promise(() => {});
      });
      const signal = await started.promise;
      const before = signal.aborted;
      const reason = new Error('enough');
      task.cancel(reason);
      return [before, signal.aborted, signal.reason === reason, events.length === 1 && events[0] === reason];
    }), [false, true, true, true]);
  });

  test('a signal that is first read after the cancel has aborted too', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const gate = deferred();
      const seen = deferred();
      const task = run(async ctx => {
        await gate.promise;
        seen.resolve([ctx.signal.aborted, ctx.signal.reason.message]);
      });
      await Promise.resolve();
      task.cancel(new Error('early'));
      gate.resolve();
      return seen.promise;
    }), [true, 'early']);
  });

  test('a fetch that gets ctx.signal is aborted', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      let outcome;
      const task = run(({ signal }) => (outcome = fetch('/fixture.js', { signal })));
      await Promise.resolve();
      task.cancel('no longer needed');
      const error = await outcome.catch(error => error);
      await task.stopped;
      return [error.name, error === task.error];
    }), ['AbortError', true]);
  });

  test('a signal that has aborted cancels the task before its function is called', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      let calls = 0;
      const reason = new RangeError('over before it began');
      const tasks = [
        run(() => calls++, { signal: AbortSignal.abort(reason) }),
        run(() => calls++, { signal: AbortSignal.abort() }),
        run(() => calls++, { signal: AbortSignal.abort('a string') }),
      ];
      const states = tasks.map(task => task.state);
      await nextTurn();
      return [calls, states, tasks[0].error === reason, tasks[1].error.name, tasks[2].error.name, tasks[2].error.cause];
    }), [0, Array(3).fill('cancelled'), true, 'AbortError', 'AbortError', 'a string']);
  });

  test('a signal that aborts later cancels the task with its reason, and many tasks with one signal', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted }) => {
      const controller = new AbortController();
      const tasks = Array.from({ length: 3 }, () => run(untilAborted, { signal: controller.signal }));
      await Promise.resolve();
      const before = tasks.map(task => task.state);
      const reason = new Error('left the page');
      controller.abort(reason);
      return [before, tasks.map(task => task.state), tasks.every(task => task.error === reason)];
    }), [Array(3).fill('running'), Array(3).fill('cancelled'), true]);
  });

  test('a task keeps nothing on the caller\'s signal once it is over, however it ended', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const { signal } = new AbortController();
      let listening = 0;
      signal.addEventListener = (...args) => { listening++; EventTarget.prototype.addEventListener.apply(signal, args); };
      signal.removeEventListener = (...args) => { listening--; EventTarget.prototype.removeEventListener.apply(signal, args); };
      const gate = deferred();
      const tasks = [
        run(() => gate.promise, { signal }),
        run(async () => { await gate.promise; throw new Error('no'); }, { signal }),
        run(() => gate.promise, { signal }),
        run(() => gate.promise, { signal, timeout: 1 }),
      ];
      await Promise.resolve();
      const during = listening;
      tasks[2].cancel();
      await tasks[3].catch(() => {});
      gate.resolve();
      await Promise.allSettled(tasks);
      return [during, listening];
    }), [1, 0]); // one listener for all of them
  });

  test('using cancels the task at the end of the block', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const { cancelledByUsing } = await import('/using.js');
      const [task, inside] = cancelledByUsing(run);
      return [inside, task.state];
    }), ['pending', 'cancelled']);
  });

  test('disposing leaves a finished task alone', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const task = run(() => 42);
      await task;
      task[Symbol.dispose]();
      return [task.state, task.result];
    }), ['done', 42]);
  });

  test('stopped resolves when the function has ended, not when the task was cancelled', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, nextTurn }) => {
      const log = [];
      const gate = deferred();
      const task = run(async () => {
        await gate.promise;
        log.push('function ended');
        throw new Error('never seen');
      });
      await Promise.resolve();
      task.cancel();
      task.stopped.then(value => log.push(['stopped', value === undefined]));
      task.catch(() => log.push('settled'));
      await nextTurn();
      log.push('opening');
      gate.resolve();
      await task.stopped;
      await nextTurn();
      return log;
    }), ['settled', 'opening', 'function ended', ['stopped', true]]);
  });

  test('stopped resolves for tasks that end by themselves or never start, whenever it is asked for', async tab => {
    assert.equal(await tab.run(async ({ run }) => {
      const early = [run(() => 1), run(() => { throw new Error('no'); }), run(() => 1)];
      const promises = early.map(task => task.stopped);
      early[2].cancel();
      await Promise.all(promises);
      await Promise.all(early.map(task => task.stopped));
      return early.every((task, i) => task.stopped === promises[i]);
    }), true);
  });
}
