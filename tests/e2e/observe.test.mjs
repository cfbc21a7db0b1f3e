// What loggers and the performance panel see of tasks.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

describe('observing', () => {
  const test = inPage(chromium);

  test('onTask tells of every event of every task, in order, with the task and the time', async tab => {
    assert.deepEqual(await tab.run(async ({ run, onTask, TaskManager, nextTurn }) => {
      const events = [];
      let last = performance.now();
      onTask(({ type, task, time }) => {
        events.push(`${task.name}: ${type}${type === 'settled' ? ` ${task.state}` : ''}`);
        if (!(time >= last - 1 && time <= performance.now())) events.push(`a time of ${time} after ${last}`);
        last = time;
      });
      await run(() => 1, { name: 'done' });
      await run(ctx => { if (ctx.attempt < 3) throw new Error('no'); }, { name: 'retried', retry: {} });
      await run(() => { throw new Error('no'); }, { name: 'failed' }).catch(() => {});
      run(() => 1, { name: 'cancelled' }).cancel();
      await run(ctx => { ctx.run(() => new Promise(() => {}), { name: 'child' }); return nextTurn(); }, { name: 'parent' });
      const manager = new TaskManager({ concurrency: 1, maxQueue: 0 });
      const runs = manager.submit(() => nextTurn(), { name: 'runs' });
      manager.submit(() => 1, { name: 'refused' });
      await runs;
      await nextTurn();
      return events;
    }), [
      'done: submitted', 'done: started', 'done: settled done',
      'retried: submitted', 'retried: started', 'retried: retried', 'retried: retried', 'retried: settled done',
      'failed: submitted', 'failed: started', 'failed: settled error',
      'cancelled: submitted', 'cancelled: settled cancelled',
      'parent: submitted', 'parent: started', 'child: submitted', 'child: started', 'parent: settled done', 'child: settled cancelled',
      'runs: submitted', 'refused: submitted', 'refused: settled error', 'runs: started', 'runs: settled done',
    ]);
  });

  test('a call that makes no task is no event', async tab => {
    assert.deepEqual(await tab.run(async ({ run, onTask, TaskManager, thrownBy, nextTurn }) => {
      const events = [];
      const load = () => run(() => nextTurn(), { key: 'load', deduplicate: true });
      const first = load();
      const disposed = new TaskManager();
      disposed[Symbol.dispose]();
      onTask(({ type, task }) => events.push([type, task === first]));
      load();
      thrownBy(() => run(() => 1, { timeout: 'soon' }));
      thrownBy(() => run(5));
      thrownBy(() => disposed.submit(() => 1));
      await first;
      await nextTurn();
      return events;
    }), [['started', true], ['settled', true]]);
  });

  test('a listener is called in a microtask, not within the call that it tells of', async tab => {
    assert.deepEqual(await tab.run(async ({ run, onTask }) => {
      const log = [];
      onTask(({ type }) => log.push(type));
      const task = run(() => 1);
      log.push('after run');
      task.cancel();
      log.push('after cancel');
      await Promise.resolve();
      return log;
    }), ['after run', 'after cancel', 'submitted', 'settled']);
  });

  test('a listener that throws is reported, and harms neither the task nor the other listeners', async tab => {
    tab.expectProblem(/from the listener/);
    assert.deepEqual(await tab.run(async ({ run, onTask, nextTurn }) => {
      const types = [];
      onTask(() => { throw new Error('from the listener'); });
      onTask(({ type }) => types.push(type));
      const value = await run(() => 42);
      await nextTurn();
      return [value, types];
    }), [42, ['submitted', 'started', 'settled']]);
  });

  test('a listener that was stopped is not called again, by itself or by another one', async tab => {
    assert.deepEqual(await tab.run(async ({ run, onTask, nextTurn }) => {
      const log = [];
      const stop = onTask(({ type }) => { log.push(`first: ${type}`); stop(); stopSecond(); });
      const stopSecond = onTask(({ type }) => log.push(`second: ${type}`));
      const third = onTask(({ type }) => log.push(`third: ${type}`));
      await run(() => 1);
      await nextTurn();
      third();
      third();
      await run(() => 1);
      await nextTurn();
      return log;
    }), ['first: submitted', 'third: submitted', 'third: started', 'third: settled']);
  });

  test('a listener may start and cancel tasks', async tab => {
    assert.deepEqual(await tab.run(async ({ run, onTask, nextTurn }) => {
      let started = 0;
      onTask(({ type, task }) => {
        if (type === 'started' && task.name === 'first') run(() => { started++; }, { name: 'second' });
        if (type === 'started' && task.name === 'doomed') task.cancel();
      });
      const doomed = run(() => new Promise(() => {}), { name: 'doomed' });
      await run(() => 1, { name: 'first' });
      await nextTurn();
      return [started, doomed.state];
    }), [1, 'cancelled']);
  });

  test('there are no measures by default, and none after the trace is off again', async tab => {
    assert.deepEqual(await tab.run(async ({ init, run, nextTurn }) => {
      const count = async () => {
        await run(() => 1, { name: 'measured' });
        await nextTurn();
        return performance.getEntriesByType('measure').length;
      };
      const seen = [await count()];
      await init({ trace: true });
      await init({ trace: true });
      seen.push(await count());
      await init();
      seen.push(await count());
      await init({ trace: false });
      seen.push(await count());
      return seen;
    }), [0, 1, 2, 2]);
  });

  test('with init({ trace: true }) each task leaves a measure in a track of taskloom\'s own', async tab => {
    assert.deepEqual(await tab.run(async ({ init, run, TaskManager, nextTurn }) => {
      await init({ trace: true });
      await run(async () => { await nextTurn(); }, { name: 'fine' });
      await run(() => { throw new RangeError('mine'); }, { name: 'bad', retry: { maxAttempts: 2 } }).catch(() => {});
      run(() => 1, { name: 'stopped' }).cancel();
      await run(() => 1);
      await new TaskManager({ concurrency: 1 }).submit(() => 1, { name: 'managed' });
      await nextTurn();
      return performance.getEntriesByType('measure').map(({ name, startTime, duration, detail: { devtools } }) => {
        const properties = Object.fromEntries(devtools.properties);
        return [
          name, devtools.dataType, [devtools.track, devtools.trackGroup].includes('taskloom'), typeof devtools.color, startTime > 0 && duration >= 0,
          properties.state, properties.attempts, properties.error ?? null,
        ];
      });
    }), [
      ['fine', 'track-entry', true, 'string', true, 'done', '1', null],
      ['bad', 'track-entry', true, 'string', true, 'error', '2', 'RangeError: mine'],
      ['stopped', 'track-entry', true, 'string', true, 'cancelled', '0', "AbortError: The task 'stopped' was cancelled"],
      ['task', 'track-entry', true, 'string', true, 'done', '1', null],
      ['managed', 'track-entry', true, 'string', true, 'done', '1', null],
    ]);
  });

  test('a trace takes every error that can be thrown', async tab => {
    assert.deepEqual(await tab.run(async ({ init, run, nextTurn }) => {
      await init({ trace: true });
      const thrown = [Object.create(null), { toString() { throw new Error('toString'); } }, Symbol('s'), 0, '', null, undefined, new Proxy({}, {})];
      await Promise.allSettled(thrown.map(error => run(() => { throw error; })));
      await nextTurn();
      return performance.getEntriesByType('measure').length;
    }), 8);
  });

  test('timeLeft is an estimate while the task runs and says value and total, else null', async tab => {
    const { left, end, nulls, slower } = await tab.run(async ({ run, deferred, nextTurn }) => {
      const gate = deferred();
      const nulls = [];
      const task = run(async ctx => {
        await new Promise(resolve => setTimeout(resolve, 40));
        for (const value of ['text', 0.5, null, { value: 1 }, { total: 2 }, { value: '1', total: 2 }, { value: 0, total: 2 }, { value: NaN, total: 2 }, { value: 1, total: 0 }, { value: 1, total: -2 }]) {
          ctx.progress(value);
          nulls.push(task.timeLeft);
        }
        ctx.progress({ value: 1, total: 2 });
        const half = task.timeLeft;
        ctx.progress({ value: 1, total: 4, text: 'a quarter' });
        const quarter = task.timeLeft;
        ctx.progress({ value: 2, total: 2 });
        gate.resolve({ left: half, end: task.timeLeft, slower: quarter > half });
        await nextTurn();
      });
      nulls.push(task.timeLeft);
      const seen = await gate.promise;
      await task;
      nulls.push(task.timeLeft);
      return { ...seen, nulls };
    });
    assert.deepEqual([nulls, slower], [Array(12).fill(null), true]);
    assert(left > 0 && Number.isFinite(left), String(left));
    assert(end === 0 || end === null, String(end));
  });
});
