// Intervals: a grid from the call on.

import assert from 'node:assert/strict';

export default function interval(test) {
  test('ticks lie on a grid from the time of the call, however long runs take', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      await clock.pass(77);
      const { fn, ticks } = noting(({ run }) => run(() => new Promise(resolve => setTimeout(resolve, 250))));
      const job = scheduleInterval(fn, { every: 100 });
      const { nextRun } = job;
      await clock.pass(1000);
      return [nextRun - clock.now(), ticks.map(([at]) => at), job.stats().skipped];
    }), [-900, [100, 400, 700, 1000], 6]);
  });

  test('in real time too: ticks are on the grid to the millisecond, though the main thread is blocked again and again', async tab => {
    const { ticks, every, missed, runs } = await tab.run(async ({ scheduleInterval, until, nextTurn }) => {
      const { noting, block } = await import('/support/schedule.js');
      const every = 40;
      const { fn, ticks } = noting();
      const job = scheduleInterval(fn, { every });
      for (let i = 0; ticks.length < 25; i++) {
        if (i % 10 === 3) block(95);
        await nextTurn();
      }
      await until(() => job.stats().running === 0);
      const { missed, runs } = job.stats();
      job.cancel();
      return { ticks, every, missed, runs };
    });
    assert.deepEqual(ticks.map(([at]) => (at - ticks[0][0]) % every), Array(ticks.length).fill(0));
    const steps = ticks.slice(1).map(([at], index) => (at - ticks[index][0]) / every);
    assert(steps.every(step => step >= 1) && steps.some(step => step > 1), `no tick was missed: ${steps}`);
    // Each tick between two runs was counted, in the run and in the job.
    assert.deepEqual(ticks.slice(1).map(([, missed]) => missed), steps.map(step => step - 1));
    assert.deepEqual([ticks.reduce((sum, [, each]) => sum + each, 0), ticks.length], [missed, runs]);
  });

  test('startAt: an interval counts from it, in the past and in the future', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const starts = [-25_000, -30_000, 0, 15_000, 35_000].map(after => {
        const { fn, ticks } = noting();
        const job = scheduleInterval(fn, { every: '10s', startAt: new Date(clock.now() + after) });
        return { ticks, next: job.nextRun - clock.now(), earlier: job.nextRuns(2, 0).map(at => at - clock.now()) };
      });
      await clock.pass(40_000);
      return starts.map(({ ticks, next, earlier }) => [next, earlier, ticks.map(([at]) => at / 1000)]);
    }), [
      [5000, [-25_000, -15_000], [5, 15, 25, 35]], [10_000, [-30_000, -20_000], [10, 20, 30, 40]], [10_000, [0, 10_000], [10, 20, 30, 40]],
      [15_000, [15_000, 25_000], [15, 25, 35]], [35_000, [35_000, 45_000], [35]],
    ]);
  });

  test('endAt: there are no ticks after it, one at it there is; then the job has ended', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, getScheduler, thrownBy }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const end = clock.now() + 30_000;
      const [every, cron] = [noting(), noting()];
      const jobs = [scheduleInterval(every.fn, { every: '10s', endAt: end }), scheduleCron(cron.fn, { cron: '*/10 * * * * *', endAt: new Date(end) })];
      const listed = jobs.map(job => job.nextRuns(10).length);
      await clock.pass(29_999);
      const before = jobs.map(job => [job.state, job.nextRun - clock.now()]);
      await clock.pass(60_000);
      const over = scheduleInterval(() => {}, { every: '10s', endAt: end });
      return [
        listed, before, every.ticks.map(([at]) => at), cron.ticks.map(([at]) => at),
        [...jobs, over].map(job => [job.state, job.nextRun, job.nextRuns(3), job.cancel(), thrownBy(() => job.runNow()).code]), getScheduler().jobs.length,
      ];
    }), [[3, 3], Array(2).fill(['active', 1]), [10_000, 20_000, 30_000], [10_000, 20_000, 30_000], Array(3).fill(['ended', null, [], false, 'disposed']), 0]);
  });

  test('maxRuns: the job ends after so many runs, when the last has ended; skipped ticks and runNow() don\'t count', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gates = [deferred(), deferred(), deferred()];
      let n = 0;
      const { fn, ticks } = noting(() => gates[n++].promise);
      const job = scheduleInterval(fn, { every: '10s', maxRuns: 2 });
      const manual = job.runNow();
      await clock.settle();
      gates[0].resolve();
      await manual;
      await clock.pass(30_000); // one run, two skipped
      gates[1].resolve();
      await clock.pass(20_000);
      const during = [job.state, job.nextRun, job.stats().running];
      gates[2].resolve();
      await clock.settle();
      const { runs, skipped } = job.stats();
      return [ticks.map(([at, , manual]) => [at, manual]), during, job.state, runs, skipped];
    }), [[[0, true], [10_000, false], [40_000, false]], ['active', null, 1], 'ended', 2, 2]);
  });

  test('immediately: also a run at once, which counts', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock('2026-01-05T12:00:30.250Z');
      const [every, cron] = [noting(), noting()];
      const jobs = [scheduleInterval(every.fn, { every: '1m', immediately: true, maxRuns: 2 }), scheduleCron(cron.fn, { cron: '* * * * *', immediately: true, maxRuns: 2 })];
      const atOnce = jobs.map(job => job.latestTask?.state ?? null);
      await clock.pass(120_000);
      return [atOnce, every.ticks, cron.ticks, jobs.map(job => [job.state, job.stats().runs])];
    }), [['pending', 'pending'], [[0, 0, false], [60_000, 0, false]], [[0, 0, false], [29_750, 0, false]], Array(2).fill(['ended', 2])]);
  });

  test('jitter puts off each run by up to so much, at random, and no tick', async tab => {
    const { delays, ticks, next } = await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const delays = [];
      const late = ({ tick }) => delays.push(clock.now() - tick.scheduledAt);
      const [every, cron] = [noting(late), noting(late)];
      const job = scheduleInterval(every.fn, { every: '10s', jitter: '4s' });
      scheduleCron(cron.fn, { cron: '*/10 * * * * *', jitter: 4000 });
      const next = job.nextRun - clock.now();
      await clock.pass(405_000);
      return { delays, ticks: [every.ticks, cron.ticks], next };
    });
    assert.equal(next, 10_000);
    assert.deepEqual(ticks, Array(2).fill(Array.from({ length: 40 }, (_, i) => [(i + 1) * 10_000, 0, false])));
    assert(delays.every(delay => delay >= 0 && delay <= 4000), `${delays}`);
    assert(Math.min(...delays) < 1000 && Math.max(...delays) > 3000 && new Set(delays).size > 40, `${delays}`);
  });

  test('a delay longer than a platform timer can count, 24.8 days, is waited for, in sleeps of at most 30 s', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock('2026-01-01T00:00:00Z');
      const DAY = 86_400_000;
      const [every, cron, yearly] = [noting(), noting(), noting()];
      scheduleInterval(every.fn, { every: '26d' });
      scheduleCron(cron.fn, { cron: '0 0 27 * *', timeZone: 'UTC' });
      scheduleCron(yearly.fn, { cron: '@yearly', timeZone: 'UTC' });
      await clock.pass(120_000);
      for (let day = 0; day < 25; day++) {
        clock.freeze(DAY);
        await clock.wake();
      }
      await clock.pass(DAY - 120_001);
      const early = [every, cron, yearly].map(({ ticks }) => ticks.length);
      await clock.pass(1);
      return [early, every.ticks.map(([at]) => at / DAY), cron.ticks.map(([at]) => at / DAY), yearly.ticks, Math.max(...clock.sleeps) <= 30_000];
    }), [[0, 0, 0], [26], [26], [], true]);
  });

  test('nextRuns(), matches() and nextRun name no tick after the last run that maxRuns allows', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, scheduleOnce }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const start = clock.now();
      const minutes = dates => dates.map(date => (date - start) / 60_000);
      let hold = Promise.resolve();
      const jobs = [
        scheduleInterval(() => hold, { every: '1m', maxRuns: 2 }), scheduleCron(() => hold, { cron: '* * * * *', maxRuns: 2 }), scheduleInterval(() => hold, { every: '1m', maxRuns: 5, endAt: start + 120_000 }),
        scheduleInterval(() => hold, { every: '1m', maxRuns: 3, immediately: true }), scheduleInterval(() => hold, { every: '1m', maxRuns: 2, overlap: 'queue' }),
      ];
      const once = scheduleOnce(() => hold, { at: start + 60_000 });
      const seen = [jobs.map(job => minutes(job.nextRuns(5))), minutes(once.nextRuns(5))];
      seen.push(minutes(jobs[0].nextRuns(5, start + 60_000)), jobs[1].nextRuns(5, start + 120_000), [2, 3].map(minute => jobs.map(job => job.matches(start + minute * 60_000))));
      jobs[1].pause();
      seen.push(minutes(jobs[1].nextRuns(5)));
      await jobs[0].runNow();
      hold = new Promise(() => {});
      await clock.pass(60_000);
      seen.push(jobs.map(job => minutes(job.nextRuns(5))), once.nextRuns(5), jobs.map(job => job.nextRun && minutes([job.nextRun])[0]));
      await clock.pass(60_000);
      seen.push(jobs.map(job => [minutes(job.nextRuns(5)).join(), job.nextRun && minutes([job.nextRun])[0]].join('/')));
      return seen;
    }), [
      [[1, 2], [1, 2], [1, 2], [1, 2], [1, 2]], [1], [2], [], [Array(5).fill(true), Array(5).fill(false)], [1, 2],
      [[2], [2, 3], [2], [2], [2]], [], [2, null, 2, 2, 2],
      ['3/3', '3,4/', '/', '3/3', '/'],
    ]);
  });

  test('matches() and nextRuns() of an interval are to the millisecond', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const now = manualClock().now();
      const job = scheduleInterval(() => {}, { every: 1500 });
      return [
        [1500, 1501, 1499, 3000, 0, -1500].map(after => job.matches(now + after)), job.matches(new Date(now + 4500)),
        job.nextRuns(3).map(at => at - now), job.nextRuns(2, now + 1500).map(at => at - now), job.nextRuns(1, new Date(now + 1499)).map(at => at - now), job.nextRuns(0),
      ];
    }), [[true, false, false, true, false, false], true, [1500, 3000, 4500], [3000, 4500], [1500], []]);
  });

  test('the longest interval has no tick before the end of Date', async tab => {
    assert.deepEqual(await tab.run(({ scheduleInterval }) => {
      const job = scheduleInterval(() => {}, { every: 8.64e15 });
      return [String(job.nextRun), job.nextRuns(2).map(String)];
    }), ['null', []]);
  });

  test('matches() takes the first time of Date', async tab => {
    assert.deepEqual(await tab.run(({ scheduleInterval, scheduleCron }) => {
      const jobs = [scheduleInterval(() => {}, { every: 1000 }), scheduleCron(() => {}, { cron: '30 * * * *', timeZone: 'UTC' })];
      return jobs.map(job => job.matches(-8.64e15));
    }), [false, false]);
  });
}
