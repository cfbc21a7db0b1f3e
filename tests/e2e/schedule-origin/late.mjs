// What a job of all tabs needs besides the schedule itself is loaded when the first of them is made.

import assert from 'node:assert/strict';

const ORIGIN = /\/schedule\/origin\.js|\/base\/database\.js/;
/** Files of the package that were fetched for jobs of all tabs. */
const fetched = tab => tab.requests.map(url => new URL(url).pathname).filter(path => ORIGIN.test(path));

export default function late(test, { away }) {
  /** Runs in a page that has imported the schedule and nothing else. */
  const withSchedule = (tab, { entry }, body, argument) => tab.load(body, argument, { entry: entry('taskloom/schedule') });

  test('a job of one tab does not load what talks to other tabs', async (tab, _, site) => {
    assert.equal(await withSchedule(tab, site, async ({ init, scheduleInterval, scheduleCron }) => {
      await init();
      scheduleCron(() => {}, { cron: '@daily' });
      return new Promise(resolve => { scheduleInterval(() => resolve('works'), { every: '1h', immediately: true }); });
    }), 'works');
    assert.deepEqual(fetched(tab), []);
  });

  test('a job of all tabs runs, whether it was made before init(), meanwhile or after', async (tab, _, site) => {
    for (const when of ['before', 'during', 'after']) {
      await tab.open();
      tab.requests.length = 0;
      assert.deepEqual(await withSchedule(tab, site, async ({ init, scheduleInterval }, when) => {
        let run;
        const hasRun = new Promise(resolve => { run = resolve; });
        const make = () => scheduleInterval(() => run('runs'), { jobId: when, scope: 'origin', every: '1h', immediately: true });
        let job = when === 'before' ? make() : undefined;
        const first = init();
        if (when === 'during') job = make();
        await first;
        job ??= make();
        const atOnce = [job.state, job.stats().runs];
        await init();
        const said = await hasRun;
        for (const end = performance.now() + 30_000; !(job.isLeader && job.nextRun) && performance.now() < end;) await new Promise(resolve => setTimeout(resolve, 20));
        return [atOnce, said, job.isLeader, job.nextRun > Date.now()];
      }, when), [['active', 0], 'runs', true, true], when);
      assert.equal(fetched(tab).length, 2, when);
    }
  });

  test('what core has to say of its options is thrown at once, and what it is told meanwhile is done', async (tab, _, site) => {
    assert.deepEqual(await withSchedule(tab, site, async ({ init, scheduleCron, scheduleInterval, thrownBy }) => {
      await init();
      const every = '1h', scope = 'origin';
      const refused = [{ every: -1 }, { every, maxRuns: 0 }, { every, lease: -1 }, { every }].map((options, at) => thrownBy(() => scheduleInterval(() => {}, { scope, ...at < 3 && { jobId: 'wrong' }, ...options })).code);
      const cron = scheduleCron(() => 'told', { jobId: 'cron', scope, cron: '@daily' });
      const next = cron.nextRun > Date.now();
      const manual = await cron.runNow();
      const paused = scheduleInterval(() => {}, { jobId: 'paused', scope, every: '10ms' });
      paused.pause();
      const ended = scheduleInterval(() => {}, { jobId: 'ended', scope, every: '10ms' });
      ended.cancel();
      const replaced = scheduleInterval(() => {}, { jobId: 'replaced', scope, every });
      const heir = await new Promise(resolve => {
        scheduleInterval(() => resolve('runs'), { jobId: 'replaced', scope, every: '2h', immediately: true });
      });
      await new Promise(resolve => setTimeout(resolve, 50));
      return [refused, next, manual, paused.state, paused.stats().runs, paused.isLeader, ended.state, ended.stats().runs, replaced.state, heir];
    }), [Array(4).fill('invalid-argument'), true, 'told', 'paused', 0, false, 'ended', 0, 'ended', 'runs']);
    assert.equal(fetched(tab).length, 2);
  });

  test('a file that is not there ends the jobs that need it by load-failed, no other, and is asked for again', async (tab, _, site) => {
    tab.expectProblem(/404|Failed to fetch|ERR_FAILED|NetworkError|error loading dynamically|MIME|Loading module/i, { optional: true });
    for (const when of ['before', 'after']) {
      await tab.open();
      away.pattern = /\/schedule\/origin\.js$/;
      try {
        assert.deepEqual(await withSchedule(tab, site, async ({ init, scheduleInterval, thrownBy }, when) => {
          if (when === 'after') await init();
          let told;
          const error = new Promise(resolve => { told = resolve; });
          const job = scheduleInterval(() => {}, { jobId: 'missing', scope: 'origin', every: '1h', onError: (error, task) => told([error.code, task]) });
          const own = new Promise(resolve => { scheduleInterval(() => resolve('works'), { every: '1h', immediately: true }); });
          await init();
          return [await error, job.state, job.isLeader, job.nextRun, thrownBy(() => job.runNow()).code, await own];
        }, when), [['load-failed', null], 'ended', false, null, 'load-failed', 'works'], when);
      } finally {
        away.pattern = undefined;
      }
    }
    const before = fetched(tab).length;
    // A module that has failed to load is for ever so in a page, except where browsers ask again; a new page always does.
    await tab.open();
    assert.equal(await withSchedule(tab, site, async ({ init, scheduleInterval }) => {
      await init();
      return new Promise(resolve => { scheduleInterval(() => resolve('works'), { jobId: 'missing', scope: 'origin', every: '1h', immediately: true }); });
    }), 'works');
    assert(fetched(tab).length > before);
  });
}
