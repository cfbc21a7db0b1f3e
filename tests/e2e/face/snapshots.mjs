// `snapshot()`: frozen, and one object until something changes, as those who compare by identity need it.

import assert from 'node:assert/strict';

export default function snapshots(test) {
  test('a task\'s snapshot is the same object until something in it changes', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, nextTurn }) => {
      const gate = deferred();
      const task = run(async ctx => {
        await gate.promise;
        ctx.progress('half');
        return ['value'];
      }, { name: 'load' });
      const seen = [];
      const look = () => {
        const snapshot = task.snapshot();
        if (snapshot !== task.snapshot() || !Object.isFrozen(snapshot)) throw new Error('it is another one at once, or is not frozen');
        if (seen.at(-1) !== snapshot) seen.push(snapshot);
      };
      task.subscribe(look);
      look();
      await nextTurn();
      await nextTurn();
      look();
      gate.resolve();
      await task;
      await nextTurn();
      look();
      const { id, createdAt, startedAt, finishedAt, ...last } = seen.at(-1);
      const dates = [createdAt, startedAt, finishedAt].every(date => date instanceof Date) && id === task.id && last.result === task.result;
      return [seen.map(({ state, progress }) => `${state} ${progress}`), last, dates];
    }), [
      ['pending undefined', 'running undefined', 'running half', 'done half'],
      { name: 'load', state: 'done', done: true, attempt: 1, progress: 'half', result: ['value'], error: null }, true,
    ]);
  });

  test('so is that of a task that fails or is cancelled; the error is the very one', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const failure = new Error('no');
      const failing = run(() => { throw failure; });
      const cancelled = run(() => 1);
      const before = cancelled.snapshot();
      cancelled.cancel();
      await failing.catch(() => {});
      const [one, two] = [failing.snapshot(), cancelled.snapshot()];
      return [one.state, one.error === failure, one.result ?? null, two.state, two !== before, before.state, two === cancelled.snapshot(), one === failing.snapshot()];
    }), ['error', true, null, 'cancelled', true, 'pending', true, true]);
  });

  test('so are those of a pool and of a job', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, scheduleInterval, getScheduler }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const first = pool.snapshot();
      const same = first === pool.snapshot() && Object.isFrozen(first);
      const call = pool.run('add', [1, 2]);
      const waits = pool.snapshot();
      await call;
      await pool.onIdle();
      const after = pool.snapshot();
      pool.pause();
      const poolSaw = [same, first.workers, waits.waiting, after.workers, after.started, after === first, pool.snapshot().isPaused, pool.snapshot() === pool.snapshot()];
      const job = scheduleInterval(() => 'run', { every: '1h', jobId: 'hourly' });
      const active = job.snapshot();
      const jobSaw = [active === job.snapshot(), active.state, active.runs, active.latestTask];
      const task = job.runNow();
      await task;
      const ran = job.snapshot();
      jobSaw.push(ran !== active, ran.latestTask === task, ran === job.snapshot(), job.pause(), job.snapshot().state, job.cancel(), job.snapshot().state, job.snapshot() === job.snapshot());
      return [poolSaw, jobSaw.map(value => value ?? null)];
    }), [[true, 0, 1, 1, 1, false, true, true], [true, 'active', 0, null, true, true, true, null, 'paused', true, 'ended', true]]);
  });
}
