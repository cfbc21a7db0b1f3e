// A tab that leads and hangs, and what it does when it is back.

import assert from 'node:assert/strict';
import { assertOnce, block, freeze, hold, isLeader, leaders, now, release, schedule, setPatience, thaw, ticksOf, until, untilLeads, untilRun, untilRuns } from './support.mjs';

const JOB = { jobId: 'job', every: 200, lease: 500 };

export default function hanging(test, { browser }) {
  /** A test with two tabs that have the job: `tab` leads it, `other` follows. */
  const testTwo = (name, options, body) => test(name, async (tab, another) => {
    const other = await another();
    await schedule(tab, 'tab', { ...JOB, ...options });
    await untilLeads(tab);
    await schedule(other, 'other', { ...JOB, ...options });
    await untilRuns(tab, 'job', 2);
    await until(() => other.bare(() => window.job.nextRun !== null));
    await body(tab, other, another);
  }, { tries: 3 });

  for (const options of [{}, { missed: 'all' }, { missed: 'skip', overlap: 'queue' }, { overlap: 'cancel-previous', every: undefined, cron: '* * * * * *' }]) {
    testTwo(`a tab that leads and is blocked for longer than the lease gives up the lead, and runs nothing that was run ${JSON.stringify(options)}`, options, async (tab, other) => {
      await tab.bare(() => { window.lost = 0; window.job.subscribe(({ isLeader }) => { if (!isLeader) window.lost++; }); });
      const since = await now(other);
      await block(tab, 5000);
      await untilRun(other, 'job', since, ['other']);
      // It answers when it is no longer blocked. On a busy machine it may lead again by then.
      await until(() => tab.bare(() => window.lost > 0));
      await until(async () => (await leaders([tab, other])).length === 1);
      await untilRun(other, 'job', await now(other));
      await assertOnce(other, 'job');
      assert.deepEqual(await Promise.all([tab, other].map(each => each.bare(() => window.told))), [[], []]);
    });
  }

  testTwo('a tab that leads and is blocked for less than the lease keeps the lead', { lease: '1h' }, async (tab, other) => {
    await block(tab, 1500);
    await untilRun(other, 'job', await now(other), ['tab']);
    assert.deepEqual([await isLeader(tab), await isLeader(other)], [true, false]);
    await assertOnce(other, 'job');
  });

  test('a tab that hangs while the database answers its claim runs the tick at most once, and so does whoever opens later', async (tab, another) => {
    const other = await another();
    for (const each of [tab, other]) await setPatience(each, 400);
    await schedule(tab, 'tab', { ...JOB, lease: 600 });
    await untilRuns(tab, 'job', 1);
    await schedule(other, 'other', { ...JOB, lease: 600 });
    // Each tenth claim blocks its page, in the midst of the transaction, for longer than the library waits for the database.
    await tab.bare(() => {
      const { get } = IDBObjectStore.prototype;
      let count = 0;
      IDBObjectStore.prototype.get = function (...args) {
        const request = get.apply(this, args);
        if (this.name === 'jobs' && ++count % 10 === 5) queueMicrotask(() => { for (const end = performance.now() + 1200; performance.now() < end;); });
        return request;
      };
    });
    for (let i = 0; i < 4; i++) {
      const late = await another();
      await setPatience(late, 400);
      await schedule(late, `late${i}`, { ...JOB, lease: 600 });
      const since = await now(other);
      await untilRun(other, 'job', since + 600);
    }
    await assertOnce(other, 'job');
  });

  test('a database that takes longer than the library waits, once, runs no tick twice', async (tab, another) => {
    const other = await another();
    for (const each of [tab, other]) await setPatience(each, 300);
    await schedule(tab, 'tab', { ...JOB, lease: 600 });
    await untilLeads(tab);
    await schedule(other, 'other', { ...JOB, lease: 600 });
    await untilRuns(tab, 'job', 2);
    await hold(other);
    const since = await now(tab);
    await until(async () => await now(tab) > since + 1500);
    await release(other);
    await untilRun(tab, 'job', await now(tab) + 800);
    await assertOnce(tab, 'job');
    await until(async () => (await leaders([tab, other])).length === 1);
  });

  // (pacer.rs, look).
  testTwo('a follower that was blocked does not take the lead from a tab that is on time', {}, async (tab, other) => {
    await tab.bare(() => { window.lost = 0; window.job.subscribe(({ isLeader }) => { if (!isLeader) window.lost++; }); });
    for (let i = 0; i < 6; i++) {
      await block(other, 900 + 10 * i);
      await other.bare(() => new Promise(resolve => setTimeout(resolve, 50)));
    }
    await untilRun(tab, 'job', await now(tab));
    assert.deepEqual([await tab.bare(() => window.lost), await isLeader(tab)], [0, true]);
    await assertOnce(tab, 'job');
  });

  test("overlap: 'cancel-previous' - a tick that another tab has claimed cancels nothing", async (tab, another) => {
    const other = await another();
    // What it hears of the others may come before it looks at the time, or not.
    await tab.bare(() => void Object.defineProperty(window, 'BroadcastChannel', { value: undefined }));
    await schedule(tab, 'tab', { jobId: 'job', every: 6000, overlap: 'cancel-previous', lease: 300, takes: 60_000 });
    await untilRuns(tab, 'job', 1);
    await schedule(other, 'other', { jobId: 'job', every: 6000, overlap: 'cancel-previous', lease: 300, takes: 60_000 });
    await until(() => other.bare(() => window.job.nextRun !== null));
    // The tab hangs over a tick, which the other runs.
    const next = await tab.bare(() => window.job.nextRun.getTime());
    await tab.page.evaluate(`void setTimeout(() => { while (Date.now() < ${next} + 2500); }, ${next} - Date.now() - 1000)`);
    await untilRun(other, 'job', next - 1, ['other']);
    await until(() => other.bare((_, next) => Date.now() > next + 2600, next));
    await assertOnce(other, 'job');
    assert.deepEqual(await tab.bare(() => [window.job.latestTask.state, window.cancelled ?? 0]), ['running', 0]);
  });

  if (browser.name !== 'Chromium') return;

  testTwo('a tab that leads and is frozen loses the lead within the lease, and is a follower when it is thawed', {}, async (tab, other) => {
    // Between two claims: a debugger stops a page within a transaction too, which no browser does when it freezes one, and nobody gets at the database then.
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await freeze(tab);
    await untilLeads(other);
    await untilRun(other, 'job', await now(other), ['other']);
    const before = (await ticksOf(other, 'job')).filter(({ by }) => by.includes('tab')).length;
    await thaw(tab);
    await until(async () => !(await isLeader(tab)));
    await untilRun(other, 'job', await now(other), ['other']);
    const after = (await ticksOf(other, 'job')).filter(({ by }) => by.includes('tab')).length;
    assert(after - before <= 1, 'it ran no more than what it had claimed');
    assert.equal(await isLeader(other), true);
    await assertOnce(other, 'job');
    await other.page.close();
    await untilLeads(tab);
    await untilRun(tab, 'job', await now(tab), ['tab']);
  });

  testTwo('where the next in line is frozen, another leads after the lease', {}, async (tab, other, another) => {
    const third = await another();
    await schedule(third, 'third', JOB);
    await until(() => third.bare(() => window.job.nextRun !== null));
    await freeze(other);
    await tab.bare(() => window.job.cancel());
    await untilRun(third, 'job', await now(third), ['third']);
    await thaw(other);
    await until(async () => (await leaders([other, third])).length === 1);
    await untilRun(third, 'job', await now(third));
    await assertOnce(third, 'job');
  });
}
