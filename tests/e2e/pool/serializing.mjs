// Values that can't be sent, and messages that can't be read: each fails the call that it belongs to, and no other.

import assert from 'node:assert/strict';

/** In the page: a pool of one worker whose frames with this word in them can't be read by the page. */
const START = `({ WorkerPool }, options) => {
  const heard = { dropped: 0, workers: [] };
  const pool = new WorkerPool(() => {
    const worker = new Worker('/workers/jobs.js', { type: 'module' });
    heard.workers.push(worker);
    worker.addEventListener('message', event => {
      if (!Array.isArray(event.data) || !event.data.some(value => value?.word === 'unreadable to the page')) return;
      heard.dropped++;
      event.stopImmediatePropagation();
      worker.dispatchEvent(new MessageEvent('messageerror'));
    });
    return worker;
  }, { size: 1, ...options });
  return { pool, heard };
}`;

export default function serializing(test) {
  test('an argument that can\'t be cloned fails its call at once, by its path, and not the calls around it', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      await Promise.all(Array.from({ length: 20 }, () => pool.api.echo(1)));
      const trap = { get value() { throw new RangeError('a getter'); } };
      const bad = [
        pool.run('add', [1, { rows: [0, { format: () => 1 }] }], { retry: { maxAttempts: 9 } }), pool.api.echo(Symbol('s')), pool.api.echo(document.body),
        pool.api.echo(trap), pool.api.echo(new WeakMap()), pool.api.echo(Promise.resolve()), pool.api.echo(pool),
      ];
      const good = Array.from({ length: 20 }, (_, i) => pool.api.echo(i));
      await Promise.allSettled(bad);
      return [bad.map(({ error, attempt }) => [error.code, attempt]), bad[0].error.message.split(' ')[0], bad[0].error.cause.name, (await Promise.all(good)).join(), pool.stats().started];
    }), [Array(7).fill(['not-serializable', 1]), 'args[1].rows[1].format', 'DataCloneError', Array.from({ length: 20 }, (_, i) => i).join(), 1]);
  });

  test('what can\'t be sent is named as the app knows it, with what to do: functions, callbacks, tasks and the library\'s other objects', async tab => {
    const cannot = "which can't be sent between a page and a worker";
    const toCall = `${cannot}; if the job is to call it, pass callback(fn), which must be an argument by itself`;
    assert.deepEqual(await tab.run(async ({ WorkerPool, TaskManager, RetryPolicy, Cron, run, callback, stateRef, sessionStore, sessionTasks, scheduleInterval, getScheduler, thrownBy, rejectionOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const manager = new TaskManager();
      const done = [run(() => 1), manager.submit(() => 2)];
      await Promise.all(done);
      let ctx;
      await run(context => { ctx = context; });
      const job = scheduleInterval(() => {}, { every: '1h' });
      const ours = {
        Task: run(() => new Promise(() => {})), TaskManager: manager, WorkerPool: pool, StateRef: stateRef('named', { factory: () => 1 }), SessionStore: sessionStore(), SessionTasks: sessionTasks(),
        ScheduledJob: job, Scheduler: getScheduler(), RetryPolicy: new RetryPolicy(), Cron: new Cron('* * * * *'), TaskContext: ctx,
      };
      const messages = await Promise.all([
        i => i, { f: callback(() => 1) }, [callback(() => 1)], ...done, { a: [done[0]] }, Promise.resolve(1), ...Object.values(ours),
      ].map(async value => (await rejectionOf(pool.api.echo(value))).message));
      job.cancel();
      return [messages, thrownBy(() => pool.run('add', 1)).message];
    }), [[
      `args[0] is a function, ${toCall}`, `args[0].f is a function, ${toCall}`, `args[0][0] is a function, ${toCall}`,
      ...['args[0] is a Task', 'args[0] is a Task', 'args[0].a[0] is a Task', 'args[0] is a Promise', 'args[0] is a Task'].map(it => `${it}, ${cannot}; await it, and send what it gives`),
      ...['TaskManager', 'WorkerPool', 'StateRef', 'SessionStore', 'SessionTasks', 'ScheduledJob', 'Scheduler', 'RetryPolicy', 'Cron', 'TaskContext']
        .map(name => `args[0] is a ${name}, ${cannot}; send plain data`),
    ], 'args is 1; it must be an array']);
  });

  test('calls that can\'t be sent leave the worker to those behind them at once', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, nextTurn }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      await pool.warm(); // nothing is known of its jobs yet: it gets one call at a time
      const refused = [pool.api.echo(() => {}), pool.api.missing(), pool.api.echo(Symbol('s'))];
      const good = pool.api.echo(1);
      const { waiting } = pool;
      await Promise.allSettled(refused);
      await nextTurn();
      return [waiting, refused.map(({ error }) => error.code), pool.waiting, await good];
    }), [4, ['not-serializable', 'unknown-job', 'not-serializable'], 0, 1]);
  });

  test('a result that can\'t be cloned fails its call, by its path, and not the calls around it', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      await Promise.all(Array.from({ length: 20 }, () => pool.api.echo(1)));
      const tasks = [pool.api.echo(1), pool.api.uncloneable(), pool.api.echo(2), pool.api.uncloneable(), pool.api.echo(3)];
      await Promise.allSettled(tasks);
      return [tasks.map(({ error, _, state }) => error?.code ?? state), tasks[1].error.message.split(' ').slice(0, 2).join(' '), tasks[1].error.cause.name, tasks[4].result, pool.stats().started];
    }), [['done', 'not-serializable', 'done', 'not-serializable', 'done'], 'the result.rows[1].format', 'DataCloneError', 3, 1]);
  });

  test('a retry policy has a job with a result that can\'t be cloned run again', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const task = pool.run('uncloneable', [], { retry: { maxAttempts: 3 } });
      await Promise.allSettled([task]);
      return [task.attempt, task.error.code];
    }), [3, 'not-serializable']);
  });

  test('arguments that the worker can\'t read fail their calls and no others', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const large = () => new Uint8Array(100_000); // too large for anything but a message
      const before = await pool.api.add(1, 2);
      const lost = pool.run('all', ['unreadable to the worker', large()], { retry: { maxAttempts: 4 } });
      const behind = pool.api.add(3, 4);
      const outcomes = await Promise.allSettled([lost, behind]);
      const again = await Promise.allSettled([pool.api.all('unreadable to the worker', large())]);
      return [before, outcomes.map(({ value, reason }) => reason?.code ?? value), lost.attempt, again[0].reason.code, await pool.api.add(5, 6), pool.stats().started, pool.running];
    }), [3, ['not-serializable', 7], 1, 'not-serializable', 11, 1, 0]);
  });

  test('a value that the platform will not make again in a worker fails its call and no others', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      // It can be sent, but has no class in a worker: the platform's own messageerror.
      const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
      const tasks = [pool.api.typeOf(1), pool.api.typeOf(certificate), pool.api.typeOf(2)];
      const outcomes = await Promise.allSettled(tasks);
      const alone = await Promise.allSettled([pool.api.typeOf(certificate)]);
      return [[...outcomes, ...alone].map(({ value, reason }) => reason?.code ?? value), await pool.api.add(1, 2), pool.stats().started];
    }), [['[object Number]', 'not-serializable', '[object Number]', 'not-serializable'], 3, 1]);
  });

  test('answers that the page can\'t read fail their calls and no others', async tab => {
    assert.deepEqual(await tab.run(`async library => {
      const { pool, heard } = (${START})(library);
      const large = () => new Uint8Array(100_000);
      const before = await pool.api.add(1, 2);
      const lost = pool.api.echo({ word: 'unreadable to the page', large: large() });
      const behind = pool.api.add(3, 4);
      const outcomes = await Promise.allSettled([lost, behind]);
      const again = await Promise.allSettled([pool.api.echo({ word: 'unreadable to the page', large: large() })]);
      return [before, outcomes.map(({ value, reason }) => reason?.code ?? value), again[0].reason.code, await pool.api.add(5, 6), heard.dropped, pool.stats().started, pool.running];
    }`), [3, ['not-serializable', 7], 'not-serializable', 11, 2, 1, 0]);
  });

  test('a progress value that the page can\'t read is lost, and the call goes on', async tab => {
    assert.deepEqual(await tab.run(`async library => {
      const { pool, heard } = (${START})(library);
      const task = pool.api.reportAny({ word: 'unreadable to the page', large: new Uint8Array(100_000) });
      await task;
      return [task.state, task.drainProgress(), heard.dropped, await pool.api.add(5, 6), pool.stats().started];
    }`), ['done', [], 1, 11, 1]);
  });

  test('a messageerror about something else changes nothing, at either end', async tab => {
    assert.deepEqual(await tab.run(`async library => {
      const { pool, heard } = (${START})(library);
      const { until, gate } = library;
      const held = gate();
      await pool.api.me();
      const [worker] = heard.workers;
      const noise = () => worker.dispatchEvent(new MessageEvent('messageerror'));
      noise();
      const waiting = pool.api.wait(held.id);
      await held.reached();
      for (let i = 0; i < 5; i++) noise();
      await held.open();
      await waiting;
      noise();
      const quick = await Promise.all(Array.from({ length: 50 }, (_, i) => { noise(); return pool.api.add(i, 0); }));
      return [waiting.state, quick.length, pool.stats().started, pool.running];
    }`), ['done', 50, 1, 0]);
  });
}
