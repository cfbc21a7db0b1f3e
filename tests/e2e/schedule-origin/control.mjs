// What callers read and do: leading, pausing, running now, replacing, ending, and how overlap and bounds go with several tabs.

import assert from 'node:assert/strict';
import { NEVER, assertOnce, hold, isLeader, leaders, now, randomOf, release, schedule, ticksOf, until, untilLeads, untilRun, untilRuns } from './support.mjs';

const JOB = { jobId: 'job', every: 200, lease: NEVER };

export default function control(test) {
  /** A test with two tabs that have the job: `tab` leads it, `other` follows. */
  const testTwo = (name, { ours = {}, theirs = {}, ...both }, body, options) => test(name, async (tab, another) => {
    const other = await another();
    await schedule(tab, 'tab', { ...JOB, ...both, ...ours });
    await untilLeads(tab);
    await schedule(other, 'other', { ...JOB, ...both, ...theirs });
    await until(() => other.bare(() => window.job.nextRun !== null));
    await body(tab, other, another);
  }, { tries: 3, ...options });

  testTwo('one tab leads, all know the next run, and a listener hears of runs in the tab that runs them', {}, async (tab, other) => {
    assert.deepEqual([await isLeader(tab), await isLeader(other)], [true, false]);
    await tab.bare(() => { window.heard = 0; window.job.subscribe(job => { window.heard += job === window.job; }); });
    await tab.bare(({ until }) => until(() => window.heard >= 3));
    // The follower's next run moves on with what it hears of the leader.
    const first = await other.bare(() => window.job.nextRun.getTime());
    await other.bare(({ until }, first) => until(() => window.job.nextRun.getTime() > first), first);
    assert.deepEqual(await other.bare(() => [window.runs.length, window.job.stats().runs, window.job.latestTask]), [0, 0, null]);
    const grids = await Promise.all([tab, other].map(each => each.bare(() => window.job.nextRun.getTime() % 200)));
    assert.equal(grids[0], grids[1]);
    await assertOnce(tab, 'job');
  });

  testTwo('subscribe tells a follower when it leads', {}, async (tab, other) => {
    await other.bare(() => { window.led = new Promise(resolve => window.job.subscribe(({ isLeader }) => { if (isLeader) resolve(isLeader); })); });
    await tab.bare(() => window.job.cancel());
    assert.equal(await other.bare(() => window.led), true);
  });

  for (const [what, stop] of [['pauses', 'pause'], ['cancels', 'cancel']]) {
    testTwo(`when the tab that leads ${what} the job, another leads at once`, {}, async (tab, other) => {
      await untilRuns(tab, 'job', 2);
      await tab.bare((_, stop) => window.job[stop](), stop);
      assert.equal(await isLeader(tab), false);
      const since = await now(tab);
      await untilLeads(other);
      await untilRun(tab, 'job', since, ['other']);
      assert.deepEqual(await tab.bare(() => [window.job.state, window.job.nextRun]), [stop === 'pause' ? 'paused' : 'ended', null]);
      await assertOnce(tab, 'job');
    });
  }

  testTwo('a tab that resumes is a follower, and leads when its turn comes', {}, async (tab, other) => {
    await tab.bare(() => window.job.pause());
    await untilLeads(other);
    await tab.bare(() => window.job.resume());
    const since = await now(tab);
    await untilRun(tab, 'job', since + 400, ['other']);
    assert.deepEqual([await isLeader(tab), await isLeader(other)], [false, true]);
    await other.bare(() => window.job.pause());
    await untilLeads(tab);
    await untilRun(tab, 'job', await now(tab), ['tab']);
    await assertOnce(tab, 'job');
  });

  testTwo('where all tabs are paused nothing runs, and what was due meanwhile is not made up for', { missed: 'all' }, async (tab, other) => {
    for (const each of [tab, other]) await each.bare(() => window.job.pause());
    const paused = await now(tab);
    await tab.bare(({ until }, paused) => until(() => Date.now() > paused + 1000), paused);
    const resumed = await now(tab);
    await tab.bare(() => window.job.resume());
    await untilRun(tab, 'job', resumed);
    const late = (await assertOnce(tab, 'job')).filter(({ at }) => at > paused + 200 && at <= resumed);
    assert.deepEqual(late, []);
  });

  test('a tab that pauses and resumes in one turn leads again, although no tick is due for long', async tab => {
    await schedule(tab, 'tab', { ...JOB, every: '1h' });
    await untilLeads(tab);
    await tab.bare(() => {
      window.job.pause();
      window.job.resume();
    });
    await untilLeads(tab);
  });

  test('a job that is paused before the database is read does not lead', async (tab, another) => {
    const other = await another();
    await tab.run(({ scheduleInterval }) => {
      window.job = scheduleInterval(() => {}, { jobId: 'job', every: 200, lease: '1h', scope: 'origin' });
      window.job.pause();
    });
    await schedule(other, 'other', JOB);
    await untilLeads(other);
    await untilRun(tab, 'job', await now(tab), ['other']);
    assert.deepEqual(await leaders([tab, other]), [1]);
  });

  for (const stop of ['pause', 'cancel']) {
    testTwo(`a tab that is told to ${stop} while it claims a tick does not take the lead back`, {}, async (tab, other) => {
      await other.bare(() => { window.lost = 0; window.job.subscribe(({ isLeader }) => { if (!isLeader && window.led) window.lost++; window.led = isLeader; }); });
      await hold(other);
      const next = await tab.bare(() => window.job.nextRun.getTime());
      await tab.bare(async ({ until }, next) => { await until(() => Date.now() > next + 50); }, next); // its claim is under way
      await tab.bare((_, stop) => void window.job[stop](), stop);
      await until(() => other.bare(async () => (await navigator.locks.query()).held.length === 1 && window.job.isLeader));
      await release(other);
      await untilRun(other, 'job', await now(other) + 600, ['other']);
      assert.deepEqual([await isLeader(tab), await isLeader(other), await other.bare(() => window.lost)], [false, true, 0]);
      await assertOnce(tab, 'job');
    });
  }

  test('a job that is cancelled before the database is read leaves no lock and no channel', async tab => {
    await tab.bare(() => {
      window.channels = new Set();
      const Channel = BroadcastChannel;
      window.BroadcastChannel = class extends Channel {
        constructor(name) {
          super(name);
          window.channels.add(this);
        }
        close() {
          window.channels.delete(this);
          super.close();
        }
      };
    });
    await tab.run(({ scheduleInterval }) => void scheduleInterval(() => {}, { jobId: 'job', every: 200, scope: 'origin' }).cancel());
    await schedule(tab, 'tab', { ...JOB, jobId: 'other' });
    await untilLeads(tab);
    assert.deepEqual(await tab.bare(async () => [(await navigator.locks.query()).held.length, window.channels.size]), [1, 1]);
  });

  // ---- runNow ------------------------------------------------------------------------------------------------------

  testTwo('runNow() in a follower runs it there, and takes no lead and no tick', { every: '1h' }, async (tab, other) => {
    assert.equal(await other.bare(() => window.job.runNow()), 'other');
    assert.deepEqual(await other.bare(() => [window.runs.length, window.runs[0].manual, window.job.stats().runs]), [1, true, 0]);
    assert.deepEqual([await isLeader(tab), await isLeader(other)], [true, false]);
    await tab.bare(() => window.job.pause());
    assert.equal(await tab.bare(() => window.job.runNow()), 'tab');
  });

  testTwo('runNow() while a tick is claimed gives a task that settles', { every: 1000 }, async (tab, other) => {
    await hold(other);
    const next = await tab.bare(() => window.job.nextRun.getTime());
    await tab.bare(({ until }, next) => until(() => Date.now() > next + 50), next);
    await tab.bare(() => void (window.task = window.job.runNow()));
    await release(other);
    assert.equal(await tab.bare(() => window.task), 'tab');
  });

  test('runNow() while the function of a run goes on whose task has timed out gives a task that settles', async tab => {
    await schedule(tab, 'tab', { jobId: 'job', scope: 'tab', every: '1h', takes: 600, timeout: 100 });
    await tab.bare(() => window.job.runNow().catch(() => {}));
    assert.equal(await tab.bare(() => window.job.stats().running), 1);
    const outcome = await tab.bare(async ({ until }) => {
      const task = window.job.runNow();
      task.catch(() => {});
      await until(() => window.job.stats().running === 0 || window.runs.length > 1);
      await until(() => task.done);
      return task.state;
    });
    assert.notEqual(outcome, 'pending');
  });

  test('runNow() that waits for its turn before the database is read gets it', async (tab, another) => {
    const other = await another();
    await schedule(other, 'other', { ...JOB, jobId: 'another' });
    await untilLeads(other);
    await hold(other);
    await schedule(tab, 'tab', { ...JOB, every: '1h', overlap: 'queue', takes: 300 });
    await tab.bare(() => { window.tasks = [window.job.runNow(), window.job.runNow()]; });
    await release(other);
    assert.deepEqual(await tab.bare(() => Promise.all(window.tasks)), ['tab', 'tab']);
  });

  // ---- replacing ---------------------------------------------------------------------------------------------------

  testTwo('a job that is replaced while it claims a tick goes on', {}, async (tab, other) => {
    await hold(other);
    const next = await tab.bare(() => window.job.nextRun.getTime());
    await tab.bare(({ until }, next) => until(() => Date.now() > next + 50), next);
    await other.bare(() => window.job.cancel());
    await schedule(tab, 'again', JOB);
    await release(other);
    await untilRun(tab, 'job', await now(tab), ['again']);
    assert((await tab.bare(() => window.job.stats().running)) <= 1);
    await assertOnce(tab, 'job');
  });

  test('a page that schedules the same job again and again does not put it off, and runs no tick twice', async tab => {
    const random = randomOf(7_919);
    for (let i = 0; i < 40; i++) {
      await schedule(tab, `job${i}`, JOB);
      await tab.page.evaluate(span => new Promise(resolve => setTimeout(resolve, span)), random() * 80);
    }
    await untilRuns(tab, 'job', 2);
    await untilRun(tab, 'job', await now(tab), ['job39']);
    await untilLeads(tab);
    await assertOnce(tab, 'job');
  });

  test('a job that takes the place of one of the same rhythm keeps its count of runs', async tab => {
    const rhythm = { ...JOB, every: 1500, maxRuns: 3 }; // slow enough for the second to come before the third run
    await schedule(tab, 'first', rhythm);
    await untilRuns(tab, 'job', 2);
    await schedule(tab, 'second', rhythm);
    await until(() => tab.bare(() => window.job.state === 'ended'));
    assert.equal((await assertOnce(tab, 'job')).length, 3);
  });

  // ---- overlap and bounds ------------------------------------------------------------------------------------------

  for (const overlap of ['skip', 'queue']) {
    test(`overlap: '${overlap}' - a run that takes longer than the lease keeps its tab in the lead, and other tabs run nothing beside it`, async (tab, another) => {
      const other = await another();
      const gate = crypto.randomUUID();
      await schedule(tab, 'tab', { ...JOB, overlap, lease: 500, gate });
      await schedule(other, 'other', { ...JOB, overlap, lease: 500 });
      await until(() => tab.bare((_, gate) => fetch(`/reached?${gate}`).then(answer => answer.json()), gate));
      const since = await now(tab);
      await tab.bare(({ until }, since) => until(() => Date.now() > since + 3000), since);
      const meanwhile = (await ticksOf(tab, 'job')).filter(({ by }) => by.includes('other')).length;
      await tab.bare((_, gate) => fetch(`/open?${gate}`).then(() => {}), gate);
      assert.deepEqual([meanwhile, await isLeader(tab), await isLeader(other)], [0, true, false]);
    }, { tries: 3 });
  }

  testTwo("overlap: 'queue' - runs wait for one another in the tab that leads", { overlap: 'queue', takes: 350 }, async tab => {
    await until(() => tab.bare(() => window.job.stats().waiting >= 2));
    await untilRuns(tab, 'job', 4);
    assert.equal(await tab.bare(() => window.job.stats().running), 1);
    const ticks = await assertOnce(tab, 'job');
    const gaps = ticks.slice(1).map(({ at }, i) => at - ticks[i].at);
    assert.deepEqual(gaps.filter(gap => gap !== 200), []);
  });

  testTwo("overlap: 'queue' - what waited in a tab that dies is made up for by the next, and none is run twice", { overlap: 'queue', missed: 'all', ours: { takes: 700 } }, async (other, tab) => {
    await until(() => other.bare(() => window.job.stats().waiting >= 3));
    const waiting = await other.bare(() => window.job.nextRun.getTime());
    await other.bare(() => window.job.cancel());
    await untilRun(tab, 'job', waiting);
    const ticks = await assertOnce(tab, 'job');
    const gaps = ticks.slice(1).map(({ at }, i) => at - ticks[i].at);
    assert.deepEqual(gaps.filter(gap => gap !== 200), []);
  });

  test('maxRuns counts the runs of one tab; then another may lead', async (tab, another) => {
    const other = await another();
    await schedule(tab, 'tab', { ...JOB, maxRuns: 3 });
    await untilLeads(tab);
    await schedule(other, 'other', { ...JOB, maxRuns: 2 });
    await until(async () => (await Promise.all([tab, other].map(each => each.bare(() => window.job.state)))).every(state => state === 'ended'));
    assert.deepEqual((await assertOnce(tab, 'job')).map(({ by }) => by[0]), ['tab', 'tab', 'tab', 'other', 'other']);
    assert.deepEqual(await leaders([tab, other]), []);
  });

  test('endAt ends the job in all tabs', async (tab, another) => {
    const other = await another();
    const endAt = await now(tab) + 1500;
    await schedule(tab, 'tab', { ...JOB, endAt });
    await untilLeads(tab);
    await schedule(other, 'other', { ...JOB, endAt });
    await until(async () => (await Promise.all([tab, other].map(each => each.bare(() => window.job.state)))).every(state => state === 'ended'));
    assert.equal((await assertOnce(tab, 'job')).every(({ at, by }) => at <= endAt && by[0] === 'tab'), true);
  });

  testTwo('tabs with other options for the job still run no tick twice', { theirs: { every: 300, missed: 'all', overlap: 'queue', lease: 300 }, ours: { missed: 'skip', lease: 400 } }, async (tab, other) => {
    await untilRuns(tab, 'job', 5);
    await tab.bare(() => window.job.pause());
    await untilRun(tab, 'job', await now(tab) + 500, ['other']);
    await tab.bare(() => window.job.resume());
    await untilRuns(tab, 'job', 12);
    await assertOnce(tab, 'job');
    await until(async () => (await leaders([tab, other])).length === 1);
  });

  test('two jobs may be led by two tabs', async (tab, another) => {
    const other = await another();
    await schedule(tab, 'tab', { ...JOB, jobId: 'a' });
    await untilLeads(tab, 'a');
    await schedule(other, 'other', { ...JOB, jobId: 'b' });
    await untilLeads(other, 'b');
    await schedule(tab, 'tab', { ...JOB, jobId: 'b' });
    await schedule(other, 'other', { ...JOB, jobId: 'a' });
    for (const [jobId, who] of [['a', 'tab'], ['b', 'other']]) {
      await untilRuns(tab, jobId, 4);
      assert.equal((await assertOnce(tab, jobId)).every(({ by }) => by[0] === who), true);
    }
  });
}
