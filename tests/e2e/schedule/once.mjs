// One run at a date.

import assert from 'node:assert/strict';

export default function once(test) {
  test('it runs at its date, once, and the job ends with that run', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce, getScheduler, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      const { fn, ticks } = noting((_, word) => gate.promise.then(() => word));
      const at = clock.now() + 42_000;
      const job = scheduleOnce(fn, { at: new Date(at), args: ['done'], jobId: 'sale' });
      const before = [job.nextRun.getTime() - at, job.nextRuns(5).map(run => run - at), job.nextRuns(5, at).length, job.matches(at), job.matches(at + 1), job.stats().runs];
      await clock.pass(41_999);
      const early = ticks.length;
      await clock.pass(1);
      const during = [ticks.length, job.nextRun, getScheduler().get('sale') === job];
      gate.resolve();
      await clock.settle();
      await clock.pass(100 * 86_400_000);
      return [before, early, during, ticks, await job.latestTask, job.stats().runs, job.nextRun, getScheduler().jobs.length, clock.sleeps.at(-1) <= 30_000];
    }), [[0, [0], 0, true, false, 0], 0, [1, null, true], [[42_000, 0, false]], 'done', 1, null, 0, true]);
  });

  test('a date that has passed, or is none, is an invalid-argument, and no job is left', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce, getScheduler, thrownBy }) => {
      const { manualClock } = await import('/support/schedule.js');
      const now = manualClock().now();
      const wrong = [now, now - 1, 0, -8.64e15, new Date(now - 5), new Date(NaN), NaN, Infinity, 8.64e15 + 2, '2030-01-01', undefined, null, {}, 5n];
      const errors = wrong.map(at => thrownBy(() => scheduleOnce(() => {}, { at })));
      return [errors.filter(error => error?.code !== 'invalid-argument' || !error.message.startsWith('at is ')).map(String), getScheduler().jobs.length, scheduleOnce(() => {}, { at: 8.64e15 }).nextRun.getTime()];
    }), [[], 0, 8.64e15]);
  });

  test('a page that slept at the date runs it late, unless missed is skip and the grace is over', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const at = clock.now() + 10_000;
      const cases = [{}, { missed: 'all' }, { missed: 'skip' }, { missed: 'skip', grace: '2h' }].map(options => {
        const noted = noting();
        return { ...noted, job: scheduleOnce(noted.fn, { at, ...options }) };
      });
      clock.freeze(3_600_000);
      await clock.wake();
      await clock.settle();
      return cases.map(({ ticks, job }) => [ticks, job.stats().missed, job.nextRun]);
    }), [[[[10_000, 0, false]], 0, null], [[[10_000, 0, false]], 0, null], [[], 1, null], [[[10_000, 0, false]], 0, null]]);
  });

  test('the wall clock counts, however it is set', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      const start = clock.now();
      scheduleOnce(fn, { at: start + 3_600_000 });
      clock.set(start - 5 * 3_600_000);
      await clock.wake();
      await clock.pass(5.5 * 3_600_000);
      const early = ticks.length;
      await clock.pass(1_800_000);
      return [early, ticks];
    }), [0, [[3_600_000, 0, false]]]);
  });

  test('it can be cancelled, paused, run by hand and replaced, and its run is tried again as its retry says', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce, thrownBy }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const at = clock.now() + 10_000;
      const controller = new AbortController();
      const all = Array.from({ length: 5 }, () => noting(({ attempt }) => { if (attempt < 3) throw new Error('again'); }));
      const retry = { maxAttempts: 3 };
      const [cancelled, aborted, byHand, replaced, paused] = all.map(({ fn }, index) => scheduleOnce(fn, { at, retry, jobId: `job ${index}`, signal: index === 1 ? controller.signal : undefined }));
      cancelled.cancel();
      controller.abort();
      paused.pause();
      await byHand.runNow();
      const taken = thrownBy(() => scheduleOnce(() => {}, { at, jobId: 'job 3', replaceExisting: false })).code;
      const next = noting();
      const successor = scheduleOnce(next.fn, { at: at + 5_000, jobId: 'job 3' });
      await clock.pass(20_000);
      const ends = [cancelled, aborted, byHand, replaced, paused, successor].map(job => job.nextRun);
      return [all.map(({ ticks }) => ticks.map(([tick, , manual]) => `${tick}${manual ? ' by hand' : ''}`).join()), next.ticks.map(([tick]) => tick), taken, ends];
    }), [['', '', `${'0 by hand,'.repeat(3)}${Array(3).fill('10000').join()}`, '', ''], [15_000], 'job-exists', Array(6).fill(null)]);
  });

  test('options that say how often are left alone', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleOnce }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      scheduleOnce(fn, { at: clock.now() + 1000, every: '1s', cron: '* * * * * *', immediately: true, maxRuns: 5, startAt: 0, endAt: 8e15, overlap: 'skip' });
      await clock.pass(10_000);
      return ticks.length;
    }), 1);
  });
}
