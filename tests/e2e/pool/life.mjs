// Workers come and go: warm(), minWorkers, idleTimeout, dispose(), stats(), what onTask says, and runInExecutor.

import assert from 'node:assert/strict';

/** In the page: the locks that workers of ours hold. */
const LOCKS = `async () => (await navigator.locks.query()).held.filter(({ name }) => name.startsWith('taskloom-worker-')).length`;

export default function life(test) {
  test('nothing is started before it is needed', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, nextTurn }) => {
      let made = 0;
      const pool = new WorkerPool(() => { made++; return new Worker('/workers/jobs.js', { type: 'module' }); }, { size: 4 });
      for (let i = 0; i < 10; i++) await nextTurn();
      const before = made;
      await pool.api.add(1, 2);
      await pool.api.add(1, 2);
      return [before, made, pool.stats().workers.length];
    }), [0, 1, 1]);
  });

  test('warm() starts workers and resolves when they are ready', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 3, idleTimeout: 10 });
      const result = await pool.warm(2);
      const two = pool.stats().workers.map(({ state }) => state);
      await pool.warm();
      const three = pool.stats().workers.map(({ state }) => state);
      await pool.warm(99); // no more than there are
      await pool.warm(0);
      const wrong = await Promise.all([-1, 1.5, 'two'].map(count => pool.warm(count).catch(({ code }) => code)));
      return [result === undefined, two, three, pool.stats().started, wrong];
    }), [true, ['idle', 'idle'], ['idle', 'idle', 'idle'], 3, Array(3).fill('invalid-argument')]);
  });

  test('idle workers end, but minWorkers of them, and come back when they are needed', async tab => {
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until, gate }) => {
      const locks = ${LOCKS};
      const pool = new WorkerPool('/workers/jobs.js', { size: 3, minWorkers: 1, idleTimeout: 40 });
      await until(() => pool.stats().workers.some(({ state }) => state === 'idle')); // without a call
      const first = pool.stats().started;
      const held = gate();
      const tasks = [1, 2, 3].map(() => pool.api.wait(held.id));
      await until(() => pool.running === 3);
      await held.open();
      await Promise.all(tasks);
      await until(() => pool.stats().workers.length === 1);
      await until(async () => await locks() === 1);
      return [first, pool.stats().started, await pool.api.add(1, 2), pool.stats().started];
    }`), [1, 3, 3, 3]);
  });

  test('the first workers stay, as many as minWorkers or warm() say, whether those that end clean up or not', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until, gate }) => {
      const seen = [];
      for (const file of ['/workers/jobs.js', '/workers/cleaning.js']) {
        for (const how of ['minWorkers', 'warm']) {
          const pool = new WorkerPool(`${file}?${crypto.randomUUID()}`, { size: 4, minWorkers: how === 'warm' ? 0 : 2, idleTimeout: 40 });
          if (how === 'warm') await pool.warm(2);
          const ready = () => pool.stats().workers.filter(({ state }) => state === 'idle' || state === 'busy').map(({ id }) => id);
          await until(() => ready().length === 2);
          const first = ready();
          const held = gate();
          const tasks = [1, 2, 3, 4].map(() => pool.api.wait(held.id));
          await until(() => pool.running === 4);
          await held.open();
          await Promise.all(tasks);
          let fewest = 4;
          await until(() => {
            fewest = Math.min(fewest, ready().length);
            return pool.stats().workers.length === 2;
          });
          await new Promise(resolve => setTimeout(resolve, 100));
          seen.push([fewest, ready().join() === first.join(), pool.stats().started]);
          pool.dispose();
        }
      }
      return seen;
    }), Array(4).fill([2, true, 4]));
  });

  test('without minWorkers all end, and a pool that is used again starts afresh', async tab => {
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until }) => {
      const locks = ${LOCKS};
      const pool = new WorkerPool('/workers/jobs.js', { size: 2, idleTimeout: 20 });
      const me = await pool.api.me();
      await until(() => pool.stats().workers.length === 0);
      await until(async () => await locks() === 0);
      const kept = new WorkerPool('/workers/jobs.js', { size: 1, idleTimeout: Infinity });
      await kept.api.me();
      return [await pool.api.me() !== me, pool.stats().started, pool.stats().lost, kept.stats().workers.length];
    }`), [true, 2, 0, 1]);
  });

  test('dispose() cancels what is not done, ends the workers, and leaves nothing', async tab => {
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until, thrownBy, gate, rejectionOf }) => {
      const locks = ${LOCKS};
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const held = gate();
      const done = pool.api.add(1, 2);
      await done;
      const tasks = [pool.api.spin(), pool.api.wait(held.id), pool.api.add(3, 4)];
      await held.reached();
      const warming = pool.warm(); // never to be
      const idle = pool.onIdle();
      pool.dispose();
      pool.dispose();
      pool[Symbol.dispose]?.();
      const states = tasks.map(({ state }) => state);
      const errors = await Promise.all(tasks.map(rejectionOf));
      await Promise.all(tasks.map(task => task.stopped));
      await idle;
      await warming.catch(() => {});
      await until(async () => await locks() === 0);
      const stats = pool.stats();
      const refusals = [() => pool.api.add(1, 2), () => pool.pause(), () => pool.resume(), () => pool.onWaitingBelow(1)].map(call => thrownBy(call).message);
      return [refusals.every(message => message.startsWith('this WorkerPool was disposed')),
        states, errors.map(({ name }) => name), done.result, thrownBy(() => pool.api.add(1, 2)).code, (await rejectionOf(pool.warm())).code,
        stats.workers.length, stats.waiting, stats.running];
    }`), [true, Array(3).fill('cancelled'), Array(3).fill('AbortError'), 3, 'disposed', 'disposed', 0, 0, 0]);
  });

  test('dispose() before the first call, while workers start, and of a pool that waits to start again', async tab => {
    tab.expectProblem(/./, { optional: true });
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until, gate, rejectionOf }) => {
      const locks = ${LOCKS};
      new WorkerPool('/workers/jobs.js', { minWorkers: 2, size: 2 }).dispose();
      const held = gate();
      const starting = new WorkerPool('/workers/late.js?' + held.id, { size: 2 });
      const task = starting.api.add(1, 2);
      await held.reached();
      starting.dispose();
      const { name } = await rejectionOf(task);
      await held.open();
      const backingOff = new WorkerPool('/workers/throws.js', { size: 1 });
      const other = backingOff.api.add(1, 2);
      await until(() => backingOff.stats().started === 2);
      backingOff.dispose();
      await rejectionOf(other);
      const { started } = backingOff.stats();
      await until(async () => await locks() === 0);
      return [name, other.error.name, started];
    }`), ['AbortError', 'AbortError', 2]);
  });

  test('a pool that is disposed of has no say in one that is made after it', async tab => {
    assert.deepEqual(await tab.run(`async ({ WorkerPool, until, nextTurn }) => {
      const locks = ${LOCKS};
      const old = new WorkerPool('/workers/throws.js', { size: 2, minWorkers: 1 });
      old.dispose();
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const tasks = [pool.api.add(1, 2), pool.api.add(3, 4)];
      const values = await Promise.all(tasks);
      await nextTurn();
      const seen = [values, old.stats().started, old.stats().workers.length, old.stats().broken, pool.stats().started, await locks()];
      pool.dispose();
      await until(async () => await locks() === 0);
      return seen;
    }`), [[3, 7], 0, 0, false, 1, 1]);
  });

  test('stats() say what each worker is doing', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const empty = pool.stats();
      const held = gate();
      const first = pool.api.wait(held.id);
      const starting = await Promise.resolve().then(() => null).then(() => pool.stats());
      await held.reached();
      const busy = pool.stats();
      const { length } = busy.workers;
      await held.open();
      await first;
      await pool.api.add(1, 2);
      const idle = pool.stats();
      return [
        empty, starting.workers.map(({ state, job, busyFor, open, answered }) => [state, job, busyFor, open, answered]),
        length, busy.workers.map(({ id, state, job, busyFor, open, answered }) => [id, state, job, busyFor >= 0, open, answered])[0], busy.running, busy.waiting,
        idle.workers.map(({ state, answered }) => [state, answered]), idle.started, idle.lost, idle.broken, idle.size,
      ];
    }), [
      { size: 2, workers: [], waiting: 0, running: 0, started: 0, lost: 0, broken: false }, [['starting', null, null, 0, 0]],
      1, [0, 'busy', 'wait', true, 1, 0], 1, 0, [['idle', 2]], 1, 0, false, 2,
    ]);
  });

  test('a call costs about the same beside a thousand idle pools', async tab => {
    const [alone, ten, thousand] = await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const others = [];
      const best = async () => {
        let least = Infinity;
        for (let round = 0; round < 15; round++) {
          const began = performance.now();
          for (let i = 0; i < 40; i++) await pool.api.add(i, i);
          least = Math.min(least, performance.now() - began);
        }
        return least;
      };
      const grow = count => { while (others.length < count) others.push(new WorkerPool('/workers/jobs.js', { size: 1 })); };
      await best();
      const times = [await best()];
      for (const count of [10, 1_000]) { grow(count); times.push(await best()); }
      for (const other of others) other.dispose();
      return times;
    });
    assert(thousand < 2.5 * Math.max(alone, ten), `40 calls take ${alone} ms alone, ${ten} ms beside 10 pools, ${thousand} ms beside 1,000`);
  }, { timeout: 60_000 });

  test('the function that makes the workers is told which one stats() will speak of', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const workers = new Map();
      const pool = new WorkerPool(({ id }) => workers.set(id, new Worker('/workers/jobs.js', { type: 'module' })).get(id), { size: 3 });
      await pool.warm();
      const held = gate();
      const task = pool.api.wait(held.id);
      await held.reached();
      const { workers: seen } = pool.stats();
      const same = seen.map(({ id }) => id).join() === [...workers.keys()].sort().join();
      workers.get(seen.find(({ state }) => state === 'busy').id).terminate();
      return [workers.size, same, (await task.catch(error => error)).code, await pool.api.add(1, 2)];
    }), [3, true, 'worker-lost', 3]);
  });

  test('onTask hears of calls as of other tasks', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, onTask, nextTurn }) => {
      const heard = [];
      const stop = onTask(({ type, task }) => heard.push(`${task.name} ${type}`));
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      await pool.run('add', [1, 2], { name: 'sum' });
      await pool.run('failUntil', [2], { name: 'twice', retry: { maxAttempts: 2 } });
      await pool.run('fail', ['no'], { name: 'failed' }).catch(() => {});
      const cancelled = pool.run('never', [], { name: 'cancelled' });
      cancelled.cancel();
      await nextTurn();
      stop();
      return heard;
    }), ['sum submitted', 'sum started', 'sum settled', 'twice submitted', 'twice started', 'twice retried', 'twice settled', 'failed submitted',
      'failed started', 'failed settled', 'cancelled submitted', 'cancelled settled']);
  });

  test('runInExecutor with executor worker makes a job a function', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, runInExecutor, thrownBy, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const add = runInExecutor(pool.job('add'), { executor: 'worker' });
      const again = runInExecutor(pool.job('failUntil', { retry: { maxAttempts: 2 } }), { executor: 'worker', name: 'mine' });
      const held = gate();
      const keyed = runInExecutor(pool.job('wait'), { executor: 'worker', deduplicate: true, key: id => `wait ${id}` });
      const [one, same] = [keyed(held.id), keyed(held.id)];
      await held.open();
      const task = again(2);
      const codes = [
        () => runInExecutor((a, b) => a + b, { executor: 'worker' }), () => runInExecutor(pool.job('add'), { executor: 'worker', context: true }),
        () => runInExecutor(pool.job('add'), { executor: 'thread' }), () => runInExecutor('add', { executor: 'worker' }),
      ].map(call => thrownBy(call).code);
      return [await add(1, 2), add.name, (await task)[0], task.name, one === same, await one === await same, codes];
    }), [3, 'add', 2, 'mine', true, true, Array(4).fill('invalid-argument')]);
  });

  test('calls, gather, asCompleted and tasks on the page go together', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, run, gather, asCompleted, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 3 });
      const sums = await gather([pool.api.add(1, 2), pool.api.add(3, 4), run(() => 'page')]);
      const seen = [];
      for await (const { task, index } of asCompleted([pool.api.fail('no'), pool.api.add(1, 1)])) seen.push([index, task.state]);
      const parent = run(async ctx => {
        const call = pool.run('never', [], { signal: ctx.signal });
        return call;
      });
      await Promise.resolve();
      const failing = gather([pool.api.never(), pool.api.fail('first')]);
      const { message } = await failing.catch(error => error);
      parent.cancel();
      await pool.onIdle();
      await until(() => pool.running === 0); // a worker that had not begun what was cancelled gives it back
      return [sums, seen.sort(), message, parent.state, pool.waiting, pool.running];
    }), [[3, 7, 'page'], [[0, 'error'], [1, 'done']], 'first', 'cancelled', 0, 0]);
  });

  test('the example of the docs: a typed pool with progress, a timeout and a transfer', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, transfer }) => {
      const pool = new WorkerPool(() => new Worker(new URL('/workers/jobs.js', document.baseURI), { type: 'module' }), { size: 'auto', idleTimeout: '30s' });
      const scene = new Uint8Array([1, 2, 3]);
      const task = pool.run('giveBack', [scene.buffer], { transfer: [scene.buffer], timeout: '30s', retry: { maxAttempts: 2 }, name: 'render' });
      const seen = [];
      for await (const value of pool.api.generate(3)) seen.push(value);
      return [new Uint8Array(await task).join(), await pool.api.add(1, 2), seen, task.name];
    }), ['1,2,3', 3, [0, 1, 2], 'render']);
  });
}
