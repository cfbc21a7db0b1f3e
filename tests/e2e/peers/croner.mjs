// croner 11, by its readme. What it says of expressions is compared one by one in schedule/croner.mjs.

import assert from 'node:assert/strict';

export default function croner(test) {
  test('the readme\'s examples: every fifth second, the next 100 Sundays, the days left to Christmas, is it Monday', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const utc = expression => new Cron(expression, { timeZone: 'UTC' });
      const sundays = utc('0 0 0 * * 7').nextRuns(100, 0);
      const monday = utc('0 0 0 * * MON');
      return [
        utc('*/5 * * * * *').nextRuns(2, 0).map(Number), sundays.length, sundays.every(date => date.getUTCDay() === 0), utc('59 59 23 24 DEC *').nextRun(Date.UTC(2026, 11, 20)).toISOString(),
        monday.matches(new Date('2024-01-01T00:00:00Z')), monday.matches(new Date('2024-01-02T00:00:00Z')),
      ];
    }), [[5000, 10_000], 100, true, '2026-12-24T23:59:59.000Z', true, false]);
  });

  test('nextRun, nextRuns, previousRuns, enumerate, msToNext and match are nextRun, nextRuns, previousRun and matches', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const cron = new Cron('0 * * * *', { timeZone: 'UTC' });
      const hours = [];
      for (let at = cron.nextRun(0); hours.length < 3; at = cron.nextRun(at)) hours.push(at / 3_600_000);
      return [hours, cron.nextRun(1_800_000) - 1_800_000, cron.previousRun(cron.previousRun(7_200_000)).getTime(), cron.matches(3_600_000)];
    }), [[1, 2, 3], 1_800_000, 0, true]);
  });

  test('trigger, pause, resume and stop are runNow, pause, resume and cancel; isRunning, isStopped and isBusy are state and stats', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron, deferred, nextTurn }) => {
      const gate = deferred();
      const job = scheduleCron(() => gate.promise, { cron: '@yearly' });
      const seen = [job.state, job.stats().running];
      const task = job.runNow();
      await nextTurn();
      seen.push(job.stats().running);
      gate.resolve();
      await task;
      job.pause();
      seen.push(job.state);
      job.resume();
      seen.push(job.state);
      job.cancel();
      return [...seen, job.state, job.stats().running];
    }), ['active', 0, 1, 'paused', 'active', 'ended', 0]);
  });

  test('currentRun and previousRun are latestTask, which knows when it began and how it ended', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron }) => {
      const job = scheduleCron(() => 'value', { cron: '@yearly' });
      const before = job.latestTask;
      await job.runNow();
      return [before, job.latestTask.state, job.latestTask.result];
    }), [null, 'done', 'value']);
  });

  test('name and scheduledJobs are jobId and getScheduler(); a name that is taken throws with replaceExisting: false', async tab => {
    assert.deepEqual(await tab.run(({ scheduleCron, getScheduler, thrownBy }) => {
      const options = { cron: '@daily', jobId: 'Job1', replaceExisting: false };
      const job = scheduleCron(() => {}, options);
      const { code } = thrownBy(() => scheduleCron(() => {}, options));
      const found = getScheduler().jobs.find(({ jobId }) => jobId === 'Job1') === job;
      job.cancel();
      return [code, found, getScheduler().jobs.length];
    }), ['job-exists', true, 0]);
  });

  test('protect: a tick while the one before it still works is left out, and counted', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      const { fn, ticks } = noting(() => gate.promise);
      const job = scheduleCron(fn, { cron: '* * * * * *' });
      await clock.pass(5000);
      gate.resolve();
      await clock.pass(1000);
      return [ticks.length, job.stats().skipped];
    }), [2, 4]);
  });

  test('catch is onError, context is args, maxRuns ends the job', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const caught = [];
      const job = scheduleCron((_, context) => { throw new Error(context.text); }, { cron: '* * * * * *', maxRuns: 2, args: [{ text: 'mine' }], onError: ({ message }) => caught.push(message) });
      await clock.pass(10_000);
      return [caught, job.state];
    }), [['mine', 'mine'], 'ended']);
  });

  test('startAt and stopAt are startAt and endAt; a run at the very end is included', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron }) => {
      const { manualClock } = await import('/support/schedule.js');
      const now = manualClock().now();
      return scheduleCron(() => {}, { cron: '* * * * * *', startAt: now + 5000, endAt: new Date(now + 8000) }).nextRuns(10).map(at => at - now);
    }), [5000, 6000, 7000, 8000]);
  });

  test('a date of its own, to run once, is scheduleOnce', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      const job = scheduleOnce(fn, { at: clock.now() + 42_000 });
      await clock.pass(100_000);
      return [ticks, job.state];
    }), [[[42_000, 0, false]], 'ended']);
  });

  test('nicknames, and @reboot throws', async tab => {
    assert.deepEqual(await tab.run(({ Cron, thrownBy }) => [
      ...['@yearly', '@annually', '@monthly', '@weekly', '@weekdays', '@weekends', '@daily', '@midnight', '@hourly'].map(name => new Cron(name, { timeZone: 'UTC' }).nextRun(Date.UTC(2026, 0, 1)).toISOString().slice(0, 13)),
      thrownBy(() => new Cron('@reboot')).code,
    ]), ['2027-01-01T00', '2027-01-01T00', '2026-02-01T00', '2026-01-04T00', '2026-01-02T00', '2026-01-03T00', '2026-01-02T00', '2026-01-02T00', '2026-01-01T01', 'invalid-argument']);
  });

  test('utcOffset is a zone with a fixed offset', async tab => {
    assert.equal(await tab.run(({ Cron }) => new Cron('0 12 * * *', { timeZone: 'Etc/GMT-5' }).nextRun(0).toISOString()), '1970-01-01T07:00:00.000Z');
  });
}
