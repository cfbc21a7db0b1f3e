// Functions turned into functions that return tasks.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

describe('runInExecutor', () => {
  const test = inPage(chromium);

  test('passes this and the arguments on, for sync and async functions, and gives a task each time', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor }) => {
      const account = {
        balance: 40,
        add: runInExecutor(function (...amounts) { return amounts.reduce((sum, amount) => sum + amount, this.balance); }),
        later: runInExecutor(async function (amount) { return this.balance + amount; }),
      };
      const [task, other] = [account.add(1, 1), account.add(1, 1)];
      return [task.state, task === other, await task, await account.later(2), await account.add(), await account.add.call({ balance: 1 }, 5)];
    }), ['pending', false, 42, 42, 40, 6]);
  });

  test('keeps name and length, less the context that callers do not pass', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor }) => {
      const plain = runInExecutor(function loadRows(a, b) { return [a, b]; });
      const withContext = runInExecutor(function step(ctx, a) { return a; }, { context: true });
      const none = runInExecutor((...args) => args, { context: true });
      return [plain.name, plain.length, withContext.name, withContext.length, none.length, plain(1, 2).name];
    }), ['loadRows', 2, 'step', 1, 0, 'loadRows']);
  });

  test('context: true puts the task\'s context before the arguments', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor }) => {
      const count = runInExecutor(async function (ctx, to) {
        for (let i = 1; i <= to; i++) ctx.progress(i);
        await ctx.checkpoint();
        return [this.name, ctx.attempt, ctx.signal.aborted, await ctx.run(() => 'child')];
      }, { context: true });
      const task = count.call({ name: 'mine' }, 3);
      const value = await task;
      const without = await runInExecutor((...args) => args.length)(1, 2);
      return [value, task.drainProgress(), without];
    }), [['mine', 1, false, 'child'], [1, 2, 3], 2]);
  });

  test('the task\'s options are those of run: name, retry, timeout, signal, priority, manager', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, TaskManager, rejectionOf }) => {
      let calls = 0;
      const retried = runInExecutor(arg => { if (++calls < 3) throw new Error('no'); return [arg, calls]; }, { retry: { maxAttempts: 3 }, name: 'renamed' });
      const task = retried('again');
      const limited = runInExecutor(() => new Promise(() => {}), { timeout: 10 });
      const stopped = runInExecutor(() => 1, { signal: AbortSignal.abort(new RangeError('stopped')) });
      const manager = new TaskManager({ concurrency: 1 });
      const managed = runInExecutor(() => new Promise(() => {}), { manager, priority: 'background' });
      const tasks = [managed(), managed(), managed()];
      const counts = [manager.running, manager.waiting];
      manager.cancelAll();
      return [await task, task.name, (await rejectionOf(limited())).name, (await rejectionOf(stopped())).name, counts, tasks.map(({ state }) => state)];
    }), [['again', 3], 'renamed', 'TimeoutError', 'RangeError', [1, 2], Array(3).fill('cancelled')]);
  });

  test('with deduplicate and a key made from the arguments, equal calls share a task as long as it runs', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, deferred }) => {
      const calls = [];
      const gate = deferred();
      const source = {
        prefix: 'rows',
        load: runInExecutor(async function (day, options) { calls.push([day, options]); await gate.promise; return day; }, {
          deduplicate: true, key(day) { return `${this.prefix}:${day}`; },
        }),
      };
      const [first, same, other] = [source.load('mon', 1), source.load('mon', 2), source.load('tue', 3)];
      gate.resolve();
      const values = await Promise.all([first, same, other]);
      const again = source.load('mon', 4);
      await again;
      return [first === same, first === other, values, again === first, calls];
    }), [true, false, ['mon', 'mon', 'tue'], false, [['mon', 1], ['tue', 3], ['mon', 4]]]);
  });

  test('a fixed key makes all calls one while it runs', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor }) => {
      let calls = 0;
      const load = runInExecutor(async () => { calls++; }, { deduplicate: true, key: 'load' });
      await Promise.all([load(1), load(2), load(3)]);
      return calls;
    }), 1);
  });

  test('a key function that throws, or gives no string, starts nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, thrownBy, nextTurn }) => {
      let calls = 0;
      const throwing = runInExecutor(() => calls++, { key() { throw new RangeError('mine'); } });
      const numeric = runInExecutor(() => calls++, { key: () => 5 });
      const errors = [thrownBy(throwing), thrownBy(numeric)];
      await nextTurn();
      return [errors[0].name, errors[1].code, /key/.test(errors[1].message), calls];
    }), ['RangeError', 'invalid-argument', true, 0]);
  });

  test('an error is the task\'s, and nothing is thrown at the caller', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, nextTurn }) => {
      const task = runInExecutor(() => { throw new RangeError('mine'); })();
      await nextTurn();
      return [task.state, task.error.name];
    }), ['error', 'RangeError']);
  });
});
