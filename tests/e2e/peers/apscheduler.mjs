// APScheduler 3, by its user guide and the documentation of its triggers.

import assert from 'node:assert/strict';

export default function apscheduler(test) {
  test('CronTrigger: 0 is Monday, and all fields have to match', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const days = expression => new Cron(expression, { timeZone: 'UTC', dialect: 'apscheduler' }).nextRuns(3, Date.UTC(2026, 0, 1)).map(date => date.toISOString().slice(0, 10)).join(' ');
      return [days('0 0 * * 0'), days('0 0 * * mon-fri'), days('0 0 13 * 4')];
    }), ['2026-01-05 2026-01-12 2026-01-19', '2026-01-02 2026-01-05 2026-01-06', '2026-02-13 2026-03-13 2026-11-13']);
  });

  test('the expressions *, */a, a-b, a-b/c, "xth y", "last x", "last" and x,y,z', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => [
      '* 0 1 1 *', '*/20 0 1 1 *', '0 9-11 1 1 *', '0 9-17/4 1 1 *', '0 0 * * FRI#3', '0 0 * * 5L', '0 0 L * *', '0 0 1,15 * *',
    ].map(expression => new Cron(expression, { timeZone: 'UTC', dialect: 'apscheduler' }).nextRuns(3, Date.UTC(2026, 0, 1) - 1).map(date => date.toISOString().slice(5, 16)).join(' '))), [
      '01-01T00:00 01-01T00:01 01-01T00:02', '01-01T00:00 01-01T00:20 01-01T00:40', '01-01T09:00 01-01T10:00 01-01T11:00', '01-01T09:00 01-01T13:00 01-01T17:00',
      '01-16T00:00 02-20T00:00 03-20T00:00', '01-31T00:00 02-28T00:00 03-28T00:00', '01-31T00:00 02-28T00:00 03-31T00:00', '01-01T00:00 01-15T00:00 02-01T00:00',
    ]);
  });

  test('the third Friday of June, July, August, November and December at 0:00 to 3:00', async tab => { // the example of the docs
    assert.deepEqual(await tab.run(({ Cron }) => new Cron('0 0-3 * 6-8,11-12 FRI#3', { timeZone: 'UTC', dialect: 'apscheduler' }).nextRuns(5, Date.UTC(2026, 0)).map(date => date.toISOString().slice(0, 13))), [
      '2026-06-19T00', '2026-06-19T01', '2026-06-19T02', '2026-06-19T03', '2026-07-17T00',
    ]);
  });

  test('IntervalTrigger with start_date and end_date', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const now = manualClock().now();
      const job = scheduleInterval(() => {}, { every: '2h', startAt: now + 1_800_000, endAt: now + 5 * 3_600_000 });
      return job.nextRuns(5).map(at => (at - now) / 3_600_000);
    }), [0.5, 2.5, 4.5]);
  });

  test('coalesce: one run for all that were missed, or one for each', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const cases = ['once', 'all'].map(missed => {
        const noted = noting();
        scheduleInterval(noted.fn, { every: '1m', missed });
        return noted.ticks;
      });
      clock.freeze(330_000);
      await clock.wake();
      for (let i = 0; i < 20; i++) await clock.settle();
      return cases.map(ticks => ticks.map(([at]) => at / 60_000));
    }), [[5], [1, 2, 3, 4, 5]]);
  });

  test('misfire_grace_time: a tick that is later is left out', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const cases = ['1s', '1m'].map(grace => {
        const noted = noting();
        const job = scheduleInterval(noted.fn, { every: '1h', missed: 'skip', grace });
        return { ...noted, job };
      });
      clock.freeze(3_630_000);
      await clock.wake();
      return cases.map(({ ticks, job }) => [ticks.length, job.stats().missed]);
    }), [[0, 1], [1, 0]]);
  });

  test('max_instances 1: a tick while a run is under way is left out', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting(() => deferred().promise);
      const job = scheduleInterval(fn, { every: '1s' });
      await clock.pass(5000);
      return [ticks.length, job.stats().skipped];
    }), [1, 4]);
  });

  test('add_job with args, id and replace_existing; get_job, get_jobs, pause_job, resume_job, remove_job', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, getScheduler, thrownBy }) => {
      const add = (text, options) => scheduleInterval((_, arg) => arg, { every: '1h', args: [text], jobId: 'my_job_id', replaceExisting: false, ...options });
      add('first');
      const conflict = thrownBy(() => add('second')).code;
      const job = add('third', { replaceExisting: true });
      const value = await getScheduler().get('my_job_id').runNow();
      job.pause();
      const { state } = getScheduler().get('my_job_id');
      job.resume();
      return [conflict, value, getScheduler().jobs.length, state, job.cancel(), getScheduler().get('my_job_id') ?? null];
    }), ['job-exists', 'third', 1, 'paused', true, null]);
  });

  test('next_run_time=now is immediately, next_run_time=None is pause()', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const at = scheduleInterval(() => 'ran', { every: '1h', immediately: true });
      const paused = scheduleInterval(() => {}, { every: '1h' });
      paused.pause();
      return [await at.latestTask, paused.nextRun];
    }), ['ran', null]);
  });

  test('scheduler.pause, resume and shutdown(wait=True)', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, getScheduler, deferred }) => {
      const gate = deferred();
      const job = scheduleInterval(() => gate.promise, { every: '1h' });
      getScheduler().pauseAll();
      const seen = [job.state];
      getScheduler().resumeAll();
      const task = job.runNow();
      const down = getScheduler().shutdown();
      gate.resolve('waited for');
      await down;
      return [...seen, job.state, task.result];
    }), ['paused', 'ended', 'waited for']);
  });

  test('events: subscribe() is told, and stats() say what was executed, failed, missed, or had too many instances', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const job = scheduleInterval(() => { throw new Error('no'); }, { every: '10s' });
      let told = 0;
      job.subscribe(() => told++);
      await clock.pass(10_000);
      clock.freeze(35_000);
      await clock.wake();
      return [told > 0, job.stats()];
    }), [true, { runs: 2, failures: 2, skipped: 0, missed: 2, running: 0, waiting: 0 }]);
  });
}
