// Several tasks at once: what a group gives, what it cancels, and families of tasks.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { watchTimers } from './stress/timers.mjs';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

for (const browser of browsers) {
  describe(`groups in ${browser.name}`, () => {
    const test = inPage(browser);
    describe('asCompleted', () => asCompleted(test));
    describe('gather', () => gather(test));
    describe('race', () => race(test));
    describe('timeout', () => timeout(test));
    describe('families', () => families(test));
  });
}

function asCompleted(test) {
  test('gives each task with its index in the order of finishing, failed and cancelled ones included', async tab => {
    assert.deepEqual(await tab.run(async ({ run, asCompleted, deferred, nextTurn }) => {
      const gates = Array.from({ length: 5 }, deferred);
      const tasks = gates.map(gate => run(() => gate.promise));
      const seen = [];
      const reading = (async () => {
        for await (const { task, index } of asCompleted(tasks)) seen.push([index, task === tasks[index], task.state]);
      })();
      await nextTurn();
      for (const end of [
        () => gates[3].resolve(), () => gates[0].reject(new Error('no')), () => tasks[4].cancel(), () => gates[2].resolve(), () => gates[1].reject(null),
      ]) {
        end();
        await nextTurn();
      }
      await reading;
      return seen;
    }), [[3, true, 'done'], [0, true, 'error'], [4, true, 'cancelled'], [2, true, 'done'], [1, true, 'error']]);
  });

  test('gives those that finish between two reads, and those that were over before', async tab => {
    assert.deepEqual(await tab.run(async ({ run, asCompleted, nextTurn }) => {
      const tasks = Array.from({ length: 5 }, (_, i) => run(() => i));
      await Promise.all(tasks);
      const values = [];
      for await (const { task } of asCompleted(tasks)) {
        values.push(task.result);
        await nextTurn();
      }
      return values.sort();
    }), [0, 1, 2, 3, 4]);
  });

  test('takes any iterable, and anything that can be awaited; of nothing it gives nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ run, asCompleted }) => {
      const given = [run(() => 'a task'), Promise.reject(new Error('no')), { then: resolve => resolve('thenable') }, 'a value'];
      const indexes = [];
      for await (const { task, index } of asCompleted(given.values())) indexes.push([index, task === given[index]]);
      for await (const nothing of asCompleted(new Set())) indexes.push(nothing);
      return indexes.sort();
    }), [[0, true], [1, true], [2, true], [3, true]]);
  });

  test('leaving the loop early cancels nothing, and later failures are nobody\'s unhandled rejections', async tab => {
    assert.deepEqual(await tab.run(async ({ run, asCompleted, deferred, nextTurn }) => {
      const gates = [deferred(), deferred(), deferred()];
      const tasks = gates.map(gate => run(() => gate.promise));
      gates[1].resolve();
      for await (const { index } of asCompleted(tasks)) {
        if (index === 1) break;
      }
      await nextTurn();
      const states = tasks.map(task => task.state);
      gates[0].resolve();
      gates[2].reject(new Error('later'));
      await nextTurn();
      return [states, tasks.map(task => task.state)];
    }), [['running', 'done', 'running'], ['done', 'done', 'error']]);
  });

  test('listens from the call on, not from the first read', async tab => {
    assert.deepEqual(await tab.run(async ({ run, asCompleted, nextTurn }) => {
      const list = [run(async () => { await nextTurn(); await nextTurn(); }, { name: 'slow' }), run(() => nextTurn(), { name: 'quick' })];
      const completed = asCompleted(list);
      list.length = 0;
      for (let i = 0; i < 4; i++) await nextTurn();
      const names = [];
      for await (const { task } of completed) names.push(task.name);
      return names;
    }), ['quick', 'slow']);
  });
}

function gather(test) {
  test('gives all results in the order given, whatever the order of finishing', async tab => {
    assert.deepEqual(await tab.run(async ({ run, gather, deferred }) => {
      const gates = Array.from({ length: 4 }, deferred);
      const all = gather([...gates.map(gate => run(() => gate.promise)), Promise.resolve('promise'), 'value']);
      [3, 0, 2, 1].forEach(i => gates[i].resolve(i));
      return [await all, await gather([]), await gather(new Set([run(() => 1)]))];
    }), [[0, 1, 2, 3, 'promise', 'value'], [], [1]]);
  });

  test('rejects with the first error and cancels the rest with it', async tab => {
    assert.deepEqual(await tab.run(async ({ run, gather, untilAborted, nextTurn }) => {
      const first = new Error('first');
      const tasks = [
        run(untilAborted), run(async () => { await nextTurn(); throw first; }), run(() => 'done'), run(untilAborted, { name: 'too' }),
      ];
      const same = await gather([...tasks, new Promise(() => {})]).catch(error => error === first);
      await Promise.all(tasks.map(task => task.stopped));
      return [same, tasks.map(task => [task.state, task.error === first])];
    }), [true, [['cancelled', true], ['error', true], ['done', false], ['cancelled', true]]]);
  });

  test('a member that is cancelled is an error like any other', async tab => {
    assert.deepEqual(await tab.run(async ({ run, gather, untilAborted, nextTurn, rejectionOf }) => {
      const tasks = [run(untilAborted), run(untilAborted)];
      const all = gather(tasks);
      await nextTurn();
      tasks[1].cancel();
      return [(await rejectionOf(all)).name, tasks.map(task => task.state)];
    }), ['AbortError', ['cancelled', 'cancelled']]);
  });

  test('with returnErrors what was thrown and is no Error stands there as the cause of one', async tab => {
    assert.deepEqual(await tab.run(async ({ run, gather }) => {
      const own = new RangeError('own');
      const all = await gather([0, null, undefined, 'text', own].map(thrown => run(() => { throw thrown; })), { returnErrors: true });
      return [all.map(one => one instanceof Error), all.slice(0, 4).map(({ cause }) => cause ?? null), all[4] === own, all[1].message];
    }), [Array(5).fill(true), [0, null, null, 'text'], true, 'null was thrown']);
  });

  test('with returnErrors it waits for all, and an error stands in its task\'s place', async tab => {
    assert.deepEqual(await tab.run(async ({ run, gather, untilAborted, nextTurn }) => {
      const tasks = [
        run(async () => { throw new RangeError('no'); }), run(async () => { await nextTurn(); return 'slow'; }), run(untilAborted), Promise.reject(new TypeError('plain')),
      ];
      const all = gather(tasks, { returnErrors: true });
      await nextTurn();
      tasks[2].cancel();
      return (await all).map(value => (value instanceof Error ? value.name : value));
    }), ['RangeError', 'slow', 'AbortError', 'TypeError']);
  });

  test('failures after the first are nobody\'s unhandled rejections', async tab => {
    assert.deepEqual(await tab.run(async ({ run, gather, nextTurn, rejectionOf }) => {
      const late = async () => { await nextTurn(); await nextTurn(); throw new Error('late'); };
      const all = gather([run(() => { throw new Error('first'); }), late(), run(late), run(late)]);
      const { message } = await rejectionOf(all);
      for (let i = 0; i < 4; i++) await nextTurn();
      return message;
    }), 'first');
  });
}

function race(test) {
  test('gives what the first to finish gives, a result or an error, and cancels the others', async tab => {
    assert.deepEqual(await tab.run(async ({ run, race, untilAborted, nextTurn, rejectionOf }) => {
      const losers = Array.from({ length: 4 }, () => run(untilAborted));
      const value = await race([losers[0], run(async () => { await nextTurn(); return 'first'; }), losers[1]]);
      const error = await rejectionOf(race([losers[2], run(() => { throw new RangeError('first'); }), losers[3]]));
      return [value, error.name, losers.map(task => [task.state, task.error.name])];
    }), ['first', 'RangeError', Array(4).fill(['cancelled', 'AbortError'])]);
  });

  test('takes plain promises and values too, and refuses to wait for nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ run, race, rejectionOf, nextTurn }) => {
      const task = run(() => new Promise(() => {}));
      const late = (async () => { await nextTurn(); throw new Error('late'); })();
      const value = await race([task, late, 'a value']);
      await nextTurn();
      await nextTurn();
      const { code, message } = await rejectionOf(race([]));
      return [value, task.state, code, message];
    }), ['a value', 'cancelled', 'invalid-argument', 'race() was given no tasks, and would never end; give it at least one']);
  });
}

function timeout(test) {
  test('gives the result or the error if it comes in time, and leaves no timer', async tab => {
    await watchTimers(tab);
    assert.deepEqual(await tab.run(async ({ run, timeout, rejectionOf }) => [
      await timeout(run(() => 'value'), 50_000), await timeout(Promise.resolve('promise'), '1h'), await timeout('value', 50),
      (await rejectionOf(timeout(run(() => { throw new RangeError('mine'); }), '1h'))).name, window.timers.live(),
    ]), ['value', 'promise', 'value', 'RangeError', 0]);
  });

  test('else rejects with a TimeoutError, and the task is cancelled with it', async tab => {
    assert.deepEqual(await tab.run(async ({ run, timeout, untilAborted }) => {
      const task = run(untilAborted);
      const error = await timeout(task, 10).catch(error => error);
      await task.stopped;
      const plain = await timeout(new Promise(() => {}), '10ms').catch(error => error.name);
      return [error.name, error instanceof DOMException, task.state, task.error === error, plain];
    }), ['TimeoutError', true, 'cancelled', true, 'TimeoutError']);
  });

  test('a bad or missing duration is refused', async tab => {
    const errors = await tab.run(async ({ run, timeout, rejectionOf }) => {
      const task = run(() => new Promise(() => {}));
      return Promise.all([undefined, null, NaN, -1, 'soon', {}].map(async within => {
        const outcome = await Promise.race([rejectionOf(timeout(task, within)), new Promise(resolve => setTimeout(resolve, 50, { code: 'no answer' }))]);
        return [String(within), outcome.code];
      }));
    });
    assert.deepEqual(errors, ['undefined', 'null', 'NaN', '-1', 'soon', '[object Object]'].map(name => [name, 'invalid-argument']));
  });
}

function families(test) {
  test('a cancel reaches every descendant, with its reason, and all of them stop', async tab => {
    assert.deepEqual(await tab.run(async ({ run, TaskManager, untilAborted, nextTurn }) => {
      const manager = new TaskManager();
      const tasks = [];
      const grow = depth => ctx => {
        if (depth > 0) for (let i = 0; i < 3; i++) tasks.push(ctx.run(grow(depth - 1)));
        return untilAborted(ctx);
      };
      const root = manager.submit(grow(5));
      while (tasks.length < 3 + 9 + 27 + 81 + 243) await nextTurn();
      await nextTurn();
      const running = tasks.every(task => task.state === 'running');
      const reason = new Error('enough');
      root.cancel(reason);
      const atOnce = tasks.every(task => task.state === 'cancelled' && task.error === reason);
      await manager.onIdle();
      return [tasks.length, running, atOnce, manager.running];
    }), [363, true, true, 0]);
  });

  test('a cancel goes down a chain of 5,000 children', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager();
      const tasks = [];
      const dig = ctx => {
        if (tasks.length < 5000) tasks.push(ctx.run(dig));
        return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
      };
      const root = manager.submit(dig);
      while (tasks.length < 5000) await nextTurn();
      await nextTurn();
      root.cancel('enough');
      await manager.onIdle();
      return tasks.every(task => task.state === 'cancelled');
    }), true);
  });

  test('a child\'s own end and cancel are no concern of its parent and its siblings', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, nextTurn }) => {
      const gate = deferred();
      const children = [];
      const parent = run(async ctx => {
        children.push(ctx.run(() => new Promise(() => {})), ctx.run(() => { throw new Error('no'); }), ctx.run(() => gate.promise));
        return children[2];
      });
      await nextTurn();
      children[0].cancel();
      await nextTurn();
      const seen = [parent.state, ...children.map(child => child.state)];
      gate.resolve('value');
      return [seen, await parent];
    }), [['running', 'cancelled', 'error', 'running'], 'value']);
  });

  test('what outlives its parent is cancelled, whether the parent succeeds, fails or runs out of time', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted, nextTurn }) => {
      const outcomes = [];
      const failure = new Error('no');
      for (const [end, options] of [[() => 'value'], [() => { throw failure; }], [() => new Promise(() => {}), { timeout: 15 }]]) {
        let child, grandchild;
        const parent = run(async ctx => {
          child = ctx.run(inner => { grandchild = inner.run(untilAborted); return untilAborted(inner); });
          await nextTurn();
          return end();
        }, options);
        await parent.catch(() => {});
        const atOnce = [child.state, grandchild.state];
        await Promise.all([child.stopped, grandchild.stopped]);
        outcomes.push([parent.state, ...atOnce, child.error === parent.error || child.error.name, grandchild.error === child.error]);
      }
      return outcomes;
    }), [['done', 'cancelled', 'cancelled', 'AbortError', true], ['error', 'cancelled', 'cancelled', true, true], ['error', 'cancelled', 'cancelled', true, true]]);
  });

  test('ctx.deadline is the soonest of the task\'s own and those of its ancestors', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const HOUR = 3_600_000;
      const start = Date.now();
      const hours = date => date && Math.round((date - start) / HOUR);
      const deep = options => inner => inner.run(leaf => hours(leaf.deadline), options);
      return run(async ctx => [
        hours(ctx.deadline), await ctx.run(child => hours(child.deadline)), await ctx.run(deep()), await ctx.run(deep(), { timeout: '2h' }),
        await ctx.run(deep({ timeout: '1h' }), { timeout: '2h' }), await ctx.run(deep({ timeout: '9h' }), { timeout: '8h' }), hours(await run(other => other.deadline)),
      ], { timeout: '4h' });
    }), [4, 4, 4, 2, 1, 4, null]);
  });

  test('a child has its own options: name, retries, timeout, signal, progress', async tab => {
    assert.deepEqual(await tab.run(({ run, nextTurn }) => run(async ctx => {
      const retried = ctx.run(child => { if (child.attempt < 3) throw new Error('no'); return child.attempt; }, { name: 'retried', retry: {} });
      const limited = ctx.run(() => new Promise(() => {}), { timeout: 10 });
      const controller = new AbortController();
      const signalled = ctx.run(() => new Promise(() => {}), { signal: controller.signal });
      const talking = ctx.run(async child => { child.progress(1); child.progress(2); });
      await nextTurn();
      controller.abort(new RangeError('signalled'));
      return [
        retried.name, await retried, await limited.catch(error => error.name), await signalled.catch(error => error.name), await talking.then(() => talking.drainProgress()),
      ];
    })), ['retried', 3, 'TimeoutError', 'RangeError', [1, 2]]);
  });
}
