// A run: what its function is given, which task it is, and what of the options goes to the task.

import assert from 'node:assert/strict';

export default function running(test) {
  test('a function is called with the context of its task, which has the tick, and with args', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const seen = [];
      const args = [1, { two: 2 }];
      scheduleInterval((context, ...rest) => {
        const { attempt, signal, progress, checkpoint, run, tick } = context;
        seen.push([attempt, signal instanceof AbortSignal, typeof progress, typeof checkpoint, typeof run, tick.scheduledAt.toISOString(), tick.missed, tick.manual, Object.isFrozen(tick), rest]);
      }, { every: '1m', args });
      args.push('later');
      await clock.pass(120_000);
      return seen;
    }), ['2026-01-05T12:01:00.000Z', '2026-01-05T12:02:00.000Z'].map(at => [1, true, 'function', 'function', 'function', at, 0, false, true, [1, { two: 2 }]]));
  });

  test('each run is a task: latestTask, and what the manager finds by latestTaskKey', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, defaultManager, TaskManager }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const manager = new TaskManager();
      let n = 0;
      const job = scheduleInterval(() => ++n, { every: '1m', jobId: 'counts' });
      const other = scheduleCron(async () => 'cron', { cron: '* * * * *', jobId: 'other', latestTaskName: 'newest', manager });
      const before = [job.latestTask, job.latestTaskKey, other.latestTaskKey, defaultManager.get(job.latestTaskKey) ?? null];
      await clock.pass(60_000);
      const first = job.latestTask;
      const after = [defaultManager.get('global:counts') === first, manager.get('global:newest') === other.latestTask, defaultManager.get('global:newest') ?? null, await first, await other.latestTask];
      await clock.pass(60_000);
      return [...before, ...after, job.latestTask !== first, defaultManager.get(job.latestTaskKey).result, first.state, first.name, other.latestTask.name];
    }), [null, 'global:counts', 'global:newest', null, true, true, null, 1, 'cron', true, 2, 'done', 'counts', 'other']);
  });

  test('jobId is a UUID if not given; a task is named by name, or the function, or the jobId', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, getScheduler }) => {
      const named = scheduleInterval(function report() {}, { every: '1h' });
      const jobs = [named, scheduleInterval(() => {}, { every: '1h', jobId: 'id' }), scheduleInterval(function report() {}, { every: '1h', name: 'mine' })];
      const names = jobs.map(job => job.runNow().name);
      return [/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(named.jobId), getScheduler().get(named.jobId) === named, names];
    }), [true, true, ['report', 'id', 'mine']]);
  });

  test('retry, timeout and progressBuffer are the task\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, untilAborted }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const attempts = [];
      const errors = [];
      scheduleInterval(({ attempt, tick }) => {
        attempts.push([attempt, tick.scheduledAt - 0]);
        if (attempt < 3) throw new Error('again');
      }, { every: '1h', retry: { maxAttempts: 3, baseDelay: '10s' }, maxRuns: 1 });
      const slow = scheduleInterval(untilAborted, { every: '1h', timeout: '5s', maxRuns: 1, onError: ({ name }) => errors.push(name) });
      const progress = scheduleInterval(({ progress }) => [1, 2, 3].forEach(progress), { every: '1h', progressBuffer: 2, maxRuns: 1 });
      await clock.pass(3_600_000);
      await clock.pass(60_000);
      return [attempts.map(([attempt, at]) => [attempt, at - attempts[0][1]]), errors, slow.latestTask.state, slow.stats().failures, progress.latestTask.drainProgress()];
    }), [[[1, 0], [2, 0], [3, 0]], ['TimeoutError'], 'error', 1, [2, 3]]);
  });

  test('priority and queueTimeout are the task\'s, in the queue of the manager', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, TaskManager, deferred, until }) => {
      const manager = new TaskManager({ concurrency: 1 });
      const gate = deferred();
      const order = [];
      const errors = [];
      const blocker = manager.submit(() => gate.promise);
      const job = (name, options) => scheduleInterval(() => order.push(name), { every: '1h', manager, ...options }).runNow();
      const tasks = [job('low', { priority: 'background' }), job('middle', {}), job('high', { priority: 'user-blocking' })];
      scheduleInterval(() => order.push('never'), { every: '1h', manager, immediately: true, queueTimeout: 1, onError: ({ name }) => errors.push(name) });
      await until(() => errors.length > 0);
      gate.resolve();
      await Promise.all([blocker, ...tasks]);
      return [order, errors];
    }), [['high', 'middle', 'low'], ['TimeoutError']]);
  });

  test('a function may be a job of a worker pool, or give what is no promise, and a run that ends with its own cancel is no failure', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, until }) => {
      const told = [];
      const job = scheduleInterval(({ tick }) => tick.manual, { every: '1h', onError: () => told.push('error') });
      const value = await job.runNow();
      const waits = scheduleInterval(() => new Promise(() => {}), { every: '1h', onError: () => told.push('error') });
      const task = waits.runNow();
      await until(() => task.state === 'running');
      task.cancel();
      await task.catch(() => {});
      return [value, task.state, told, waits.stats().failures];
    }), [true, 'cancelled', [], 0]);
  });
}
