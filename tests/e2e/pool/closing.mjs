// A pool that ends gracefully, calls that are taken out of the line, and what a worker does before it ends.

import assert from 'node:assert/strict';

/** In the page: the locks that workers of ours hold. */
const LOCKS = `async () => (await navigator.locks.query()).held.filter(({ name }) => name.startsWith('taskloom-worker-')).length`;

export default function closing(test) {
  test('close() finishes what runs and what waits, refuses what comes, and resolves when the workers have ended', async tab => {
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until, gate, thrownBy, rejectionOf }) => {
      const locks = ${LOCKS};
      const pool = new WorkerPool('/workers/jobs.js', { size: 2, minWorkers: 2 });
      const held = gate();
      const tasks = [pool.api.wait(held.id), ...[1, 2, 3].map(i => pool.api.add(i, i)), pool.run('failUntil', [2], { retry: { maxAttempts: 2, baseDelay: 30 } })];
      await held.reached();
      pool.pause(); // to close is to go on
      tasks.push(pool.api.add(4, 4));
      let over = false;
      const closed = pool.close();
      closed.then(() => { over = true; });
      const refusals = [thrownBy(() => pool.api.add(1, 1)).code, thrownBy(() => pool.run('add', [1, 1])).message, (await rejectionOf(pool.warm())).code];
      const same = pool.close() === closed;
      await Promise.all(tasks.slice(1));
      const before = over;
      await held.open();
      const result = await closed;
      await until(async () => await locks() === 0);
      await pool.close();
      return [refusals, same, before, result === undefined, tasks.map(({ state }) => state), tasks[5].result, pool.stats().workers.length, thrownBy(() => pool.api.add(1, 1)).code];
    }`), [
      ['disposed', 'this WorkerPool is closing, and takes no more calls; make a new one', 'disposed'], true, false, true, Array(6).fill('done'), 8, 0, 'disposed',
    ]);
  });

  test('after its timeout close() cancels what is left and ends the workers', async tab => {
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until }) => {
      const locks = ${LOCKS};
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const stuck = [pool.api.spin(), pool.api.add(1, 2)];
      await until(() => stuck[0].state === 'running');
      await pool.close({ timeout: 50 });
      await until(async () => await locks() === 0);
      return [stuck.map(({ state, error }) => [state, error.name]), pool.stats().workers.length, pool.running, pool.waiting];
    }`), [Array(2).fill(['cancelled', 'AbortError']), 0, 0, 0]);
  });

  test('close() of an unused pool, of a disposed one, beside dispose(), and with a bad timeout', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until, rejectionOf }) => {
      const make = () => new WorkerPool('/workers/jobs.js', { size: 1 });
      const unused = await make().close();
      const disposed = make();
      disposed.dispose();
      const after = await disposed.close({ timeout: '1s' });
      const both = make();
      const task = both.api.never();
      await until(() => task.state === 'running');
      const closed = both.close();
      both.dispose();
      const bad = await Promise.all([-1, NaN, 'soon'].map(timeout => rejectionOf(make().close({ timeout }))));
      return [unused === undefined, after === undefined, await closed === undefined, task.state, bad.map(({ code }) => code)];
    }), [true, true, true, 'cancelled', Array(3).fill('invalid-argument')]);
  });

  test('close() settles though no worker can be started, and though all calls are cancelled', async tab => {
    tab.expectProblem(/./, { optional: true });
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const broken = new WorkerPool('/workers/throws.js', { size: 1 });
      const failing = broken.api.add(1, 2);
      await broken.close();
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 20 });
      const tasks = [pool.api.never(), pool.api.add(1, 2)];
      const closed = pool.close();
      const count = pool.cancelAll();
      await closed;
      return [failing.error.code, count, tasks.map(({ state }) => state)];
    }), ['worker-load-failed', 2, ['cancelled', 'cancelled']]);
  });

  test('cancelWaiting() cancels what has not started, says how many, and leaves what runs', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const held = gate();
      const running = pool.api.wait(held.id);
      await held.reached();
      const waiting = [1, 2, 3].map(i => pool.api.add(i, i));
      const reason = new RangeError('not needed');
      const count = pool.cancelWaiting(reason);
      const seen = [count, pool.waiting, waiting.map(({ state, error }) => [state, error === reason]), running.state, pool.cancelWaiting()];
      await held.open();
      await running;
      return [...seen, running.state, await pool.api.add(2, 2), pool.stats().started];
    }), [3, 0, Array(3).fill(['cancelled', true]), 'running', 0, 'done', 4, 1]);
  });

  test('a worker cleans up before it ends for being idle, and before close() resolves', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until, countOf }) => {
      const ids = [crypto.randomUUID(), crypto.randomUUID()];
      const idle = new WorkerPool(`/workers/cleaning.js?${ids[0]}`, { size: 1, idleTimeout: 20 });
      await idle.api.add(1, 2);
      await until(() => idle.stats().workers.length === 0);
      const cleaned = await countOf(ids[0]);
      const sum = await idle.api.add(3, 4); // a new worker
      const closing = new WorkerPool(`/workers/cleaning.js?${ids[1]}`, { size: 2, minWorkers: 2 });
      await closing.warm();
      await closing.close();
      return [cleaned, sum, idle.stats().started, idle.stats().lost, await countOf(ids[1])];
    }), [2, 7, 2, 0, 4]);
  });

  test('a clean-up that throws or hangs keeps no pool from ending, and dispose() does not wait for it', async tab => {
    tab.expectProblem(/can not clean up/, { optional: true });
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until, countOf }) => {
      const locks = ${LOCKS};
      const ids = [1, 2, 3].map(() => crypto.randomUUID());
      const pools = ['throws', 'hangs', ''].map((how, i) => new WorkerPool('/workers/cleaning.js?' + ids[i] + '&' + how, { size: 1 }));
      await Promise.all(pools.map(pool => pool.warm()));
      await Promise.all([pools[0].close(), pools[1].close({ timeout: 300 })]);
      pools[2].dispose();
      await until(async () => await locks() === 0);
      return [await countOf(ids[0]), await countOf(ids[1]), await countOf(ids[2])];
    }`), [1, 1, 0]);
  });

  test('what is cancelled by the end of a pool, a manager or a job says whose end it was', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, TaskManager, scheduleInterval, until, rejectionOf }) => {
      const make = () => new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 20 });
      const [pool, closing, starting, manager] = [make(), make(), new WorkerPool('/workers/silent.js', { size: 1 }), new TaskManager({ concurrency: 1 })];
      const never = () => new Promise(() => {});
      const job = scheduleInterval(never, { every: '1h', overlap: 'queue' });
      const first = job.runNow();
      const tasks = [pool.api.never(), pool.api.add(1, 2), closing.api.never(), closing.api.add(1, 2), manager.submit(never), manager.submit(never), job.runNow()];
      await until(() => [tasks[0], tasks[2], tasks[4], first].every(({ state }) => state === 'running'));
      const ends = [...tasks.map(rejectionOf), rejectionOf(starting.warm())];
      pool.dispose();
      starting.dispose();
      manager.dispose();
      job.cancel();
      first.cancel();
      await closing.close({ timeout: 30 });
      return (await Promise.all(ends)).map(({ name, message }) => `${name}: ${message}`);
    }), [
      ...Array(2).fill('AbortError: The worker pool was disposed'),
      ...Array(2).fill('AbortError: The worker pool was closed, and its calls took longer than the timeout of close()'),
      ...Array(2).fill('AbortError: The task manager was disposed'), 'AbortError: The job has ended', 'AbortError: The worker pool was disposed',
    ]);
  });
}
