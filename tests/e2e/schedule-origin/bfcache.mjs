// Pages with jobs of all tabs in the back/forward cache, in a browser that has it switched on.

import assert from 'node:assert/strict';
import { NEVER, assertOnce, hold, isLeader, leaders, now, release, schedule, ticksOf, until, untilLeads, untilRun, untilRuns } from './support.mjs';

const JOB = { jobId: 'job', every: 200, lease: NEVER };

export default function bfcache(test) {
  /** A test with a page that is left and comes back from the cache. */
  const testLeaving = (name, body) => test(name, async (tab, another) => {
    const { page } = tab;
    await tab.bare(() => addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted, back: Date.now() })));
    const leave = () => page.goto(`${page.url()}?elsewhere`);
    const comeBack = async ({ mayBeAfresh = false } = {}) => {
      await page.goBack({ waitUntil: 'commit' });
      await page.waitForFunction(() => document.readyState === 'complete');
      if (mayBeAfresh && await page.evaluate(() => window.job === undefined)) return schedule(tab, 'tab', JOB);
      return assert.deepEqual(await page.evaluate(() => [
        window.persisted === true, performance.getEntriesByType('navigation')[0].notRestoredReasons?.reasons?.map(({ reason }) => reason) ?? [],
      ]), [true, []]);
    };
    await body(tab, another, { leave, comeBack });
  });

  testLeaving('a page that leads enters it, another tab leads at once, and the page is a follower when it is back', async (tab, another, { leave, comeBack }) => {
    const other = await another();
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    await schedule(other, 'other', JOB);
    await untilRuns(tab, 'job', 2);
    await leave();
    await untilLeads(other);
    const since = await now(other);
    await untilRun(other, 'job', since + 1000, ['other']);
    await comeBack();
    await tab.bare(({ until }) => until(() => window.job.nextRun > Date.now() - 100));
    assert.equal(await tab.bare(() => window.job.state), 'active');
    // One that does not answer within half a second, on a machine with much to do, loses the lead to the page that is back.
    const kept = await isLeader(other);
    assert.equal(await isLeader(tab), !kept);
    const leader = kept ? 'other' : 'tab';
    await untilRun(other, 'job', await now(other) + 600, [leader]);
    if (kept) assert.equal((await ticksOf(other, 'job')).some(({ at, by }) => at > since && by.includes('tab')), false);
    // It hears again of what happens, and stands in line.
    const next = await tab.bare(() => window.job.nextRun.getTime());
    await tab.bare(({ until }, next) => until(() => window.job.nextRun > next), next);
    await other.page.close();
    await untilLeads(tab);
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await assertOnce(tab, 'job');
  });

  testLeaving('a page that follows enters it, and stands in line again when it is back', async (tab, another, { leave, comeBack }) => {
    const other = await another();
    await schedule(other, 'other', JOB);
    await untilLeads(other);
    await schedule(tab, 'tab', JOB);
    await until(() => tab.bare(() => window.job.nextRun !== null));
    await leave();
    await untilRun(other, 'job', await now(other) + 500);
    await comeBack();
    await other.page.close();
    await untilLeads(tab);
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await assertOnce(tab, 'job');
  });

  for (const missed of ['skip', 'once', 'all']) {
    testLeaving(`the only page that has the job makes up for what was due meanwhile by its policy: ${missed}`, async (tab, _, { leave, comeBack }) => {
      await schedule(tab, 'tab', { ...JOB, missed, grace: 250, every: 500 });
      await untilRuns(tab, 'job', 1);
      await untilLeads(tab);
      await leave();
      const left = await now(tab);
      await tab.bare(({ until }, left) => until(() => Date.now() > left + 2600), left);
      await comeBack();
      const back = await tab.bare(() => window.back); // not when it is asked: a busy machine may have run a tick or two by then
      await untilLeads(tab);
      await untilRun(tab, 'job', back);
      const ticks = await assertOnce(tab, 'job');
      const late = ticks.filter(({ at }) => at > left && at < back).length;
      if (missed === 'all') assert(late >= 4, `${late} were made up for`);
      else assert(late <= 1, `${late} were made up for`);
    });
  }

  testLeaving('a page that is left while it claims a tick takes the lead from nobody when it is back', async (tab, another, { leave, comeBack }) => {
    const other = await another();
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    await schedule(other, 'other', JOB);
    await untilRuns(tab, 'job', 1);
    await other.bare(() => { window.lost = 0; window.job.subscribe(({ isLeader }) => { if (!isLeader && window.led) window.lost++; window.led = isLeader; }); });
    await hold(other);
    const next = await tab.bare(() => window.job.nextRun.getTime());
    await tab.bare(({ until }, next) => until(() => Date.now() > next + 50), next);
    await leave();
    await release(other);
    await untilRun(other, 'job', await now(other), ['other']);
    await comeBack({ mayBeAfresh: true }); // as the browser likes, since a transaction was open
    await untilRun(other, 'job', await now(other) + 600);
    assert.deepEqual([await leaders([tab, other]), await other.bare(() => window.lost)], [[1], 0]);
    await assertOnce(other, 'job');
  });

  testLeaving('a page that is left at once after it has scheduled the job has it when it is back', async (tab, _, { leave, comeBack }) => {
    await schedule(tab, 'tab', JOB);
    await leave();
    await comeBack();
    await untilLeads(tab);
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await assertOnce(tab, 'job');
  });

  testLeaving('a job that is paused is so when its page is back, and leads nothing', async (tab, another, { leave, comeBack }) => {
    const other = await another();
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    await tab.bare(() => window.job.pause());
    await leave();
    await comeBack();
    assert.deepEqual(await tab.bare(() => [window.job.state, window.job.isLeader]), ['paused', false]);
    await schedule(other, 'other', JOB);
    await untilLeads(other);
    await other.bare(() => window.job.cancel());
    await tab.bare(() => window.job.resume());
    await untilLeads(tab);
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await assertOnce(tab, 'job');
  });

  testLeaving('a page comes and goes many times, and leads each time that it is back alone', async (tab, _, { leave, comeBack }) => {
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    for (let i = 0; i < 5; i++) {
      await leave();
      await comeBack();
      await untilLeads(tab);
    }
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await assertOnce(tab, 'job');
  });
}
