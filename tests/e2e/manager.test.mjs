// Managers: how many tasks run at once, who is next, and what is kept of those that are over.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { watchTimers } from './stress/timers.mjs';
import { browsers } from './support/browsers.mjs';
import { ofCore } from './support/matrix.mjs';
import { inPage } from './support/suite.mjs';

for (const browser of browsers) {
  describe(`managers in ${browser.name}`, () => {
    const test = inPage(browser);
    const core = ofCore(test, browser);
    describe('order', () => order(core));
    describe('places', () => places(core));
    describe('waiting', () => waiting(test));
    describe('rate limit', () => rateLimit(core));
    describe('finished tasks', () => finishedTasks(core));
    describe('deduplication', () => deduplication(core));
    describe('disposing', () => disposing(test));
  });
}

function order(test) {
  test('the waiting tasks of one class start first come first served, also when some leave the line', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const order = [];
      const tasks = Array.from({ length: 12 }, (_, i) => manager.submit(() => order.push(i)));
      for (const i of [3, 4, 11]) tasks[i].cancel();
      await manager.onIdle();
      return order;
    }), [0, 1, 2, 5, 6, 7, 8, 9, 10]);
  });

  test('the urgent start first, a task without priority is user-visible, and each class keeps its order', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1 });
      manager.pause();
      const order = [];
      const submit = (name, priority) => manager.submit(() => order.push(name), { priority });
      submit('b1', 'background');
      submit('v1', 'user-visible');
      submit('none', undefined);
      submit('u1', 'user-blocking');
      submit('b2', 'background');
      submit('u2', 'user-blocking');
      submit('v2', 'user-visible');
      manager.resume();
      await manager.onIdle();
      return order.join(' ');
    }), 'u1 u2 v1 none v2 b1 b2');
  });

  test('no class is overtaken more than 16 times in a row', async tab => {
    const order = await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1 });
      manager.pause();
      const order = [];
      for (const priority of ['background', 'user-visible', 'user-blocking']) {
        for (let i = 0; i < 60; i++) manager.submit(() => order.push(priority), { priority });
      }
      manager.resume();
      await manager.onIdle();
      return order;
    });
    assert.equal(order.length, 180);
    for (const [priority, length] of [['user-visible', 60], ['background', 60]]) {
      const places = order.flatMap((name, place) => (name === priority ? [place] : []));
      assert.equal(places.length, length);
      // A class that waits behind two others may have to let the other that has waited as long go first.
      for (const [i, place] of places.entries()) assert(place - (places[i - 1] ?? -1) <= 18, `${priority}: ${places}`);
    }
    assert(order.indexOf('user-visible') >= 15, 'the urgent do go first');
  });
}

function places(test) {
  test('concurrency may be changed at any time: more start at once, and none is stopped', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 2 });
      const gates = [];
      const tasks = Array.from({ length: 12 }, () => manager.submit(() => {
        const gate = deferred();
        gates.push(gate);
        return gate.promise;
      }));
      const seen = [];
      const look = async () => {
        await nextTurn();
        seen.push([manager.concurrency, gates.length, manager.running, manager.waiting]);
      };
      await look();
      manager.concurrency = 5;
      await look();
      manager.concurrency = 1;
      await look();
      for (const gate of gates.splice(0, 4)) gate.resolve();
      await look();
      gates.shift().resolve();
      await look();
      manager.concurrency = Infinity;
      await look();
      for (const gate of gates) gate.resolve();
      await manager.onIdle();
      return [seen, tasks.every(task => task.state === 'done')];
    }), [[[2, 2, 2, 10], [5, 5, 5, 7], [1, 5, 5, 7], [1, 1, 1, 7], [1, 1, 1, 6], [null, 7, 7, 0]], true]);
  });

  test('pausing stops no running task, starts no new one, whatever else happens, and resuming starts as many as may run', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 2 });
      const gate = deferred();
      let calls = 0;
      const running = manager.submit(() => gate.promise);
      const others = Array.from({ length: 4 }, () => manager.submit(() => { calls++; return new Promise(() => {}); }));
      manager.pause();
      manager.pause();
      await nextTurn();
      const atOnce = calls;
      gate.resolve('done');
      const value = await running;
      manager.concurrency = 3;
      others[3].cancel();
      others.push(manager.submit(() => { calls++; return new Promise(() => {}); }));
      await nextTurn();
      const whilePaused = [calls, manager.waiting, manager.isPaused];
      manager.resume();
      manager.resume();
      await nextTurn();
      return [atOnce, value, whilePaused, calls, manager.running, manager.waiting, manager.isPaused];
    }), [1, 'done', [1, 3, true], 3, 3, 1, false]);
  });

  test('a cancelled task leaves the queue at once, also of a paused manager, and another takes its turn', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      manager.pause();
      const [first, second] = [manager.submit(() => 'first'), manager.submit(() => 'second')];
      const cancelled = first.cancel();
      const waiting = manager.waiting;
      await first.stopped;
      manager.resume();
      await nextTurn();
      return [cancelled, waiting, first.state, await second, manager.running];
    }), [true, 1, 'cancelled', 'second', 0]);
  });

  test('a task keeps its place through the waits between its attempts', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const failing = manager.submit(() => { throw new Error('no'); }, { retry: { baseDelay: '1h' } });
      const next = manager.submit(() => 'next');
      await nextTurn();
      const seen = [failing.attempt, next.state, manager.running];
      failing.cancel();
      return [seen, await next];
    }), [[1, 'pending', 1], 'next']);
  });

  test('children need no place, however deep, and paused or full managers start them all the same', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1, maxQueue: 0 });
      const dig = depth => async ctx => (depth === 0 ? 'ground' : ctx.run(dig(depth - 1)));
      const deep = await manager.submit(dig(200));
      const wide = await manager.submit(async ctx => {
        manager.pause();
        const parts = await Promise.all(Array.from({ length: 50 }, (_, i) => ctx.run(() => i)));
        manager.resume();
        return parts.length;
      });
      return [deep, wide];
    }), ['ground', 50]);
  });

  test('one manager\'s limits are none of another\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, run, nextTurn }) => {
      const [one, other] = [new TaskManager({ concurrency: 1 }), new TaskManager({ concurrency: 1 })];
      const forever = () => new Promise(() => {});
      for (let i = 0; i < 3; i++) one.submit(forever);
      const counts = [await other.submit(() => 'other'), await run(() => 'default'), await run(() => 'by option', { manager: other })];
      await nextTurn();
      const seen = [one.running, one.waiting, other.running, other.waiting];
      return [counts, seen, other.cancelAll(), one.cancelAll()];
    }), [['other', 'default', 'by option'], [1, 2, 0, 0], 0, 3]);
  });
}

function waiting(test) {
  test('a task beyond maxQueue is not thrown but in error with queue-full, never runs, and is not found again', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn, describe }) => {
      const manager = new TaskManager({ concurrency: 1, maxQueue: 2 });
      const tasks = Array.from({ length: 5 }, () => manager.submit(() => new Promise(() => {})));
      await nextTurn();
      const { code, message } = describe(tasks[3].error);
      await Promise.all(tasks.slice(3).map(task => task.stopped));
      const seen = [
        tasks.map(task => task.state), code, message.includes('maxQueue'), tasks[3].attempt, manager.waiting, [...manager].length,
        manager.get(tasks[3].id) === undefined, manager.get(tasks[4].id) === undefined,
      ];
      tasks[1].cancel();
      return [...seen, manager.submit(() => 1, { priority: 'background' }).state, manager.submit(() => 1, { name: 'one too many' }).state];
    }), [['running', 'pending', 'pending', 'error', 'error'], 'queue-full', true, 0, 2, 3, true, true, 'pending', 'error']);
  });

  test('maxQueue 0 lets nothing wait, and counts waiting tasks only', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const manager = new TaskManager({ concurrency: 2, maxQueue: 0 });
      const gate = deferred();
      const tasks = Array.from({ length: 4 }, () => manager.submit(() => gate.promise));
      const states = tasks.map(task => task.state);
      gate.resolve();
      await manager.onIdle();
      return [states, await manager.submit(() => 'room again')];
    }), [['pending', 'pending', 'error', 'error'], 'room again']);
  });

  test('cancelWaiting() cancels those that have not started, with the reason, and says how many', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn, deferred }) => {
      const manager = new TaskManager({ concurrency: 2 });
      const gate = deferred();
      const tasks = Array.from({ length: 6 }, () => manager.submit(() => gate.promise));
      await nextTurn();
      const reason = new Error('not needed');
      const counts = [manager.cancelWaiting(reason), manager.waiting, manager.running, manager.cancelWaiting(reason)];
      gate.resolve('done');
      const values = [await tasks[0], await tasks[1]];
      return [counts, values, tasks.slice(2).map(task => [task.state, task.error === reason, task.startedAt])];
    }), [[4, 0, 2, 0], ['done', 'done'], Array(4).fill(['cancelled', true, null])]);
  });

  test('cancelAll() cancels all that are not done, descendants included, with the reason, and says how many', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn, untilAborted }) => {
      const manager = new TaskManager({ concurrency: 2 });
      const done = manager.submit(() => 1);
      await done;
      let child;
      const tasks = [
        manager.submit(ctx => { child = ctx.run(untilAborted); return child; }), manager.submit(untilAborted), manager.submit(untilAborted),
      ];
      await nextTurn();
      const reason = new Error('all of it');
      const count = manager.cancelAll(reason);
      const errors = [...tasks, child].map(task => [task.state, task.error === reason]);
      await manager.onIdle();
      return [count, errors, done.state, manager.cancelAll(), await manager.submit(() => 'goes on')];
    }), [4, Array(4).fill(['cancelled', true]), 'done', 0, 'goes on']);
  });

  test('onWaitingBelow() resolves when the line is short enough, and not before', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn, deferred }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gates = [];
      const tasks = Array.from({ length: 6 }, () => manager.submit(() => {
        const gate = deferred();
        gates.push(gate);
        return gate.promise;
      }));
      const log = [];
      for (const limit of [6, 4, 4, 1]) manager.onWaitingBelow(limit).then(() => log.push(`${limit}: ${manager.waiting}`));
      await nextTurn();
      log.push('--');
      gates[0].resolve();
      await nextTurn();
      log.push('--');
      tasks[5].cancel();
      await nextTurn();
      log.push('--');
      manager.cancelWaiting();
      await nextTurn();
      return log;
    }), ['6: 5', '--', '--', '4: 3', '4: 3', '--', '1: 0']);
  });

  test('a long list is fed piece by piece: never more wait than the limit', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 3 });
      let most = 0;
      let calls = 0;
      for (let i = 0; i < 500; i++) {
        await manager.onWaitingBelow(10);
        manager.submit(async ctx => { calls++; await ctx.checkpoint(); });
        most = Math.max(most, manager.waiting);
      }
      await manager.onIdle();
      return [most, calls];
    }), [10, 500]);
  });

  test('onIdle() resolves at once when nothing waits or runs, and for all who wait when that comes', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      await manager.onIdle();
      const log = [];
      const gate = deferred();
      manager.submit(() => gate.promise);
      manager.submit(() => { log.push('second'); throw new Error('no'); });
      for (const name of ['a', 'b']) manager.onIdle().then(() => log.push(name));
      await nextTurn();
      log.push('--');
      gate.resolve();
      await manager.onIdle();
      await nextTurn();
      manager.submit(() => log.push('third'));
      await manager.onIdle();
      return log;
    }), ['--', 'second', 'a', 'b', 'third']);
  });

  test('onIdle() waits for cancelled functions that have not ended, for children, and for a paused manager\'s queue', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, nextTurn }) => {
      const idleOf = manager => {
        const state = { idle: false };
        manager.onIdle().then(() => { state.idle = true; });
        return state;
      };
      const gate = deferred();
      const slow = new TaskManager();
      slow.submit(() => gate.promise);
      const family = new TaskManager();
      const parent = family.submit(ctx => { ctx.run(() => gate.promise); return nextTurn(); });
      const paused = new TaskManager();
      paused.pause();
      paused.submit(() => 1);
      const states = [slow, family, paused].map(idleOf);
      await nextTurn();
      slow.cancelAll();
      await parent;
      await nextTurn();
      const before = states.map(({ idle }) => idle);
      gate.resolve();
      paused.resume();
      await nextTurn();
      return [before, states.map(({ idle }) => idle)];
    }), [[false, false, false], [true, true, true]]);
  });
}

function rateLimit(test) {
  test('no more than limit tasks start in the span, whether the earlier ones are over or not', async tab => {
    await watchTimers(tab);
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager({ rateLimit: { limit: 3, per: '1h' } });
      let calls = 0;
      const tasks = Array.from({ length: 10 }, () => manager.submit(() => calls++));
      await Promise.all(tasks.slice(0, 3));
      await nextTurn();
      const seen = [calls, manager.waiting, manager.running];
      const cancelled = manager.cancelAll();
      await manager.onIdle();
      return [seen, cancelled, window.timers.live()];
    }), [[3, 7, 0], 7, 0]);
  });

  test('the others start when the span has passed since those before them, in their order', async tab => {
    const { order, starts } = await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ rateLimit: { limit: 2, per: 30 } });
      const order = [];
      const starts = [];
      for (let i = 0; i < 7; i++) manager.submit(() => { order.push(i); starts.push(performance.now()); });
      await manager.onIdle();
      return { order, starts };
    });
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
    // The span is what is promised; 2 ms for the coarse clocks of browsers.
    for (let i = 2; i < starts.length; i++) assert(starts[i] - starts[i - 2] >= 28, `${starts[i] - starts[i - 2]} ms between ${i - 2} and ${i}`);
  });

  test('children and further attempts do not count, and concurrency and maxQueue hold as ever', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1, maxQueue: 1, rateLimit: { limit: 2, per: '1h' } });
      const first = await manager.submit(async ctx => {
        if (ctx.attempt < 3) throw new Error('no');
        return await ctx.run(() => 20) + await ctx.run(() => 22);
      }, { retry: {} });
      const second = manager.submit(() => 'second');
      const third = manager.submit(() => 'third');
      const values = [first, await second];
      const refused = manager.submit(() => 'refused');
      await nextTurn();
      const seen = [third.state, refused.state, manager.waiting, manager.running];
      manager.cancelAll();
      return [values, seen];
    }), [[42, 'second'], ['pending', 'error', 1, 0]]);
  });

  test('a refused or cancelled task uses up none of the limit', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ rateLimit: { limit: 1, per: '1h' } });
      manager.pause();
      manager.submit(() => 'cancelled').cancel();
      manager.resume();
      return manager.submit(() => 'the first to start');
    }), 'the first to start');
  });
}

function finishedTasks(test) {
  test('a submit trims the finished tasks to maxCompleted, the oldest first; cleanup() does the same and says how many', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const names = manager => [...manager].map(task => task.name).join('');
      const manager = new TaskManager({ maxCompleted: 3 });
      const submit = name => manager.submit(() => {}, { name });
      const first = [...'abcde'].map(submit);
      await Promise.all(first);
      const seen = [names(manager)]; // nothing was submitted since they are over
      const f = submit('f');
      seen.push(names(manager));
      await f;
      seen.push(names(manager), manager.cleanup(), names(manager), manager.cleanup());
      return seen;
    }), ['abcde', 'cdef', 'cdef', 1, 'def', 0]);
  });

  test('256 finished tasks are kept if maxCompleted is not given; a submit trims when it is passed by an eighth, cleanup() always', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager();
      const fill = async count => {
        await Promise.all(Array.from({ length: count }, () => manager.submit(() => {})));
        return [...manager].length;
      };
      return [await fill(288), await fill(1), await fill(1), manager.cleanup(), [...manager].length];
    }), [288, 289, 257, 1, 256]);
  });

  test('the oldest is the one that has finished first, and a task that is not over is never dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const manager = new TaskManager({ maxCompleted: 1 });
      const gates = [deferred(), deferred(), deferred()];
      const tasks = gates.map((gate, i) => manager.submit(() => gate.promise, { name: String(i) }));
      const live = manager.submit(() => new Promise(() => {}), { name: 'live' });
      const ids = tasks.map(task => task.id);
      for (const i of [2, 0, 1]) {
        gates[i].resolve();
        await tasks[i];
      }
      const order = [...manager].map(task => task.name);
      const dropped = manager.cleanup();
      return [order, dropped, ids.map(id => manager.get(id)?.name ?? null), manager.get(live.id) === live];
    }), [['2', '0', '1', 'live'], 2, [null, '1', null], true]);
  });

  test('maxCompleted 0 keeps none', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ maxCompleted: 0 });
      const task = manager.submit(() => 'value');
      const { id } = task;
      const found = manager.get(id) === task;
      await task;
      return [found, manager.cleanup(), manager.get(id) === undefined, [...manager].length, task.result];
    }), [true, 1, true, 0, 'value']);
  });

  test('a burst of finished tasks does not pile up without bound, even when nothing is submitted any more', async tab => {
    assert(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ maxCompleted: 10, concurrency: 100 });
      for (let i = 0; i < 20_000; i++) manager.submit(() => i);
      await manager.onIdle();
      return [...manager].length <= 10 + 2048;
    }));
  });

  test('get() finds a task by its id until it is forgotten, in its own manager only', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const [manager, other] = [new TaskManager({ maxCompleted: 1 }), new TaskManager()];
      const [asked, silent, last] = [manager.submit(() => 1), manager.submit(() => 2), manager.submit(() => 3)];
      const { id } = asked;
      const before = [manager.get(id) === asked, other.get(id) === undefined];
      await manager.onIdle();
      manager.cleanup();
      return [before, [id, silent.id].map(id => manager.get(id) === undefined), manager.get(last.id) === last, manager.get('no such id') === undefined];
    }), [[true, true], [true, true], true, true]);
  });

  test('an alias finds its task until another one takes the name or the task is forgotten', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ maxCompleted: 1 });
      const [first, second, third] = ['a', 'b', 'c'].map(name => manager.submit(() => {}, { name }));
      const named = () => ['global:one', 'global:two', 'one'].map(id => manager.get(id)?.name ?? null);
      manager.alias(first, 'one');
      manager.alias(first, 'two');
      const seen = [named()];
      manager.alias(second, 'one');
      seen.push(named());
      await Promise.all([first, second]);
      await third;
      manager.cleanup(); // forgets a and b
      seen.push(named());
      manager.alias(third, 'one');
      seen.push(named());
      return seen;
    }), [['a', 'a', null], ['b', 'a', null], [null, null, null], ['c', null, null]]);
  });

  test('iterating gives the finished tasks, oldest first, then those that wait or run', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const manager = new TaskManager({ concurrency: 2 });
      const gate = deferred();
      const submit = (name, fn) => manager.submit(fn, { name });
      submit('runs', () => gate.promise);
      const [ok, failed] = [submit('done', () => 1), submit('failed', () => { throw new Error('no'); })];
      await ok;
      await failed.catch(() => {});
      submit('runs too', () => gate.promise);
      submit('waits', () => 1);
      submit('cancelled', () => 1).cancel();
      const names = [...manager].map(task => task.name);
      return [names.slice(0, 3), names.slice(3).sort()];
    }), [['done', 'failed', 'cancelled'], ['runs', 'runs too', 'waits']]);
  });
}

function deduplication(test) {
  test('a key is the manager\'s own, and only deduplicate makes use of it', async tab => {
    assert.deepEqual(await tab.run(({ TaskManager, run }) => {
      const managers = [new TaskManager(), new TaskManager()];
      const load = (manager, deduplicate) => manager.submit(() => new Promise(() => {}), { key: 'load', deduplicate });
      const [one, other] = managers.map(manager => load(manager, true));
      const byDefault = run(() => 1, { key: 'load', deduplicate: true });
      return [
        load(managers[0], true) === one, load(managers[1], true) === other, one === other, byDefault === one, load(managers[0], false) === one,
        managers[0].submit(() => 1, { key: 'other', deduplicate: true }) === one,
      ];
    }), [true, true, false, false, false, false]);
  });

  test('after the end of a key\'s task, however it ended, a new one starts', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager();
      const load = fn => manager.submit(fn, { key: 'load', deduplicate: true });
      const done = load(() => 1);
      await done;
      const failed = load(() => { throw new Error('no'); });
      await failed.catch(() => {});
      const cancelled = load(() => new Promise(() => {}));
      await Promise.resolve();
      cancelled.cancel(); // its function has not ended
      const last = load(() => 'last');
      return [new Set([done, failed, cancelled, last]).size, await last];
    }), [4, 'last']);
  });

  test('the tasks of one key that were not deduplicated are found as long as one of them is not over', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const manager = new TaskManager();
      const gate = deferred();
      const long = manager.submit(() => gate.promise, { key: 'load' });
      await manager.submit(() => 'short', { key: 'load' });
      return manager.submit(() => 'a second one', { key: 'load', deduplicate: true }) === long;
    }), true);
  });

  test('a task that waits is deduplicated too, and one that was refused is not', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const manager = new TaskManager({ concurrency: 1, maxQueue: 1 });
      const gate = deferred();
      manager.submit(() => gate.promise);
      const load = key => manager.submit(() => 'loaded', { key, deduplicate: true });
      const waits = load('a');
      const [again, refused] = [load('a'), load('b')];
      gate.resolve();
      await manager.onIdle();
      return [again === waits, refused.state, await load('b')];
    }), [true, 'error', 'loaded']);
  });
}

function disposing(test) {
  test('a disposed manager cancels what it has, and every later submit throws disposed, with options or without', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, run, untilAborted, thrownBy, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      let context;
      const tasks = [manager.submit(ctx => { context = ctx; return untilAborted(ctx); }), manager.submit(untilAborted)];
      await nextTurn();
      manager[Symbol.dispose]();
      const refused = [
        () => manager.submit(() => 1), () => manager.submit(() => 1, { name: 'named' }), () => run(() => 1, { manager }), () => context.run(() => 1),
      ].map(call => thrownBy(call).code);
      await nextTurn();
      return [tasks.map(task => [task.state, task.error.name]), refused, thrownBy(() => manager.submit(() => 1)).code];
    }), [Array(2).fill(['cancelled', 'AbortError']), Array(4).fill('disposed'), 'disposed']);
  });

  test('nothing that is asked of a disposed manager does harm, to the library or to the manager made next', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, run, nextTurn }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const task = manager.submit(() => 1);
      await task;
      manager[Symbol.dispose]();
      await manager.onIdle();
      await nextTurn();
      const codes = [];
      const ask = () => {
        for (const call of [
          () => manager.pause(), () => manager.resume(), () => { manager.concurrency = 7; }, () => manager.cleanup(), () => manager.onIdle(),
          () => manager.onWaitingBelow(1), () => manager.cancelAll(), () => manager.cancelWaiting(), () => manager.get(task.id), () => [...manager],
          () => manager.waiting + manager.running, () => manager.pause(), () => manager[Symbol.dispose](),
        ]) {
          try {
            call();
          } catch (error) {
            if (error.code !== 'disposed') codes.push(`${error.code}: ${error.message}`);
          }
        }
      };
      ask();
      const next = new TaskManager({ concurrency: 2 }); // may get the number that the other one had
      const running = next.submit(() => new Promise(() => {}));
      ask();
      await nextTurn();
      return [codes, running.state, next.isPaused, await next.submit(() => 'runs'), await run(() => 'works')];
    }), [[], 'running', false, 'runs', 'works']);
  });

  test('a disposed manager forgets its tasks, whose handles stay', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, nextTurn }) => {
      const manager = new TaskManager();
      const [asked, silent] = [manager.submit(() => 'value'), manager.submit(() => 'value')];
      const { id } = asked;
      manager.alias(asked, 'name');
      await manager.onIdle();
      manager[Symbol.dispose]();
      await nextTurn();
      return [[id, silent.id, 'global:name'].map(id => manager.get(id) === undefined), asked.result, silent.result];
    }), [[true, true, true], 'value', 'value']);
  });
}
