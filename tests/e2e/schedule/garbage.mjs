// What is held on to: nothing of a job that has ended. Collected on request by the DevTools protocol, so in Chromium only.

import assert from 'node:assert/strict';

export default function garbage(test, { browser }) {
  if (browser.name !== 'Chromium') return;

  test('a job that has ended is not held, whichever way it did, nor is an expression; one that is active is', async tab => {
    const devtools = await tab.page.context().newCDPSession(tab.page);
    await tab.run(async ({ scheduleInterval, scheduleCron, Cron, until, nextTurn }) => {
      window.refs = {};
      const make = (name, options, schedule = scheduleInterval) => {
        const job = schedule(() => name, { jobId: name, ...options });
        window.refs[name] = new WeakRef(job);
        return job;
      };
      make('cancelled', { every: '1h' }).cancel();
      make('at its end', { every: '1h', endAt: 0 });
      const controller = new AbortController();
      make('aborted', { every: '1h', signal: controller.signal });
      controller.abort();
      make('replaced', { every: '1h' });
      scheduleInterval(() => 1, { every: '2h', jobId: 'replaced' });
      make('cron', { cron: '@yearly' }, scheduleCron).cancel();
      await make('after its runs', { every: '1h', immediately: true, maxRuns: 1 }).latestTask;
      window.refs.expression = new WeakRef(new Cron('* * * * *'));
      make('active', { every: '1h' });
      await until(() => window.refs['after its runs'].deref()?.state !== 'active');
      await nextTurn();
    });
    await devtools.send('HeapProfiler.collectGarbage');
    assert.deepEqual(await tab.bare(() => Object.keys(window.refs).filter(name => window.refs[name].deref())), ['active']);
  });

  test('10,000 jobs and 10,000 expressions that have gone leave the heap as it was', async tab => {
    const devtools = await tab.page.context().newCDPSession(tab.page);
    const round = async () => {
      await tab.run(async ({ scheduleInterval, scheduleCron, getScheduler, Cron, nextTurn }) => {
        for (let i = 0; i < 10_000; i++) {
          const job = i % 2 ? scheduleInterval(() => i, { every: '1h', jobId: `${i % 7}` }) : scheduleCron(() => i, { cron: `${i % 60} * * * *`, timeZone: 'UTC' });
          if (i % 3) job.cancel();
          new Cron(`${i % 60} 0 * * *`);
          if (i % 500 === 0) await nextTurn();
        }

        await getScheduler().shutdown({ cancelRunning: true });
      });
      for (let i = 0; i < 3; i++) await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
    await round();
    const first = await round();
    const second = await round();
    assert(second - first < 2 ** 19, `${second - first} bytes are left`);
  });
}
