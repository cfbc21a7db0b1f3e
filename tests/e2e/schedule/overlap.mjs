// A tick, or runNow(), while a run is under way.

import assert from 'node:assert/strict';

export default function overlap(test) {
  test('skip, the default: nothing, and it is counted', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      const { fn, ticks } = noting(() => gate.promise);
      const job = scheduleInterval(fn, { every: '10s' });
      await clock.pass(35_000);
      const during = job.stats();
      gate.resolve();
      await clock.pass(10_000);
      return [during, ticks, job.stats()];
    }), [
      { runs: 1, skipped: 2, missed: 0, running: 1, waiting: 0, failures: 0 }, [[10_000, 0, false], [40_000, 0, false]],
      { runs: 2, skipped: 2, missed: 0, running: 0, waiting: 0, failures: 0 },
    ]);
  });

  test('queue: each waits for the one before it, in order, at most maxQueue, of which the oldest are dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      let running = 0;
      let most = 0;
      const jobs = [{}, { maxQueue: 2 }].map(options => {
        const { fn, ticks } = noting(async () => {
          most = Math.max(most, ++running);
          await gate.promise;
          running--;
        });
        return { ticks, job: scheduleInterval(fn, { every: '10s', overlap: 'queue', ...options }) };
      });
      await clock.pass(55_000);
      const during = jobs.map(({ job }) => [job.stats().waiting, job.stats().skipped]);
      gate.resolve();
      for (let i = 0; i < 20; i++) await clock.settle();
      return [during, jobs.map(({ ticks }) => ticks.map(([at]) => at / 1000)), most, jobs.map(({ job }) => [job.stats().waiting, job.stats().runs])];
    }), [[[4, 0], [2, 2]], [[10, 20, 30, 40, 50], [10, 40, 50]], 2, [[0, 5], [0, 3]]]);
  });

  test('cancel-previous: it cancels the one before it, whose function may go on', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      const reasons = [];
      const tasks = [];
      const { fn, ticks } = noting(({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason.name));
        return gate.promise;
      });
      const job = scheduleInterval(fn, { every: '10s', overlap: 'cancel-previous' });
      for (let i = 0; i < 3; i++) {
        await clock.pass(10_000);
        tasks.push(job.latestTask);
      }
      const during = [tasks.map(task => task.state), job.stats().running];
      gate.resolve();
      await clock.settle();
      const { running, failures, skipped, runs } = job.stats();
      return [ticks.length, reasons, during, tasks.map(task => task.state), { running, failures, skipped, runs }];
    }), [3, ['AbortError', 'AbortError'], [['cancelled', 'cancelled', 'running'], 3], ['cancelled', 'cancelled', 'done'], { running: 0, failures: 0, skipped: 0, runs: 3 }]);
  });

  test('a run is under way until its function has ended, though its task was cancelled or ran out of time', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gates = [deferred(), deferred()];
      const all = gates.map((gate, index) => {
        const noted = noting(() => gate.promise);
        return { ...noted, job: scheduleInterval(noted.fn, { every: '10s', timeout: index ? '1s' : undefined, onError() {} }) };
      });
      await clock.pass(10_000);
      all[0].job.latestTask.cancel();
      await clock.pass(25_000);
      const during = all.map(({ job, ticks }) => [ticks.length, job.latestTask.state, job.stats().running]);
      gates.forEach(gate => gate.resolve());
      await clock.pass(5000);
      return [during, all.map(({ ticks }) => ticks.length)];
    }), [[[1, 'cancelled', 1], [1, 'error', 1]], [2, 2]]);
  });

  test('runNow() runs at once, also while paused, and leaves the grid and the counts as they are', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting(() => 'value');
      const job = scheduleInterval(fn, { every: '10s' });
      await clock.pass(3000);
      const first = job.runNow();
      const same = job.latestTask === first;
      const value = await first;
      await clock.pass(7000);
      job.pause();
      await clock.pass(5000);
      const paused = await job.runNow();
      const { state } = job;
      job.resume();
      await clock.pass(5000);
      return [same, value, paused, state, ticks, job.stats().runs];
    }), [true, 'value', 'value', 'paused', [[3000, 0, true], [10_000, 0, false], [15_000, 0, true], [20_000, 0, false]], 2]);
  });

  test('runNow() with skip: the run under way, if there is one', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const gate = deferred();
      let calls = 0;
      const job = scheduleInterval(async () => { calls++; await gate.promise; return calls; }, { every: '1h' });
      const tasks = [job.runNow(), job.runNow(), job.runNow()];
      gate.resolve();
      const values = await Promise.all(tasks);
      return [new Set(tasks).size, values, await job.runNow(), calls];
    }), [1, [1, 1, 1], 2, 2]);
  });

  test('runNow() with skip: also a run that was cancelled and whose function goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, nextTurn }) => {
      const gate = deferred();
      const job = scheduleInterval(() => gate.promise, { every: '1h' });
      const first = job.runNow();
      await nextTurn();
      first.cancel();
      const second = job.runNow();
      second.catch(() => {});
      gate.resolve();
      for (let i = 0; i < 20; i++) await nextTurn();
      return second.done;
    }), true);
  });

  test('runNow() with skip settles also while a run of the job is under way that it has replaced', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, nextTurn }) => {
      const gate = deferred();
      scheduleInterval(() => gate.promise, { every: '1h', jobId: 'a' }).runNow();
      await nextTurn();
      const task = scheduleInterval(() => 'new', { every: '2h', jobId: 'a' }).runNow();
      task.catch(() => {});
      gate.resolve();
      for (let i = 0; i < 20; i++) await nextTurn();
      return task.done;
    }), true);
  });

  test('runNow() with queue: a task that is pending until its turn, and may be cancelled before', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, defaultManager, deferred, nextTurn }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      let n = 0;
      const { fn, ticks } = noting(async () => { const mine = n++; if (mine === 0) await gate.promise; return mine; });
      const job = scheduleInterval(fn, { every: '10s', overlap: 'queue' });
      await clock.pass(10_000);
      const held = [job.runNow(), job.runNow(), job.runNow()];
      const rejected = held[1].catch(error => error.name);
      await clock.settle();
      const before = [held.map(task => task.state), job.stats().waiting, held.map(task => task.name), held[0].id !== held[2].id];
      held[1].cancel();
      await clock.pass(10_000);
      gate.resolve();
      const values = await Promise.all([held[0], rejected, held[2]]);
      await clock.settle();
      await nextTurn();
      return [before, values, ticks, held.map(task => task.state), job.stats().running, job.stats().waiting, defaultManager.get(job.latestTaskKey) === job.latestTask, job.latestTask.result];
    }), [
      [['pending', 'pending', 'pending'], 3, ['fn', 'fn', 'fn'], true], [1, 'AbortError', 2],
      [[10_000, 0, false], [10_000, 0, true], [10_000, 0, true], [20_000, 0, false]], ['done', 'cancelled', 'done'], 0, 0, true, 3,
    ]);
  });

  test('a run that was cancelled before its turn is not the newest run', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, nextTurn }) => {
      const gate = deferred();
      const job = scheduleInterval(() => gate.promise, { every: '1h', overlap: 'queue' });
      const first = job.runNow();
      await nextTurn();
      const held = job.runNow();
      held.catch(() => {});
      held.cancel();
      gate.resolve();
      await first;
      await nextTurn();
      return job.latestTask === first;
    }), true);
  });

  test('runNow() with queue runs in its turn also while the job is paused', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, nextTurn }) => {
      const gate = deferred();
      const job = scheduleInterval(() => gate.promise, { every: '1h', overlap: 'queue' });
      const first = job.runNow();
      await nextTurn();
      job.pause();
      const held = job.runNow();
      gate.resolve();
      await first;
      for (let i = 0; i < 20; i++) await nextTurn();
      return [held.state, job.state];
    }), ['done', 'paused']);
  });

  test('runNow() with cancel-previous: cancels the other', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, untilAborted, nextTurn }) => {
      let n = 0;
      const job = scheduleInterval(ctx => (n++ === 0 ? untilAborted(ctx) : 'second'), { every: '1h', overlap: 'cancel-previous' });
      const first = job.runNow();
      first.catch(() => {});
      await nextTurn();
      const second = job.runNow();
      return [await second, first.state, job.latestTask === second];
    }), ['second', 'cancelled', true]);
  });

  test('what is held is cancelled when the job ends, and what runs goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, nextTurn }) => {
      const gate = deferred();
      const job = scheduleInterval(() => gate.promise, { every: '1h', overlap: 'queue' });
      const [running, held] = [job.runNow(), job.runNow()];
      await nextTurn();
      const reason = held.catch(error => error.name);
      const cancelled = [job.cancel(), job.cancel()];
      gate.resolve('ran on');
      return [cancelled, await reason, held.state, await running, job.state];
    }), [[true, false], 'AbortError', 'cancelled', 'ran on', 'ended']);
  });
}
