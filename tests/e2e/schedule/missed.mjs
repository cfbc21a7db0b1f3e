// Ticks for which the page was not awake, and clocks that are set.

import assert from 'node:assert/strict';
import { chromium as playwright } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import * as installed from '../../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../../scripts/setup/webdriver.mjs';
import { Tab } from '../support/tab.mjs';

export default function missed(test, { browser }) {
  test('once, the default: one run for all of them, which knows how many there were', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const [every, cron] = [noting(), noting()];
      const jobs = [scheduleInterval(every.fn, { every: '10s' }), scheduleCron(cron.fn, { cron: '*/10 * * * * *' })];
      await clock.pass(10_000);
      clock.freeze(3_600_000);
      await clock.wake();
      await clock.pass(10_000);
      return [every.ticks, cron.ticks, jobs.map(job => [job.stats().runs, job.stats().missed])];
    }), [...Array(2).fill([[10_000, 0, false], [3_610_000, 359, false], [3_620_000, 0, false]]), Array(2).fill([3, 359])]);
  });

  test('skip: they are left out, and the newest one runs if it is no later than grace, 90 s by default', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, getScheduler }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const seen = [];
      for (const late of [0, 1, 90_000, 90_001, 300_000, 300_001]) {
        const cases = [undefined, '5m', 0].map(grace => {
          const noted = noting();
          return { ...noted, job: scheduleInterval(noted.fn, { every: '1h', missed: 'skip', grace }) };
        });
        clock.freeze(2 * 3_600_000 + late);
        await clock.wake();
        seen.push(cases.map(({ ticks, job }) => [ticks.length, ticks.every(([at, missed]) => at === 7_200_000 && missed === 1), job.stats().missed].join(' ')));
        await getScheduler().shutdown();
      }
      return seen;
    }), [[1, 1, 1], [1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]].map(row => row.map(runs => `${runs} true ${2 - runs}`)));
  });

  test('all: a run for each, one after another, oldest first, at most maxQueue', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      let running = 0;
      let most = 0;
      const work = async () => {
        most = Math.max(most, ++running);
        await clock.settle();
        running--;
      };
      const cases = [{}, { maxQueue: 3 }].map(options => {
        const noted = noting(work);
        return { ...noted, job: scheduleInterval(noted.fn, { every: '10s', missed: 'all', ...options }) };
      });
      const cron = noting();
      scheduleCron(cron.fn, { cron: '*/10 * * * * *', missed: 'all' });
      clock.freeze(65_000);
      await clock.wake();
      const { waiting } = cases[0].job.stats();
      for (let i = 0; i < 40; i++) await clock.settle();
      return [waiting, cases.map(({ ticks }) => ticks), cron.ticks.length, most, cases.map(({ job }) => [job.stats().runs, job.stats().missed])];
    }), [
      5, [[1, 2, 3, 4, 5, 6].map(n => [n * 10_000, 0, false]), [[40_000, 3, false], [50_000, 0, false], [60_000, 0, false]]], 6, 2, [[6, 0], [3, 3]],
    ]);
  });

  for (const policy of ['skip', 'once', 'all']) {
    test(`${policy} in real time: the main thread is blocked for a second`, async tab => {
      const { ticks, blocked, missed, runs } = await tab.run(async ({ scheduleInterval, until }, policy) => {
        const { noting, block } = await import('/support/schedule.js');
        const start = Date.now();
        const { fn, ticks } = noting();
        const job = scheduleInterval(fn, { every: 100, missed: policy });
        await until(() => ticks.length >= 2);
        const blocked = [Date.now() - start];
        block(1000);
        blocked.push(Date.now() - start);
        await until(() => ticks.at(-1)[0] > blocked[1] + 200 && job.stats().running + job.stats().waiting === 0);
        const { missed, runs } = job.stats();
        job.cancel();
        return { ticks, blocked, missed, runs };
      }, policy);
      // Whether the machine was slow besides, no tick is lost: each has a run or is counted as missed before one.
      const grid = ticks.map(([at]) => (at - ticks[0][0]) / 100);
      assert.deepEqual(grid.filter(n => !Number.isInteger(n)), []);
      assert.deepEqual(ticks.slice(1).map(([, missed], index) => missed + 1 === grid[index + 1] - grid[index]).filter(ok => !ok), []);
      assert.deepEqual([ticks.reduce((sum, [, each]) => sum + each, 0), ticks.length], [missed, runs]);
      const within = ticks.filter(([at]) => at > blocked[0] && at < blocked[1] - 100).length;
      if (policy === 'all') assert(within >= 8, `${within}`);
      else assert.equal(within, 0);
    });
  }

  test('the machine sleeps: an interval notices by the wall clock, and goes on on its grid', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const [every, cron] = [noting(), noting()];
      const job = scheduleInterval(every.fn, { every: '1m' });
      scheduleCron(cron.fn, { cron: '* * * * *' });
      await clock.pass(60_000);
      clock.sleep(3_600_000 + 15_000);
      await clock.pass(30_000); // no event tells the page
      return [every.ticks, cron.ticks, job.nextRun - clock.now()];
    }), [...Array(2).fill([[60_000, 0, false], [3_660_000, 59, false]]), 15_000]);
  });

  test('a wall clock that is set back changes nothing for an interval', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      let runs = 0;
      const waits = [];
      let last = performance.now();
      const job = scheduleInterval(({ tick }) => {
        runs++;
        waits.push([performance.now() - last, tick.scheduledAt - clock.now()]);
        last = performance.now();
      }, { every: '1m' });
      await clock.pass(60_000);
      clock.set(clock.now() - 86_400_000);
      await clock.pass(60_000);
      clock.set(clock.now() - 10_000);
      await clock.pass(60_000);
      clock.set(clock.now() + 3000); // as time synchronization does
      await clock.pass(60_000);
      return [runs, waits, job.nextRun - clock.now(), job.stats().missed];
    }), [4, Array(4).fill([60_000, 0]), 60_000, 0]);
  });

  test('a wall clock that is set back by up to three hours: no tick of a cron is run again', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      const job = scheduleCron(fn, { cron: '*/10 * * * *' });
      await clock.pass(600_000);
      clock.set(clock.now() - 3 * 3_600_000);
      await clock.pass(3 * 3_600_000 - 1000);
      const before = [ticks.length, job.nextRun - clock.now()];
      await clock.pass(1000 + 600_000);
      return [before, ticks];
    }), [[1, 601_000], [[600_000, 0, false], [1_200_000, 0, false]]]);
  });

  test('a wall clock that is set back by more: the schedule begins anew at the new time', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      scheduleCron(fn, { cron: '*/10 * * * *' });
      await clock.pass(600_000);
      clock.set(clock.now() - 3 * 3_600_000 - 60_000);
      await clock.pass(1_200_000);
      return ticks.map(([at]) => at / 60_000);
    }), [10, -170, -160]);
  });

  test('a wall clock that is set forward counts as sleep', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const [every, cron] = [noting(), noting()];
      scheduleInterval(every.fn, { every: '10m' });
      scheduleCron(cron.fn, { cron: '*/10 * * * *' });
      await clock.pass(600_000);
      clock.set(clock.now() + 3_600_000);
      await clock.wake();
      await clock.pass(600_000);
      return [every.ticks, cron.ticks];
    }), Array(2).fill([[600_000, 0, false], [4_200_000, 5, false], [4_800_000, 0, false]]));
  });

  if (browser.name !== 'Chromium') return;

  test('a frozen page runs nothing; when it is active again the policy decides', async (tab, site) => {
    const { chromium: executablePath } = await installed.chromium();
    const own = await puppeteer.launch({ executablePath, args: chromiumArguments(), headless: true }); // only a hidden page can be frozen, and playwright has none hidden
    try {
      const page = await own.newPage();
      const hidden = new Tab(page, { url: tab.page.url(), entry: site.entry });
      await hidden.open();
      await hidden.run(async ({ scheduleInterval, until }) => {
        const { noting } = await import('/support/schedule.js');
        window.start = Date.now();
        window.changes = [];
        for (const type of ['freeze', 'resume']) document.addEventListener(type, () => window.changes.push([type, Date.now() - window.start]));
        window.cases = ['skip', 'once', 'all'].map(missed => {
          const noted = noting();
          return { ...noted, job: scheduleInterval(noted.fn, { every: 50, missed }) };
        });
        await until(() => window.cases.every(({ ticks }) => ticks.length >= 2));
      });
      await (await own.newPage()).bringToFront();
      const devtools = await page.createCDPSession();
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
      await new Promise(resolve => setTimeout(resolve, 700)); // for ticks to be missed
      await devtools.send('Page.setWebLifecycleState', { state: 'active' });
      const { changes, cases } = await hidden.bare(async ({ until }) => {
        await until(() => window.cases.every(({ ticks }) => ticks.at(-1)[0] > window.changes[1]?.[1] + 100));
        return { changes: window.changes, cases: window.cases.map(({ ticks }) => ticks) };
      });
      assert.deepEqual(changes.map(([type]) => type), ['freeze', 'resume']);
      const [from, until] = changes.map(([, at]) => at);
      const within = cases.map(ticks => ticks.filter(([at]) => at > from + 50 && at < until - 100).length);
      assert.deepEqual([within[0], within[1], within[2] > 5], [0, 0, true], `${within}`);
      // None is lost: each has a run or is counted before one.
      for (const ticks of cases) assert.deepEqual(ticks.slice(1).filter(([at, missed], index) => at - ticks[index][0] !== (missed + 1) * 50), []);
      await hidden.checkProblems();
    } finally {
      await own.close();
    }
  });

  test('a page with jobs enters the back/forward cache, and they go on when it comes back', async (tab, site) => {
    const { chromium: executablePath } = await installed.chromium();
    const own = await playwright.launch({ executablePath, args: chromiumArguments(), ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    try {
      const page = await own.newPage();
      const url = tab.page.url();
      const kept = new Tab(page, { url, entry: site.entry });
      await kept.open();
      await kept.run(async ({ scheduleInterval, scheduleCron, until }) => {
        const { noting } = await import('/support/schedule.js');
        // It goes on for a moment after it was left, until it is frozen.
        document.addEventListener('freeze', () => { window.left = Date.now() - window.start; });
        addEventListener('pageshow', ({ persisted }) => { window.back = persisted && Date.now() - window.start; });
        window.start = Date.now();
        window.every = noting();
        window.cron = noting();
        scheduleInterval(window.every.fn, { every: 50 });
        scheduleCron(window.cron.fn, { cron: '* * * * * *', missed: 'all' });
        await until(() => window.every.ticks.length >= 2);
      });
      await page.goto(`${url}?elsewhere`);
      await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 1200))); // for ticks to be missed
      await page.goBack({ waitUntil: 'commit' });
      await page.waitForFunction(() => window.back !== undefined);
      const { left, back, every, cron } = await kept.bare(async ({ until }) => {
        await until(() => window.every.ticks.at(-1)[0] > window.back + 100 && window.cron.ticks.at(-1)[0] > window.back);
        return { left: window.left, back: window.back, every: window.every.ticks, cron: window.cron.ticks };
      });
      assert(back - left > 1000, `${left} ${back}`);
      // The one that makes up for them may run before the page is told that it is back.
      assert.deepEqual(every.filter(([at, missed]) => missed === 0 && at > left + 50 && at < back - 50), []);
      assert.deepEqual(every.slice(1).filter(([at, missed], index) => at - every[index][0] !== (missed + 1) * 50), []);
      assert.deepEqual(cron.slice(1).filter(([at, missed], index) => missed !== 0 || at - cron[index][0] !== 1000), []);
    } finally {
      await own.close();
    }
  });
}
