// `runInExecutor` with `cache`: tasks whose results are kept.

import assert from 'node:assert/strict';
import { reload } from '../state/support.mjs';

export default function executor(test) {
  test('a hit is a task that is done already, with a value of its own', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, nextTurn }) => {
      let calls = 0;
      const load = runInExecutor(async function loadRows(day) {
        calls++;
        return { day, rows: [1, 2], since: this?.since };
      }, { cache: { ttl: '1h' } });
      const first = load({ on: 'mon' });
      const states = [first.state];
      (await first).rows.push('changed by its caller');
      const hit = load({ on: 'mon' });
      states.push(hit.state, hit.done, hit.error, hit.progress ?? null, hit.cancel(), hit.name, typeof hit.id, hit === first, hit.constructor === first.constructor, hit.drainProgress().length);
      const values = [hit.result.rows, (await hit).rows, hit.result === first.result, [...(await load({ on: 'mon' })).rows]];
      await hit.stopped;
      await nextTurn();
      return [states, values, calls, load.name, hit.finishedAt >= first.finishedAt];
    }), [['pending', 'done', true, null, null, false, 'loadRows', 'string', false, true, 0], [[1, 2], [1, 2], false, [1, 2]], 1, 'loadRows', true]);
  });

  test('it looks like the function that was given: name and length, less the context', async tab => {
    assert.deepEqual(await tab.run(({ runInExecutor }) => [
      runInExecutor(function loadRows(a, b) { return [a, b]; }, { cache: {} }), runInExecutor(function step(ctx, a) { return a; }, { context: true, cache: {} }),
    ].map(({ name, length }) => [name, length])), [['loadRows', 2], ['step', 1]]);
  });

  test('concurrent calls are tasks of their own that share one execution; cancelling one leaves the other', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, deferred, until }) => {
      const gate = deferred();
      let calls = 0;
      let signal;
      const load = runInExecutor(async (ctx, key) => {
        calls++;
        ({ signal } = ctx);
        await gate.promise;
        return { key };
      }, { context: true, cache: { ttl: '1h' } });
      const tasks = [load('a'), load('a'), load('a')];
      await until(() => calls > 0);
      tasks[0].cancel(new RangeError('mine'));
      const meanwhile = [tasks[0].state, tasks[1].state, signal.aborted, load.cache.stats().inFlight];
      gate.resolve();
      const values = [await tasks[1], await tasks[2]];
      return [meanwhile, values, values[0] === values[1], calls, await tasks[0].catch(({ name }) => name), load('a').state];
    }), [['cancelled', 'running', false, 1], [{ key: 'a' }, { key: 'a' }], false, 1, 'RangeError', 'done']);
  });

  test('when all have cancelled the function is told by its signal, and nothing is kept', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, untilAborted, until }) => {
      const aborted = [];
      let calls = 0;
      const load = runInExecutor((ctx, key) => {
        calls++;
        ctx.signal.addEventListener('abort', () => aborted.push(key));
        return key === 'hangs' && calls === 1 ? untilAborted(ctx) : key;
      }, { context: true, cache: { ttl: '1h' } });
      const tasks = [load('hangs'), load('hangs')];
      await until(() => calls > 0);
      tasks[0].cancel();
      const between = [...aborted];
      tasks[1].cancel('no more');
      await Promise.allSettled(tasks.map(task => task.stopped));
      const after = [load.cache.has('hangs'), load.cache.stats().inFlight, load.cache.stats().entries];
      return [between, aborted, tasks.map(({ state }) => state), after, await load('hangs'), calls];
    }), [[], ['hangs'], ['cancelled', 'cancelled'], [false, 0, 0], 'hangs', 2]);
  });

  test('a signal of the options cancels the callers, and with them the execution', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, untilAborted, until }) => {
      const controller = new AbortController();
      let aborted = 0;
      let started = 0;
      const load = runInExecutor(ctx => {
        started++;
        ctx.signal.addEventListener('abort', () => aborted++);
        return untilAborted(ctx);
      }, { context: true, signal: controller.signal, cache: {} });
      const tasks = [load(), load()];
      await until(() => started > 0);
      controller.abort(new RangeError('all of it'));
      return [await Promise.all(tasks.map(task => task.catch(({ name }) => name))), await until(() => aborted), load.cache.stats().inFlight];
    }), [['RangeError', 'RangeError'], 1, 0]);
  });

  test('progress is forwarded to each caller, also what was said before it came', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, deferred, until }) => {
      const gate = deferred();
      const load = runInExecutor(async ctx => {
        ctx.progress(1);
        ctx.progress(2);
        await gate.promise;
        ctx.progress(3);
        await ctx.checkpoint();
        return 'loaded';
      }, { context: true, cache: {} });
      const first = load();
      await until(() => first.progress === 2);
      const second = load();
      await until(() => second.progress === 2);
      gate.resolve();
      const values = await Promise.all([first, second]);
      await until(() => first.progress === 3 && second.progress === 3);
      return [values, first.drainProgress(), second.drainProgress()];
    }), [['loaded', 'loaded'], [1, 2, 3], [1, 2, 3]]);
  });

  test('the options of run hold for the execution: retry, timeout, name', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, rejectionOf }) => {
      let calls = 0;
      const retried = runInExecutor(arg => { if (++calls < 3) throw new Error('no'); return [arg, calls]; }, { retry: { maxAttempts: 3 }, name: 'renamed', cache: {} });
      const tasks = [retried('again'), retried('again')];
      let hung = 0;
      const limited = runInExecutor(() => { hung++; return new Promise(() => {}); }, { timeout: 10, cache: {} });
      const errors = [(await rejectionOf(limited())).name, (await rejectionOf(limited())).name];
      return [await Promise.all(tasks), calls, tasks[0].name, retried('again').name, errors, hung, limited.cache.stats().failures];
    }), [[['again', 3], ['again', 3]], 3, 'renamed', 'renamed', ['TimeoutError', 'TimeoutError'], 2, 2]);
  });

  test('a manager of bounded concurrency does not wait for itself', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const load = runInExecutor(async key => ({ key }), { manager, cache: { ttl: '1h' } });
      const tasks = [load('a'), load('b'), load('a')];
      const values = await Promise.all(tasks);
      await manager.onIdle();
      return values.map(({ key }) => key);
    }), ['a', 'b', 'a']);
  });

  test('a function that calls itself with the same arguments is told so, and does not wait for itself', async tab => {
    assert.equal(await tab.run(async ({ runInExecutor, rejectionOf }) => {
      const load = runInExecutor(async key => load(key), { cache: {} });
      return (await rejectionOf(load('a'))).code;
    }), 'recursive-call');
  });

  test('an error is the task\'s, is not kept, and is kept with errorTtl', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, nextTurn }) => {
      let calls = 0;
      const seen = [];
      for (const cache of [{}, { errorTtl: '1h' }]) {
        const load = runInExecutor(() => { throw new RangeError(`call ${++calls}`); }, { cache });
        for (let i = 0; i < 2; i++) {
          const task = load();
          await task.catch(() => {});
          await nextTurn();
          seen.push(`${task.state} ${task.error.message}`);
        }
      }
      return seen;
    }), ['error call 1', 'error call 2', 'error call 3', 'error call 3']);
  });

  test('cache has the methods of cached functions: clear, has, peek, info, refresh, warm, stats, subscribe', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, until }) => {
      let calls = 0;
      const load = runInExecutor(async key => `${key}${++calls}`, { cache: { ttl: '1h', name: 'named' } });
      const events = [];
      load.cache.subscribe(({ type, name }) => events.push(`${type} ${name}`));
      const seen = [await load('a'), load.cache.has('a'), load.cache.peek('a'), load.cache.info('b') ?? null, await load.cache.refresh('a'), load('a').result];
      const warmed = await load.cache.warm([['a'], ['b']]);
      load.cache.clear('a');
      const { hits, misses, entries } = load.cache.stats();
      seen.push(warmed.map(({ value }) => value), load.cache.has('a'), load.cache.has('b'), hits, misses, entries);
      await until(() => events.length >= 4);
      return [seen, events.slice(0, 3)];
    }), [['a1', true, 'a1', null, 'a2', 'a2', ['a2', 'b3'], false, true, 2, 2, 1], ['stored named', 'refreshed named', 'stored named']]);
  });

  test('this reaches the function, and is part of the key if hashFuncs says so', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor }) => {
      class Account { constructor(id) { this.id = id; } }
      Account.prototype.load = runInExecutor(async function (key) { return `${this.id}${key}`; }, { cache: { hashFuncs: new Map([[Account, ({ id }) => id]]) } });
      const [one, two] = [new Account(1), new Account(2)];
      return [await one.load('a'), await two.load('a'), new Account(1).load('a').state];
    }), ['1a', '2a', 'done']);
  });

  test('persist and scope work for tasks, too', async tab => {
    const look = async ({ runInExecutor, until }) => {
      let calls = 0;
      const make = cache => runInExecutor(async key => { calls++; return { key, date: new Date(5) }; }, { cache });
      const tasks = [make({ name: 'stored', persist: 'session' }), make({ name: 'shared', scope: 'origin' })].map(load => load('a'));
      const { state } = tasks[0];
      const values = await Promise.all(tasks);
      await until(async () => !(await navigator.locks.query()).held.some(({ name }) => name.startsWith('taskloom-cache:')));
      return [state, values.map(({ date }) => date.getTime()), calls];
    };
    assert.deepEqual(await tab.run(look), ['pending', [5, 5], 2]);
    await reload(tab);
    assert.deepEqual(await tab.run(look), ['done', [5, 5], 0]);
  });

  test('what is wrong is said: bad cache options, arguments without a key; a library that is not initialized is waited for', async tab => {
    assert.deepEqual(await tab.load(async ({ runInExecutor, thrownBy }) => {
      const wrong = [5, 'ttl', true, { copy: 'deep' }, { persist: 'local', name: '' }, { hashFuncs: {} }, { ignore: [-1] }, { version: -1 }, { refresh: 'never' }]
        .map(cache => thrownBy(() => runInExecutor(function load() {}, { cache })).code);
      const load = runInExecutor(async key => key, { cache: {} });
      return [[...new Set(wrong)], await load('a')];
    }), [['invalid-argument'], 'a']);
    assert.deepEqual(await tab.run(async ({ runInExecutor, thrownBy }) => {
      const late = [{ ttl: 'soon' }, { ttl: -1 }, { maxEntries: 0 }, { ttlJitter: 2 }, { errorTtl: NaN }, { maxBytes: 0 }].map(cache => thrownBy(() => runInExecutor(() => 1, { cache })).code);
      const load = runInExecutor(async key => key, { cache: {} });
      let code;
      try {
        await load(() => {});
      } catch (error) {
        ({ code } = error);
      }
      return [[...new Set(late)], code, await load('a')];
    }), [['invalid-argument'], 'unhashable-param', 'a']);
  });

  inWorkers(test);
}

function inWorkers(test) {
  test('a worker is called once for concurrent calls, and not at all for a hit: the key is made on the page', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const echo = runInExecutor(pool.job('echo'), { executor: 'worker', cache: { ttl: '1h' } });
      const first = await Promise.all([echo({ a: 1, b: new Date(5) }), echo({ b: new Date(5), a: 1 })]);
      const { completed } = pool.stats();
      const hit = echo({ a: 1, b: new Date(5) });
      return [first.map(({ b }) => b.getTime()), first[0] === first[1], hit.state, hit.result.a, pool.stats().completed === completed, echo.cache.stats().misses];
    }), [[5, 5], false, 'done', 1, true, 1]);
  });

  test('a worker counts one execution', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, WorkerPool, countOf }) => {
      const id = crypto.randomUUID();
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const count = runInExecutor(pool.job('count'), { executor: 'worker', cache: { ttl: '1h' } });
      await Promise.all([count(id), count(id)]);
      await count(id);
      const once = await countOf(id);
      count.cache.clear(id);
      await count(id);
      return [once, await countOf(id)];
    }), [1, 2]);
  });

  test('arguments that a worker would not be sent can be hits, with a key of their own', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const all = runInExecutor(pool.job('all'), { executor: 'worker', cache: { ignore: [1] } });
      const made = await all('a', 'sent');
      const hit = all('a', () => 'not sent');
      const error = await all('b', () => 'not sent').catch(({ code }) => code);
      return [made, hit.state, hit.result, error, all.cache.has('b')];
    }), [['a', 'sent'], 'done', ['a', 'sent'], 'not-serializable', false]);
  });

  test('progress of a worker reaches each caller, and its job is cancelled when the last one cancels', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const wait = runInExecutor(pool.job('untilAborted'), { executor: 'worker', cache: {} });
      const tasks = [wait('a'), wait('a')];
      await until(() => tasks.every(({ progress }) => progress === 'listening'));
      tasks[0].cancel();
      const running = [pool.running, tasks[1].state];
      tasks[1].cancel('a word');
      await pool.onIdle();
      return [running, (await pool.api.journal())[0][0], wait.cache.stats().inFlight, pool.stats().started];
    }), [[1, 'running'], 'AbortError', 0, 1]);
  });

  test('a job that does not listen costs its worker when the last caller has cancelled, and the next call is served by another', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, WorkerPool, gate, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 10 });
      const held = gate();
      const deaf = runInExecutor(pool.job('deaf'), { executor: 'worker', cache: { key: () => 'one' } });
      const tasks = [deaf(held.id), deaf(held.id)];
      await until(() => tasks[0].progress === 'deaf');
      for (const task of tasks) task.cancel();
      await Promise.all(tasks.map(task => task.stopped));
      const open = gate();
      await open.open();
      const again = await deaf(open.id);
      return [typeof again, deaf(open.id).state, tasks.map(({ state }) => state), pool.stats().started];
    }), ['string', 'done', ['cancelled', 'cancelled'], 2]);
  });

  test('retry and errors of a worker come through', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor, WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const retried = runInExecutor(pool.job('failUntil'), { executor: 'worker', retry: { maxAttempts: 3, baseDelay: 1 }, cache: {} });
      const [attempt] = await retried(3);
      const failing = runInExecutor(pool.job('throwTyped'), { executor: 'worker', cache: {} });
      const { name, cause } = await rejectionOf(failing());
      return [attempt, retried(3).state, name, cause.name];
    }), [3, 'done', 'TypeError', 'RangeError']);
  });
}
