// Jobs as such: their life, who takes whose place, who is told, and the scheduler of the page.

import assert from 'node:assert/strict';

export default function scheduler(test) {
  test('pause() and resume(): no ticks in between, and none is made up for', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const all = [noting(), noting(), noting()];
      const jobs = [
        scheduleInterval(all[0].fn, { every: '10s' }), scheduleCron(all[1].fn, { cron: '*/10 * * * * *' }), scheduleInterval(all[2].fn, { every: '10s', missed: 'all' }),
      ];
      const seen = [];
      const look = () => seen.push(jobs.map(job => `${job.state} ${job.nextRun && job.nextRun - clock.now()} ${job.nextRuns(1)[0] - clock.now()} ${job.isLeader}`));
      await clock.pass(15_000);
      jobs.forEach(job => { job.pause(); job.pause(); });
      look();
      await clock.pass(38_000);
      jobs.forEach(job => { job.resume(); job.resume(); });
      look();
      await clock.pass(10_000);
      return [seen, all.map(({ ticks }) => ticks), jobs.map(job => job.stats().missed)];
    }), [
      [Array(3).fill('paused null 5000 true'), Array(3).fill('active 7000 7000 true')], Array(3).fill([[10_000, 0, false], [60_000, 0, false]]), [0, 0, 0],
    ]);
  });

  test('pause(): what runs goes on, what waits keeps waiting', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      const { fn, ticks } = noting(() => gate.promise);
      const job = scheduleInterval(fn, { every: '10s', overlap: 'queue' });
      await clock.pass(30_000);
      job.pause();
      gate.resolve('went on');
      await clock.pass(30_000);
      const during = [ticks.length, job.latestTask.result, job.stats().waiting, job.stats().running];
      job.resume();
      await clock.settle();
      return [during, ticks.map(([at]) => at)];
    }), [[1, 'went on', 2, 0], [10_000, 20_000, 30_000]]);
  });

  test('cancel(), dispose, using and signal end a job: no more ticks, and a run under way goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, getScheduler }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const gate = deferred();
      const controller = new AbortController();
      const all = [0, 1, 2].map(index => {
        const noted = noting(() => gate.promise);
        return { ...noted, job: scheduleInterval(noted.fn, { every: '10s', ...(index === 2 && { signal: controller.signal }) }) };
      });
      await clock.pass(10_000);
      const [one, two] = all.map(({ job }) => job);
      const first = [one.cancel(), two[Symbol.dispose](), controller.abort()];
      const again = all.map(({ job }) => job.cancel());
      gate.resolve('to the end');
      await clock.pass(60_000);
      const late = scheduleInterval(() => {}, { every: 1, signal: controller.signal, immediately: true });
      await clock.pass(10);
      return [
        first[0], first[1] === undefined, again, all.map(({ job, ticks }) => [job.state, job.latestTask.result, ticks.length, job.stats().runs, job.isLeader]), getScheduler().jobs.length,
        late.state, late.latestTask,
      ];
    }), [true, true, Array(3).fill(false), Array(3).fill(['ended', 'to the end', 1, 1, false]), 0, 'ended', null]);
  });

  test('a signal is not listened to once its job has ended', async tab => {
    assert.equal(await tab.run(({ scheduleInterval }) => {
      const { signal } = new AbortController();
      let listeners = 0;
      const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
      signal.addEventListener = (...args) => { listeners++; add(...args); };
      signal.removeEventListener = (...args) => { listeners--; remove(...args); };
      for (let i = 0; i < 20; i++) scheduleInterval(() => {}, { every: 1000, jobId: `${i % 3}`, signal });
      const during = listeners;
      for (let i = 0; i < 3; i++) scheduleInterval(() => {}, { every: 1000, jobId: `${i}` }).cancel();
      return during * 100 + listeners;
    }), 300);
  });

  test('a job of the same id takes the other\'s place, and keeps its beat if it has its rhythm', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, Cron, getScheduler }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const seen = {};
      const cron = '*/10 * * * * *';
      for (const [name, first, second] of [
        ['same', { every: '10s' }, { every: 10_000, overlap: 'queue' }],
        ['other', { every: '10s' }, { every: '12s' }],
        ['cron', { cron }, { cron: new Cron(cron) }],
        ['zone', { cron }, { cron, timeZone: 'Asia/Kathmandu' }],
        ['kind', { every: '10s' }, { cron }],
      ]) {
        const [old, fresh] = [noting(), noting()];
        const make = (fn, options) => (options.cron ? scheduleCron : scheduleInterval)(fn, { ...options, jobId: name });
        const before = make(old.fn, first);
        await clock.pass(13_000);
        const after = make(fresh.fn, second);
        const next = after.nextRun - clock.now();
        const state = [before.state, after.state, getScheduler().get(name) === after, getScheduler().jobs.length, after.latestTask !== null, after.latestTask === before.latestTask];
        await clock.pass(next);
        seen[name] = [next, old.ticks.length, fresh.ticks.length, ...state];
        after.cancel();
        await clock.pass(60_000 - ((clock.now() - Date.parse('2026-01-05T12:00:00Z')) % 60_000));
      }
      return seen;
    }), {
      same: [7000, 1, 1, 'ended', 'active', true, 1, true, true], other: [12_000, 1, 1, 'ended', 'active', true, 1, false, false],
      cron: [7000, 1, 1, 'ended', 'active', true, 1, true, true], zone: [7000, 1, 1, 'ended', 'active', true, 1, false, false],
      kind: [7000, 1, 1, 'ended', 'active', true, 1, false, false],
    });
  });

  test('a page that schedules the same job again and again does not put it off, nor runs it at once each time', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      for (let i = 0; i < 50; i++) {
        scheduleInterval(fn, { every: '10s', jobId: 'again', immediately: true });
        await clock.pass(700);
      }
      return ticks.map(([at]) => at);
    }), [0, 10_000, 20_000, 30_000]);
  });

  test('what a replaced job runs is under way for the new one too: it waits for it, and goes on after it', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const seen = [];
      for (const every of ['10s', '5s']) {
        const gate = deferred();
        scheduleInterval(() => gate.promise, { every: '10s', jobId: every });
        await clock.pass(10_000);
        const { fn, ticks } = noting();
        const job = scheduleInterval(fn, { every, jobId: every });
        await clock.pass(10_000);
        const before = [ticks.length, job.stats().running];
        gate.resolve();
        await clock.pass(10_000);
        seen.push([before, ticks.length > 0, job.stats().running]);
      }
      return seen;
    }), Array(2).fill([[0, 1], true, 0]));
  });

  test('a replaced job still tells its counts, and one that keeps the beat has them all', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const options = { every: '10s', jobId: 'counts', onError() {} };
      const job = scheduleInterval(() => { throw new Error('no'); }, options);
      await clock.pass(30_000);
      const after = scheduleInterval(() => 'yes', options);
      await clock.pass(10_000);
      const counts = ({ runs, failures }) => [runs, failures];
      return [counts(job.stats()), counts(after.stats())];
    }), [[3, 3], [4, 3]]);
  });

  test('replaceExisting: false throws job-exists, and leaves the other as it is', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, thrownBy, getScheduler }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const [first, second] = [noting(), noting()];
      const job = scheduleInterval(first.fn, { every: '10s', jobId: 'one', replaceExisting: false });
      await clock.pass(4000);
      const error = thrownBy(() => scheduleCron(second.fn, { cron: '* * * * * *', jobId: 'one', replaceExisting: false, immediately: true }));
      await clock.pass(6000);
      job.cancel();
      const again = scheduleInterval(second.fn, { every: '10s', jobId: 'one', replaceExisting: false });
      return [error.code, error.message.includes('one'), first.ticks, second.ticks, getScheduler().get('one') === again];
    }), ['job-exists', true, [[10_000, 0, false]], [], true]);
  });

  test('wrong options for a job that exists leave it as it is', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, thrownBy, getScheduler }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const { fn, ticks } = noting();
      const job = scheduleInterval(fn, { every: '10s', jobId: 'one' });
      await clock.pass(4000);
      const codes = [
        () => scheduleInterval(() => {}, { every: 0, jobId: 'one' }), () => scheduleInterval(() => {}, { every: 5, jobId: 'one', maxRuns: 1.5 }),
        () => scheduleInterval(() => {}, { every: 5, jobId: 'one', maxQueue: 0 }), () => scheduleCron(() => {}, { cron: '61 * * * *', jobId: 'one' }),
      ].map(call => thrownBy(call).code);
      await clock.pass(6000);
      return [codes, ticks, getScheduler().get('one') === job, job.state];
    }), [Array(4).fill('invalid-argument'), [[10_000, 0, false]], true, 'active']);
  });

  test('getScheduler(): jobs in their order, get(), iteration, pauseAll() and resumeAll()', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron, getScheduler }) => {
      const scheduler = getScheduler();
      const jobs = [scheduleInterval(() => {}, { every: '1h', jobId: 'b' }), scheduleCron(() => {}, { cron: '@daily', jobId: 'a' }), scheduleInterval(() => {}, { every: '2h', jobId: 'c' })];
      const ids = () => scheduler.jobs.map(job => job.jobId).join('');
      const seen = [ids(), [...scheduler].map(job => job.jobId).join(''), scheduler.get('a') === jobs[1], scheduler.get('d') ?? null];
      scheduler.jobs.length = 0; // a copy
      scheduler.pauseAll();
      seen.push(jobs.map(job => job.state).join());
      scheduler.resumeAll();
      seen.push(jobs.map(job => job.state).join());
      for (const job of scheduler) job.cancel(); // while it is iterated
      return [...seen, ids(), jobs.map(job => job.state).join()];
    }), ['bac', 'bac', true, null, 'paused,paused,paused', 'active,active,active', '', 'ended,ended,ended']);
  });

  test('shutdown() ends all jobs, and resolves when no function of theirs runs any more; with cancelRunning they are told', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, getScheduler, deferred, nextTurn, untilAborted }) => {
      const seen = [];
      for (const cancelRunning of [false, true]) {
        const gate = deferred();
        const jobs = [scheduleInterval(() => gate.promise, { every: '1h', immediately: true }), scheduleInterval(cancelRunning ? untilAborted : () => gate.promise, { every: '1h', immediately: true })];
        await nextTurn();
        let resolved = false;
        const down = getScheduler().shutdown({ cancelRunning }).then(() => { resolved = true; });
        await nextTurn();
        const before = [resolved, jobs.map(job => `${job.state} ${job.latestTask.state}`).join()];
        gate.resolve();
        await down;
        seen.push(before, jobs.map(job => job.latestTask.state).join(), scheduleInterval(() => {}, { every: '1h', jobId: 'again' }).state);
      }
      return [...seen, getScheduler().jobs.length];
    }), [
      [false, 'ended running,ended running'], 'done,done', 'active', [false, 'ended cancelled,ended cancelled'], 'cancelled,cancelled', 'active', 1,
    ]);
  });

  test('a failure is told to onError with its task, and is in the task', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const told = [];
      const onError = (error, task) => told.push([error.message, task.state, task.error === error]);
      const jobs = [
        scheduleInterval(() => { throw new RangeError('sync'); }, { every: '10s', maxRuns: 2, onError }), scheduleCron(async () => { throw new Error('async'); }, { cron: '5 * * * * *', maxRuns: 1, onError }),
      ];
      await clock.pass(60_000);
      return [told, jobs.map(job => [job.stats().failures, job.stats().runs, job.state])];
    }), [[['async', 'error', true], ['sync', 'error', true], ['sync', 'error', true]], [[2, 2, 'ended'], [1, 1, 'ended']]]);
  });

  test('without onError and listeners an error goes where uncaught ones go, and the job goes on', async tab => {
    tab.expectProblem(/nobody catches me/);
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      let uncaught = 0;
      addEventListener('error', () => uncaught++);
      const [alone, heard] = ['alone', 'heard'].map(name => scheduleInterval(() => { throw new Error(name === 'alone' ? 'nobody catches me' : 'heard'); }, { every: '10s', jobId: name }));
      heard.subscribe(() => {});
      await clock.pass(20_000);
      await clock.settle();
      return [uncaught, alone.stats().runs, heard.stats().failures];
    }), [2, 2, 2]);
  });

  test('what onError and a listener throw is reported, and harms nothing', async tab => {
    tab.expectProblem(/from onError/);
    tab.expectProblem(/from a listener/);
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const job = scheduleInterval(() => { throw new Error('of the run'); }, { every: '10s', onError() { throw new Error('from onError'); } });
      job.subscribe(() => { throw new Error('from a listener'); });
      let heard = 0;
      job.subscribe(() => heard++);
      await clock.pass(30_000);
      return [job.stats().runs, job.stats().failures, heard > 0];
    }), [3, 3, true]);
  });

  test('a manager that was disposed fails each run, and the job goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, TaskManager }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const manager = new TaskManager();
      const codes = [];
      const job = scheduleInterval(() => {}, { every: '10s', manager, onError: ({ code }) => codes.push(code) });
      manager[Symbol.dispose]();
      await clock.pass(20_000);
      const task = job.runNow();
      const code = await task.catch(error => error.code);
      return [codes.slice(0, 2), code, job.state, job.stats().running];
    }), [['disposed', 'disposed'], 'disposed', 'active', 0]);
  });

  test('subscribe: told of each change, at most once in a microtask, until it is stopped', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const job = scheduleInterval(() => 'value', { every: '10s' });
      const heard = [];
      const listener = each => heard.push(each === job ? each.state : 'another');
      const stops = [job.subscribe(listener), job.subscribe(listener)];
      const count = () => heard.splice(0).join();
      const seen = [];
      for (let i = 0; i < 5; i++) {
        job.pause();
        job.resume();
      }
      job.pause();
      seen.push(count());
      await Promise.resolve();
      seen.push(count());
      stops[0]();
      stops[0]();
      job.resume();
      await Promise.resolve();
      seen.push(count());
      await clock.pass(10_000);
      seen.push(count().length > 0);
      job.cancel();
      await Promise.resolve();
      seen.push(count());
      stops[1]();
      await clock.pass(20_000);
      return [...seen, count()];
    }), ['', 'paused,paused', 'active', true, 'ended', '']);
  });

  test('a function may end, replace, pause and run its own job, and schedule others', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, getScheduler }) => {
      const { manualClock, noting } = await import('/support/schedule.js');
      const clock = manualClock();
      const log = [];
      const ends = scheduleInterval(() => { log.push('ends'); ends.cancel(); }, { every: '10s' });
      const pauses = scheduleInterval(() => { log.push('pauses'); pauses.pause(); }, { every: '10s' });
      const again = noting(() => { if (again.ticks.length === 1) scheduleInterval(again.fn, { every: '10s', jobId: 'again' }); });
      scheduleInterval(again.fn, { every: '10s', jobId: 'again' });
      const runs = scheduleInterval(({ tick }) => { log.push(tick.manual ? 'manual' : 'tick'); if (!tick.manual) runs.runNow(); }, { every: '10s', overlap: 'queue', maxRuns: 2 });
      const spawns = scheduleInterval(() => { scheduleInterval(() => log.push('child'), { every: '10s', maxRuns: 1 }); }, { every: '10s', maxRuns: 1 });
      await clock.pass(20_000);
      return [log.sort(), [ends, pauses, runs, spawns].map(job => job.state), again.ticks.map(([at]) => at), getScheduler().jobs.length];
    }), [['child', 'ends', 'manual', 'manual', 'pauses', 'tick', 'tick'], ['ended', 'paused', 'ended', 'ended'], [10_000, 20_000], 2]);
  });

  test('an ended job tells what still runs of it', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, deferred, nextTurn }) => {
      const gate = deferred();
      const job = scheduleInterval(() => gate.promise, { every: '1h', overlap: 'queue' });
      const [running, held] = [job.runNow(), job.runNow()];
      held.catch(() => {});
      await nextTurn();
      job.cancel();
      const during = [job.stats().running, job.stats().waiting];
      gate.resolve();
      await running.stopped;
      await nextTurn();
      return [during, job.stats().running, job.stats().waiting];
    }), [[1, 0], 0, 0]);
  });

  test('one platform timer for all jobs, none without jobs', async tab => {
    assert.deepEqual(await tab.run(async ({ scheduleInterval, scheduleCron }) => {
      const { manualClock } = await import('/support/schedule.js');
      const clock = manualClock();
      const [set, clear] = [setTimeout, clearTimeout];
      const armed = new Set();
      window.setTimeout = (call, delay, ...args) => {
        const id = set(() => { armed.delete(id); call(...args); }, delay);
        if (delay > 0) armed.add(id);
        return id;
      };
      window.clearTimeout = id => { armed.delete(id); clear(id); };
      const jobs = Array.from({ length: 100 }, (_, i) => (i % 2 ? scheduleCron(() => i, { cron: `*/${1 + (i % 20)} * * * * *` }) : scheduleInterval(() => i, { every: 1000 + i })));
      const seen = [armed.size];
      await clock.pass(10_000);
      seen.push(armed.size);
      jobs.forEach(job => job.cancel());
      return [...seen, armed.size];
    }), [1, 1, 0]);
  });
}
