// When the instance breaks: jobs go on after a restart. A build of its own has exports that break it: see panic.test.mjs.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { serve } from '../../../scripts/serve.mjs';
import { testingBuild } from '../support/package.mjs';
import { patient } from '../support/patience.mjs';
import { Tab } from '../support/tab.mjs';

const MODULE = '/testing/taskloom_bg.wasm';

export default function panic(_, { browser: browserType }) {
  let server, browser, tab;

  before(async () => {
    await testingBuild();
    server = await serve({ roots: { '/': 'tests/e2e/support/fixture', '/support/': 'tests/e2e/support/fixture', '/testing/': 'target/pkg-testing' } });
    browser = await browserType.launch();
    tab = new Tab(await browser.newPage(), { url: server.url, entry: () => '/testing/testing.js' });
  }, { timeout: patient(300_000) });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** In a page whose library has `fail()`, which breaks the instance, and the clock. */
  const test = (name, body, expected) => it(name, { timeout: patient(60_000) }, async () => {
    await tab.open();
    assert.deepEqual(await tab.load(`async (library, module) => {
      const { init, fault, wasm } = library;
      await init(new URL(module, location.href));
      const { manualClock, noting } = await import('/support/schedule.js');
      const fail = () => {
        try {
          wasm.testPanic();
        } catch (error) {
          fault(error);
        }
      };
      return (${body})({ ...library, noting, clock: manualClock(), fail });
    }`, MODULE), expected);
    await tab.checkProblems();
  });

  test('what is asked meanwhile is refused with panic, what runs or is held settles with it, and a job can still be cancelled', async ({ scheduleInterval, scheduleCron, Cron, getScheduler, clock, fail, deferred, thrownBy }) => {
    const job = scheduleInterval(() => deferred().promise, { every: '10s', overlap: 'queue', jobId: 'one', onError() {} });
    const other = scheduleInterval(() => {}, { every: '10s' });
    const cron = new Cron('@daily');
    const [running, held] = [job.runNow(), job.runNow()];
    const endings = Promise.all([running, held].map(task => task.catch(error => error.code)));
    await clock.settle();
    fail();
    const codes = await endings;
    const refused = [
      () => job.pause(), () => job.resume(), () => job.runNow(), () => job.nextRuns(1), () => job.matches(0), () => scheduleInterval(() => {}, { every: 1 }), () => scheduleCron(() => {}, { cron }),
      () => new Cron('* * * * *'), () => cron.nextRun(), () => cron.matches(0), () => cron.previousRun(), () => getScheduler().pauseAll(),
    ].map(call => thrownBy(call).code);
    return [codes, refused.filter(code => code !== 'panic'), job.nextRun, job.state, typeof job.stats().runs, other.cancel(), other.state, getScheduler().jobs.length];
  }, [['panic', 'panic'], [], null, 'active', 'number', true, 'ended', 1]);

  test('a job of all tabs joins them after a restart, although the engine had stopped before what that takes was loaded', async ({ scheduleInterval, init, clock, fail }) => {
    const job = scheduleInterval(() => {}, { jobId: 'restarted', scope: 'origin', every: '10s' });
    fail();
    await init({ restart: true });
    for (let i = 0; i < 200 && !job.isLeader; i++) { await clock.settle(); await fetch(location.href); }
    return [job.state, job.isLeader, job.nextRun !== null];
  }, ['active', true, true]);

  test('jobs go on after a restart on their beat, and ticks meanwhile are missed ones', async ({ scheduleInterval, scheduleCron, Cron, init, noting, clock, fail }) => {
    const all = [noting(), noting(), noting(), noting()];
    const jobs = [
      scheduleInterval(all[0].fn, { every: '10s' }), scheduleCron(all[1].fn, { cron: '*/10 * * * * *' }), scheduleInterval(all[2].fn, { every: '10s', missed: 'all' }),
      scheduleInterval(all[3].fn, { every: '10s' }),
    ];
    const cron = new Cron('0 9 * * *', { timeZone: 'UTC' });
    await clock.pass(10_000);
    jobs[3].pause();
    fail();
    await clock.pass(33_000);
    await init({ restart: true });
    await clock.pass(17_000);
    for (let i = 0; i < 10; i++) await clock.settle();
    const { state } = jobs[3];
    jobs[3].resume();
    await clock.pass(10_000);
    return [all.map(({ ticks }) => ticks.map(([at, missed]) => `${at / 1000} ${missed}`).join()), state, cron.nextRun(0).toISOString(), jobs.map(job => job.state).join()];
  }, [['10 0,40 2,50 0,60 0,70 0', '10 0,40 2,50 0,60 0,70 0', '10 0,20 0,30 0,40 0,50 0,60 0,70 0', '10 0,70 0'], 'paused', '1970-01-01T09:00:00.000Z', 'active,active,active,active']);

  test('a run that was lost is no longer under way, and its function that goes on is nobody\'s run', async ({ scheduleInterval, init, noting, clock, fail, deferred }) => {
    const gate = deferred();
    const { fn, ticks } = noting(() => gate.promise);
    const errors = [];
    const job = scheduleInterval(fn, { every: '10s', onError: ({ code }) => errors.push(code) });
    await clock.pass(10_000);
    const lost = job.latestTask;
    fail();
    await clock.settle();
    await init({ restart: true });
    await clock.pass(10_000);
    const before = [ticks.length, job.stats().running];
    gate.resolve();
    await clock.settle();
    return [lost.error.code, errors, before, job.stats().running];
  }, ['panic', ['panic'], [2, 1], 0]);

  test('an interval without a run before keeps the grid of its call', async ({ scheduleInterval, init, noting, clock, fail }) => {
    const { fn, ticks } = noting();
    scheduleInterval(fn, { every: '1m' });
    await clock.pass(45_000);
    fail();
    await init({ restart: true });
    await clock.pass(60_000);
    return ticks.map(([at]) => at);
  }, [60_000]);

  test('maxRuns and the counts are of the job\'s whole life', async ({ scheduleInterval, init, noting, clock, fail }) => {
    const { fn, ticks } = noting();
    const job = scheduleInterval(fn, { every: '10s', maxRuns: 3 });
    await clock.pass(20_000);
    fail();
    await init({ restart: true });
    const { runs } = job.stats();
    await clock.pass(60_000);
    return [runs, ticks.length, job.state];
  }, [2, 3, 'ended']);

  test('runNow() of a job that had one waiting when the instance broke', async ({ scheduleInterval, init, clock, fail, deferred, until }) => {
    const job = scheduleInterval(({ tick }) => (tick.manual ? 'ran' : deferred().promise), { every: '10s', overlap: 'queue', onError() {} });
    await clock.pass(10_000);
    job.runNow().catch(() => {});
    fail();
    await clock.settle();
    await init({ restart: true });
    const task = job.runNow();
    task.catch(() => {});
    for (let i = 0; i < 10; i++) await clock.settle();
    return [task.state, job.latestTask === task];
  }, ['done', true]);
}
