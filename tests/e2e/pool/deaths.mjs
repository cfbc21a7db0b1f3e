// Workers that end while they have calls: exactly the calls that may have started fail, and the pool goes on.

import assert from 'node:assert/strict';

export default function deaths(test) {
  for (const job of ['die', 'dieLater', 'dieSilently']) {
    test(`a job that closes its worker (${job}) fails with worker-lost, and the calls behind it run elsewhere`, async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool }, job) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
        const me = await pool.api.me();
        const lost = pool.run(job, [], { timeout: '1h' });
        const behind = [pool.api.me(), pool.api.add(1, 2)];
        const error = await lost.catch(error => error);
        const [other, sum] = await Promise.all(behind);
        const { started, lost: count, broken, workers } = pool.stats();
        return [error.code, error.name, lost.state, other !== me, sum, started, count, broken, workers.length, pool.running];
      }, job), ['worker-lost', 'TaskloomError', 'error', true, 3, 2, 1, false, 1, 0]);
    });
  }

  test('of calls that a worker was sent ahead, those that it had answered stay so, and none runs twice', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, countOf, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 40; i++) await pool.api.blockOrNot();
      const ids = Array.from({ length: 30 }, () => crypto.randomUUID());
      const tasks = ids.map((id, i) => (i === 14 ? pool.run('die', [], { timeout: '1h' }) : pool.api.blockOrNot(null, id)));
      const outcomes = await Promise.allSettled(tasks);
      const counts = await Promise.all(ids.map(countOf));
      return [
        outcomes[14].reason?.code,
        outcomes.filter(({ status }, i) => i !== 14 && status === 'fulfilled' && counts[i] !== 1).length, // ran once each
        outcomes.filter(({ reason }, i) => i !== 14 && reason && reason.code !== 'worker-lost').length,
        counts.filter(count => count > 1).length,
        outcomes.slice(0, 14).every(({ status }) => status === 'fulfilled'), outcomes.slice(15).every(({ status }) => status === 'fulfilled'),
      ];
    }), ['worker-lost', 0, 0, 0, true, true]);
  });

  test('a job that closes its worker and then returns is done, and its worker starts no other', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 40; i++) await pool.api.blockOrNot();
      const seen = [];
      for (let round = 0; round < 3; round++) {
        const ids = [crypto.randomUUID(), crypto.randomUUID()];
        await pool.warm();
        const tasks = [pool.run('dieAndReturn', [], { timeout: '1h' }), ...ids.map(id => pool.run('blockOrNot', [null, id], { timeout: '1h' }))];
        const outcomes = await Promise.allSettled(tasks);
        const right = outcomes[0].value === 'done before' || outcomes[0].reason?.code === 'worker-lost'; // its last message may be lost
        seen.push(right && outcomes.slice(1).every(({ status }) => status === 'fulfilled') && (await Promise.all(ids.map(countOf))).join() === '1,1');
      }
      return seen.every(Boolean);
    }), true);
  });

  test('a worker that closes itself while it is idle touches no call', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const me = await pool.api.me();
      const answer = await pool.api.dieBehind();
      await until(() => pool.stats().workers.length === 0);
      return [answer, await pool.api.me() !== me, pool.stats().started, pool.stats().lost];
    }), ['answered', true, 2, 0]);
  });

  test('a worker that is terminated from outside is noticed, whichever way', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, until }) => {
      const seen = [];
      for (const end of [worker => worker.terminate(), worker => Worker.prototype.terminate.call(worker)]) {
        const workers = [];
        const pool = new WorkerPool(() => workers[workers.push(new Worker('/workers/jobs.js', { type: 'module' })) - 1], { size: 1 });
        const held = gate();
        const running = pool.run('wait', [held.id], { timeout: '1h' });
        await held.reached();
        const waiting = pool.api.add(1, 2);
        end(workers[0]);
        const error = await running.catch(error => error);
        const sum = await waiting;
        seen.push([error.code, sum, workers.length, pool.stats().lost]);
        end(workers[0]); // once more does no harm
        end(workers[1]); // idle
        await until(() => pool.stats().workers.length === 0);
        seen.push(await pool.api.add(3, 4));
        pool.dispose();
      }
      return seen;
    }), [['worker-lost', 3, 2, 1], 7, ['worker-lost', 3, 2, 1], 7]);
  });

  test('a worker that is terminated before it is ready is a failed start, and its calls go to the next', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const workers = [];
      const pool = new WorkerPool(() => workers[workers.push(new Worker('/workers/jobs.js', { type: 'module' })) - 1], { size: 1 });
      const task = pool.api.add(1, 2);
      while (workers.length === 0) await null;
      workers[0].terminate();
      return [await task, pool.stats().lost];
    }), [3, 0]);
  });

  test('an error or rejection of a worker\'s own beside its jobs is reported, and ends nothing', async tab => {
    tab.expectProblem(/beside the jobs/);
    tab.expectProblem(/rejected beside/, { optional: true });
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const workers = [];
      const pool = new WorkerPool(() => workers[workers.push(new Worker('/workers/jobs.js', { type: 'module' })) - 1], { size: 1 });
      const me = await pool.api.me();
      let heard = 0;
      workers[0].addEventListener('error', () => heard++);
      await pool.api.failAside('beside the jobs');
      await pool.api.rejectAside('rejected beside');
      await until(() => heard > 0);
      return [await pool.api.me() === me, pool.stats().started];
    }), [true, 1]);
  });

  test('a job that never gives its thread back is shown as stuck, and ends by a cancel', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2, cancelGrace: 30 });
      const task = pool.api.spin();
      await until(() => task.state === 'running');
      const [atFirst] = pool.stats().workers;
      const stuck = await until(() => pool.stats().workers.find(({ state }) => state === 'stuck'));
      const other = await pool.api.add(1, 2); // the pool is not
      task.cancel();
      await task.stopped;
      return [[atFirst.state, atFirst.job, atFirst.open], [stuck.state, stuck.job, stuck.open, stuck.busyFor > 1000], other, pool.stats().workers.some(({ state }) => state === 'stuck')];
    }), [['busy', 'spin', 1], ['stuck', 'spin', 1, true], 3, false]);
  });

  test('a job that waits for something is busy, not stuck', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const held = gate();
      const task = pool.api.wait(held.id);
      await until(() => pool.stats().workers[0]?.busyFor > 2500); // beyond the time at which a stuck one is shown
      const [{ state, job }] = pool.stats().workers;
      await held.open();
      await task;
      return [state, job, pool.stats().workers[0].state, pool.stats().workers[0].busyFor];
    }), ['busy', 'wait', 'idle', null]);
  });

  test('what was transferred to a worker that dies before it starts the call is gone: worker-lost, though it never ran', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, countOf, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 40; i++) await pool.api.waitOrNot();
      const buffer = new ArrayBuffer(8);
      const first = pool.run('die', [], { timeout: '1h' });
      const moved = pool.run('waitOrNot', [null, buffer], { transfer: [buffer] });
      const [one, two] = await Promise.allSettled([first, moved]);
      // It may have waited on the page, and then nothing is lost.
      return [one.reason.code, two.reason ? two.reason.code === 'worker-lost' && buffer.byteLength === 0 : two.status === 'fulfilled'];
    }), ['worker-lost', true]);
  });

  test('workers that end again and again end the pool, until it is warmed', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 4 });
      // All at once, or the waits between the starts would add up.
      const tasks = Array.from({ length: 12 }, () => pool.api.die());
      const outcomes = await Promise.allSettled(tasks);
      const codes = new Set(outcomes.map(({ reason }) => reason.code));
      const { broken, started } = pool.stats();
      const late = await pool.api.add(1, 2).catch(error => error.code);
      await pool.warm(1);
      return [[...codes], broken, started <= 16, late, await pool.api.add(1, 2)];
    }), [['worker-lost'], true, true, 'worker-lost', 3]);
  });

  test('workers that their maker ends before they are ready are said to have ended so, not to be slow', async tab => {
    assert.match(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool(() => {
        const worker = new Worker('/workers/jobs.js', { type: 'module' });
        queueMicrotask(() => worker.terminate());
        return worker;
      }, { size: 1 });
      const { code, message } = await rejectionOf(pool.api.add(1, 2));
      return `${code}: ${message}`;
    }), /^worker-load-failed: the worker .*jobs\.js could not be started: it ended before it had called expose\(\)$/);
  });

  test('a pool with a worker goes on with it, though the others end again and again', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 12 });
      const held = gate();
      const first = pool.api.wait(held.id);
      await held.reached();
      const dying = Array.from({ length: 11 }, () => pool.api.die()); // one more than end a pool
      await until(() => dying.filter(({ state }) => state === 'error').length > 1);
      const behind = pool.api.add(1, 2); // while no worker is started for it
      const outcomes = await Promise.allSettled(dying);
      const codes = new Set(outcomes.map(({ reason }) => reason?.code));
      const { broken } = pool.stats();
      await held.open();
      await first;
      return [[...codes], broken, await behind, pool.stats().broken];
    }), [['worker-lost'], false, 3, false]);
  });

  test('a worker without Web Locks is noticed too when it closes itself', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/lockless.js', { size: 1 });
      const sum = await pool.api.add(1, 2);
      const lost = await pool.run('die', [], { timeout: '1h' }).catch(error => error.code);
      return [sum, lost, await pool.api.add(3, 4)];
    }), [3, 'worker-lost', 7]);
  });
}
