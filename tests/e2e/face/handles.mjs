// Methods that work without their object, names that survive minifying, and what logs show.

import assert from 'node:assert/strict';

export default function handles(test) {
  test('what a task is given is named in messages as the app knows it', async tab => {
    assert.deepEqual(await tab.run(async ({ run, scheduleInterval, cacheData, job, stateRef, thrownBy }) => {
      const contexts = [];
      const scheduled = scheduleInterval(ctx => { contexts.push(ctx); }, { every: '1h' });
      await Promise.all([run(ctx => { contexts.push(ctx); }), scheduled.runNow(), cacheData(job(async ctx => { contexts.push(ctx); }))()]);
      scheduled.cancel();
      return contexts.map(ctx => [
        thrownBy(() => { stateRef('contexts', { enforceSerializable: true }).value = [ctx]; }).message.split(';')[0], thrownBy(() => cacheData(() => 1)({ ctx })).message.split(',')[0],
        thrownBy(() => cacheData(() => [ctx], { name: 'made' })()).message.split(';')[0],
      ]);
    }), Array(3).fill([
      "the value of 'contexts': value[0] can't be stored: an instance of TaskContext is not plain data", 'the function(): args[0].ctx is an instance of TaskContext',
      "the value of made()[0] can't be copied for each caller: it is an instance of TaskContext",
    ]));
  });


  test('methods of managers, pools, references, stores, jobs, caches and the rest work without their object', async tab => {
    assert.deepEqual(await tab.run(async lib => {
      const { handlesOf } = await import('/support/handles.js');
      const { TaskManager, WorkerPool, StateRef, SessionStore, ScheduledJob, Scheduler, SessionTasks, RetryPolicy, Cron } = handlesOf(lib);
      const seen = [];
      {
        const { submit, get, cleanup, pause, resume, cancelAll, cancelWaiting, onIdle, onWaitingBelow, dispose } = TaskManager;
        const task = submit(() => 'submitted');
        seen.push(get(task.id) === task, await task, cleanup(), pause(), TaskManager.isPaused, resume(), cancelAll(), cancelWaiting());
        await Promise.all([onIdle(), onWaitingBelow(1)]);
        dispose();
        seen.push(lib.thrownBy(() => submit(() => 1)).code);
      }
      {
        const { run, job, warm, stats, snapshot, pause, resume, cancelAll, onIdle, dispose, api: { add } } = WorkerPool;
        await warm(1);
        seen.push(await run('add', [1, 2]), await job('add')(2, 3), await add(3, 4), stats().size, snapshot().size, pause(), WorkerPool.isPaused, resume(), cancelAll());
        await onIdle();
        dispose();
      }
      {
        const { peek, reduce, clear, touch, init, subscribe } = StateRef;
        const heard = [];
        const stop = subscribe(value => heard.push(value));
        seen.push(reduce(n => n + 1), peek(), touch(), clear(), init(() => 5), stop(), heard);
        const { get, set, has, keys, entries, ref, usage, flush } = SessionStore;
        set('key', 'value');
        seen.push(get('key'), has('key'), keys().length, entries().length, ref('key').value, flush(), usage() > 0, SessionStore.delete('key'));
      }
      {
        const { nextRuns, matches, stats, snapshot, subscribe, pause, resume, runNow, cancel } = ScheduledJob;
        seen.push(nextRuns(2).length, matches(0), stats().runs, snapshot().jobId, typeof subscribe(() => {}), pause(), ScheduledJob.state, resume(), await runNow(), cancel());
        const { get, pauseAll, resumeAll, shutdown } = Scheduler;
        seen.push(get('face') ?? null, pauseAll(), resumeAll(), await shutdown());
      }
      {
        const { set, get, has, getOrRun } = SessionTasks;
        set('a', lib.run(() => 'a'));
        seen.push(await get('a'), has('b'), await getOrRun('b', () => lib.run(() => 'b')));
        const { delayForAttempt } = RetryPolicy;
        const { nextRun, previousRun } = Cron;
        seen.push(delayForAttempt(0), nextRun(0).getTime(), previousRun(0).getTime());
      }
      {
        const { peek, has, info, clear, refresh, warm, stats, subscribe, dispose, with: bound } = lib.cacheData(async n => n + 1, { name: 'next' });
        seen.push(await bound({})(1), peek(1), has(2), typeof info(1), await refresh(1), (await warm([[5]]))[0].value, stats().entries, typeof subscribe(() => {}), clear(), dispose());
      }
      return seen.map(value => value ?? null);
    }), [
      true, 'submitted', 0, null, true, null, 0, 0, 'disposed',
      3, 5, 7, 1, 1, null, true, null, 0,
      2, 2, null, null, true, null, [2, 2, null, 5], 'value', true, 2, 2, 'value', true, true, true,
      2, false, 0, 'face', 'function', null, 'paused', null, 1, true, null, null, null, null,
      'a', false, 'b', 0, 32_400_000, -54_000_000,
      2, 2, false, 'object', 2, 6, 2, 'function', null, null,
    ]);
  });

  test('a bound method is one function; a subclass has its own, and reaches ours by super; a prototype gives the plain one', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, stateRef }) => {
      class Counting extends TaskManager {
        count = 0;
        submit(fn, options) {
          this.count++;
          return super.submit(fn, options);
        }
      }
      const counting = new Counting();
      const values = [await counting.submit(() => 1), await counting.submit(() => 2)];
      const plain = new TaskManager();
      const before = TaskManager.prototype.submit;
      values.push(await before.call(plain, () => 3), await before.call(counting, () => 4));
      const ref = stateRef('bound', { factory: () => 0 });
      const own = Object.keys(ref);
      ref.subscribe;
      const spied = stateRef('spied', { factory: () => 0 });
      spied.reduce = () => 'a spy';
      return [
        values, counting.count, plain.submit === plain.submit, plain.submit !== new TaskManager().submit, TaskManager.prototype.submit === before,
        ref.subscribe === ref.subscribe, Object.keys(ref).join() === own.join(), spied.reduce(), stateRef('other', { factory: () => 1 }).reduce(n => n + 1),
      ];
    }), [[1, 2, 3, 4], 2, true, true, true, true, true, 'a spy', 2]);
  });

  test('each handle has the name of its class, and is a small plain record in JSON and in Node\'s console', async tab => {
    const { names, tags, records, printed } = await tab.run(async lib => {
      const { handlesOf } = await import('/support/handles.js');
      const handles = handlesOf(lib);
      await handles.Task;
      const entries = Object.entries(handles);
      const inspect = Symbol.for('nodejs.util.inspect.custom');
      return {
        names: entries.map(([name, handle]) => handle.constructor.name === name),
        tags: entries.map(([name, handle]) => Object.prototype.toString.call(handle) === `[object ${name}]`),
        records: Object.fromEntries(entries.map(([name, handle]) => [name, JSON.parse(JSON.stringify(handle))])),
        printed: entries.map(([, handle]) => handle[inspect](2, {}, value => Object.keys(value).join())),
      };
    });
    assert.deepEqual([...new Set([...names, ...tags])], [true]);
    const { id, createdAt, startedAt, finishedAt, ...task } = records.Task;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert(createdAt <= startedAt && startedAt <= finishedAt);
    assert.deepEqual(task, { name: 'load', state: 'done', attempt: 1, error: null });
    assert.deepEqual(records.TaskManager, { concurrency: null, isPaused: false, waiting: 0, running: 0 }); // Infinity has no JSON
    assert.deepEqual(records.WorkerPool, { size: 1, isPaused: false, started: 0, lost: 0, workers: 0, waiting: 0, running: 0, broken: false });
    assert.deepEqual(records.SessionStore, { namespace: 'face', storage: 'session' });
    assert.deepEqual(records.StateRef, { namespace: 'face', key: 'count' });
    assert.deepEqual({ ...records.ScheduledJob, nextRun: 0 }, {
      jobId: 'face', state: 'active', nextRun: 0, isLeader: true, latestTaskKey: 'global:face', runs: 0, skipped: 0, missed: 0, running: 0, waiting: 0, failures: 0,
    });
    assert.deepEqual(records.Scheduler, { jobs: ['face'] });
    assert.deepEqual(records.SessionTasks, { bucket: 'face', names: [] });
    assert.deepEqual(records.RetryPolicy, { maxAttempts: 2, baseDelay: 0, maxDelay: 60_000, multiplier: 2, jitter: 0 });
    assert.deepEqual(records.Cron, { expression: '0 9 * * *', dialect: 'cron', timeZone: 'UTC' });
    assert.equal(printed[0], 'Task id,name,state,attempt,error,createdAt,startedAt,finishedAt');
  });

  test('a task has JSON whatever it has made or thrown, and a call of a pool is named Task', async tab => {
    assert.deepEqual(await tab.run(async ({ run, WorkerPool }) => {
      const circular = {};
      circular.circular = circular;
      const tasks = [
        run(async ctx => { ctx.progress(1n); return circular; }), run(() => { throw circular; }), run(() => { throw 10n; }), run(() => { throw new RangeError('no'); }),
        run(() => { throw { toString() { throw 0; } }; }), run(() => new Promise(() => {})),
      ];
      await Promise.allSettled(tasks.slice(0, 5));
      const call = new WorkerPool('/workers/jobs.js').run('add', [1, 2]);
      return [tasks.map(task => JSON.parse(JSON.stringify(task)).error), call.constructor.name, String(call), JSON.parse(JSON.stringify(call)).name, await call];
    }), [[null, '[object Object]', '10', 'RangeError: no', '[object Object]', null], 'Task', '[object Task]', 'add', 3]);
  });

  test('dispose() is there wherever Symbol.dispose is, and does the same', async tab => {
    assert.deepEqual(await tab.run(async lib => {
      const { run, TaskManager, WorkerPool, scheduleInterval, cacheData, thrownBy, rejectionOf } = lib;
      const symbol = Symbol.dispose ?? Symbol.for('Symbol.dispose');
      const outcomes = [];
      for (const dispose of [handle => handle.dispose(), handle => handle[symbol]()]) {
        const task = run(() => new Promise(() => {}));
        const manager = new TaskManager();
        const pool = new WorkerPool('/workers/jobs.js');
        const job = scheduleInterval(() => {}, { every: '1h' });
        const cached = cacheData(async () => 1);
        for (const handle of [task, manager, pool, job, cached]) dispose(handle);
        outcomes.push([task.state, thrownBy(() => manager.submit(() => 1)).code, thrownBy(() => pool.api.add(1, 2)).code, job.state, (await rejectionOf(cached())).code]);
      }
      return outcomes;
    }), Array(2).fill(['cancelled', 'disposed', 'disposed', 'ended', 'disposed']));
  });
}
