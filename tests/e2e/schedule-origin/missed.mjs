// What is due while no tab is open, and the grid that all tabs share.

import assert from 'node:assert/strict';
import { reload } from '../state/support.mjs';
import { NEVER, assertOnce, isLeader, now, recordOf, schedule, shiftClock, ticksOf, until, untilLeads, untilRun, untilRuns } from './support.mjs';

const HOUR = 3_600_000;

export default function missed(test) {
  /** A test in which a job was known to a tab that is gone now, for so many hours. Given the time at which it began. */
  const testLater = (name, hours, options, body) => test(name, async (tab, another) => {
    const job = { jobId: 'job', lease: NEVER, ...options };
    await schedule(tab, 'before', job);
    await untilLeads(tab);
    const { anchor } = await recordOf(tab, 'job');
    await reload(tab);
    await shiftClock(tab, hours * HOUR);
    await schedule(tab, 'after', job);
    await body(tab, anchor, job, another);
  });

  /** The runs of the page as hours since then, with what they say was missed. */
  const runsOf = (tab, since) => tab.bare((_, since) => window.runs.map(({ at, missed }) => [(at - since) / 3_600_000, missed]), since);

  for (const [policy, options, runs] of [
    ['skip', {}, []],
    ['skip', { grace: '1h' }, [[5, 4]]],
    ['once', {}, [[5, 4]]],
    ['all', {}, [[1, 0], [2, 0], [3, 0], [4, 0], [5, 0]]],
    ['all', { maxQueue: 2 }, [[4, 3], [5, 0]]],
  ]) {
    testLater(`missed: '${policy}' ${JSON.stringify(options)} - five ticks while no tab was open`, 5.5, { every: '1h', missed: policy, ...options }, async (tab, anchor) => {
      await untilLeads(tab);
      await tab.bare(({ until }, count) => until(() => window.runs.length >= count), runs.length);
      await until(() => tab.bare((_, next) => window.job.nextRun?.getTime() === next, anchor + 6 * HOUR));
      assert.deepEqual(await runsOf(tab, anchor), runs);
      await until(() => tab.bare(() => window.job.stats().running === 0));
      assert.deepEqual(await tab.bare(() => [window.job.stats().runs, window.job.stats().missed]), [runs.length, 5 - runs.length]);
      await assertOnce(tab, 'job');
    });
  }

  testLater("missed: 'once' - a cron job makes up for what was due while no tab was open", 5, { cron: '0 * * * *', timeZone: 'UTC' }, async (tab, anchor) => {
    await tab.bare(({ until }) => until(() => window.runs.length === 1));
    const newest = Math.floor(await now(tab) / HOUR);
    assert.deepEqual(await tab.bare(() => [window.runs[0].at / 3_600_000, window.runs[0].missed]), [newest, newest - Math.floor(anchor / HOUR) - 1]);
  });

  testLater('of two tabs that open later one makes up for it', 5.5, { every: '1h', missed: 'all' }, async (tab, anchor, job, another) => {
    const other = await another();
    await shiftClock(other, 5.5 * HOUR);
    await schedule(other, 'other', job);
    await until(async () => (await ticksOf(tab, 'job')).length >= 5);
    assert.deepEqual((await assertOnce(tab, 'job')).map(({ at }) => (at - anchor) / HOUR), [1, 2, 3, 4, 5]);
  });

  test("missed: 'all' - each tick gets its run although making up takes longer than the lease and other tabs are open", async (tab, another) => {
    const job = { jobId: 'job', every: '1h', missed: 'all', lease: 400, takes: 300 };
    await schedule(tab, 'before', job);
    await untilLeads(tab);
    const { anchor } = await recordOf(tab, 'job');
    await reload(tab);
    const other = await another();
    for (const each of [tab, other]) await shiftClock(each, 6.5 * HOUR);
    await schedule(tab, 'tab', job);
    await schedule(other, 'other', job);
    await untilRun(tab, 'job', anchor + 5.5 * HOUR);
    await until(async () => (await Promise.all([tab, other].map(each => each.bare(() => window.job.stats().running + window.job.stats().waiting)))).every(count => count === 0));
    const ticks = await assertOnce(tab, 'job');
    assert.deepEqual(ticks.map(({ at }) => (at - anchor) / HOUR), [1, 2, 3, 4, 5, 6]);
    assert.equal(new Set(ticks.map(({ by }) => by[0])).size, 1, 'two tabs run it');
  }, { timeout: 240_000 }); // on a busy machine the tabs ask each other between all ticks

  // ---- a job that begins -------------------------------------------------------------------------------------------

  test('immediately is for the first tab that ever knows the job', async (tab, another) => {
    const job = { jobId: 'job', every: '1h', immediately: true, lease: NEVER };
    await schedule(tab, 'first', job);
    await tab.bare(({ until }) => until(() => window.runs.length === 1));
    await untilLeads(tab);
    const other = await another();
    await schedule(other, 'second', job);
    await until(() => other.bare(() => window.job.nextRun !== null));
    await reload(tab);
    await schedule(tab, 'third', job);
    await untilLeads(other);
    await schedule(tab, 'fourth', { ...job, jobId: 'fresh' });
    await untilRuns(tab, 'fresh', 1);
    assert.deepEqual((await assertOnce(tab, 'job')).map(({ by }) => by[0]), ['first']);
  });

  test('immediately runs at once, each time that a job is new', async tab => {
    for (let i = 0; i < 10; i++) {
      await schedule(tab, 'tab', { jobId: `job${i}`, every: '1h', immediately: true, lease: NEVER });
      await untilRuns(tab, `job${i}`, 1);
    }
  });

  test('of five tabs that schedule it at the same moment one runs it immediately', async (tab, another) => {
    const tabs = [tab, await another(), await another(), await another(), await another()];
    await Promise.all(tabs.map((each, i) => schedule(each, `tab${i}`, { jobId: 'job', every: '1h', immediately: true, lease: NEVER })));
    await untilRuns(tab, 'job', 1);
    for (const each of tabs) await until(() => each.bare(() => window.job.nextRun !== null));
    const next = await Promise.all(tabs.map(each => each.bare(() => window.job.nextRun.getTime())));
    assert.deepEqual(next, next.map(() => next[0]));
    await until(async () => (await Promise.all(tabs.map(each => isLeader(each)))).filter(leads => leads).length === 1);
    assert.equal((await assertOnce(tab, 'job')).length, 1);
  });

  test('the ticks of an interval stay on one grid, across tabs and reloads', async (tab, another) => {
    const job = { jobId: 'job', every: 250, lease: NEVER };
    const other = await another();
    await schedule(tab, 'tab', job);
    await untilRuns(tab, 'job', 1);
    for (let i = 0; i < 3; i++) {
      await schedule(other, `other${i}`, job);
      await reload(tab);
      await untilRun(tab, 'job', await now(tab), [`other${i}`]);
      await schedule(tab, `tab${i}`, job);
      await reload(other);
      await untilRun(tab, 'job', await now(tab), [`tab${i}`]);
    }
    const { anchor } = await recordOf(tab, 'job');
    const ticks = await assertOnce(tab, 'job');
    assert.deepEqual(ticks.filter(({ at }) => (at - anchor) % 250 !== 0), []);
  });

  test('startAt is the first tick, in whichever tab, and the grid counts from it', async (tab, another) => {
    const startAt = await now(tab) + 8000; // a busy machine takes its time to open another tab and to reload one
    const job = { jobId: 'job', every: 300, startAt, lease: NEVER };
    await schedule(tab, 'tab', job);
    await untilLeads(tab);
    assert.equal(await tab.bare(() => window.job.nextRun.getTime()), startAt);
    const other = await another();
    await schedule(other, 'other', job);
    await until(() => other.bare(() => window.job.nextRun !== null));
    await reload(tab);
    await untilRuns(tab, 'job', 3);
    const ticks = await assertOnce(tab, 'job');
    assert.deepEqual([ticks[0].at, ticks.filter(({ at }) => (at - startAt) % 300 !== 0)], [startAt, []]);
  });

  test('each run is at or after its tick, and no tick of an open tab is missed', async (tab, another) => {
    const other = await another();
    const job = { jobId: 'job', every: 200, missed: 'all', overlap: 'queue', lease: NEVER };
    await schedule(tab, 'tab', job);
    await schedule(other, 'other', job);
    await untilRuns(tab, 'job', 12);
    const ticks = await assertOnce(tab, 'job');
    assert.deepEqual(ticks.slice(1).map(({ at }, i) => at - ticks[i].at).filter(gap => gap !== 200), []);
    assert(ticks.at(-1).at <= await now(tab));
  });
}
