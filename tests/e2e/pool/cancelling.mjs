// Cancelling calls that wait, that listen, and that don't.

import assert from 'node:assert/strict';

export default function cancelling(test, { isolated }) {
  test('a job that listens to its signal is told the reason, and its worker lives on', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const me = await pool.api.me();
      const seen = [];
      for (const reason of [new RangeError('enough'), 'a word', undefined]) {
        const task = pool.api.untilAborted();
        await until(() => task.progress === 'listening');
        const did = [task.cancel(reason), task.cancel(reason), task.state, task.error === reason];
        await task.stopped;
        seen.push([...did, ...await pool.api.journal()]);
      }
      return [seen, await pool.api.me() === me, pool.stats().started];
    }), [[
      [true, false, 'cancelled', true, ['RangeError', 'enough', null]],
      [true, false, 'cancelled', false, ['AbortError', "The task 'untilAborted' was cancelled: 'a word'", 'a word']],
      [true, false, 'cancelled', false, ['AbortError', "The task 'untilAborted' was cancelled", null]],
    ], true, 1]);
  });

  test('an AbortSignal cancels a call, and one that has aborted already keeps it from being sent', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const id = crypto.randomUUID();
      const controller = new AbortController();
      const task = pool.run('untilAborted', [], { signal: controller.signal });
      await until(() => task.progress === 'listening');
      controller.abort(new TypeError('by signal'));
      const error = await task.catch(error => error);
      await task.stopped;
      const late = pool.run('count', [id], { signal: controller.signal });
      const lateError = await late.catch(error => error);
      return [error.message, (await pool.api.journal())[0][0], lateError === controller.signal.reason, late.startedAt, await countOf(id)];
    }), ['by signal', 'TypeError', true, null, 0]);
  });

  test('a call that is cancelled right away, or while it waits for a worker, never runs', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const id = crypto.randomUUID();
      const held = gate();
      const first = pool.api.count(id);
      first.cancel();
      const cold = pool.api.count(id); // while no worker is there yet
      await Promise.resolve();
      await Promise.resolve();
      cold.cancel();
      const holding = pool.api.wait(held.id);
      await held.reached();
      const waiting = [pool.api.count(id), pool.api.count(id)];
      const numbers = [pool.waiting, pool.running];
      waiting[0].cancel();
      await held.open();
      await holding;
      await waiting[1];
      await pool.onIdle();
      return [[first, cold, ...waiting].map(({ state }) => state), numbers, await countOf(id), pool.stats().started];
    }), [['cancelled', 'cancelled', 'cancelled', 'done'], [2, 1], 1, 1]);
  });

  test('of calls that a worker was sent ahead, those that are cancelled never run and the others do', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 40; i++) await pool.api.blockOrNot(); // it is taken for short
      const held = gate();
      const ids = Array.from({ length: 6 }, () => crypto.randomUUID());
      const first = pool.api.blockOrNot(held.id);
      const behind = ids.map(id => pool.api.blockOrNot(null, id));
      await held.reached();
      for (const i of [0, 2, 5]) behind[i].cancel();
      // On a plain page it holds for the slow gate: after 5 ms of work a worker reads its messages before it starts the next call.
      await new Promise(resolve => setTimeout(resolve, 10));
      await held.open();
      await first;
      await Promise.allSettled(behind);
      await pool.onIdle();
      return [behind.map(({ state }) => state), await Promise.all(ids.map(countOf))];
    }), [['cancelled', 'done', 'cancelled', 'done', 'done', 'cancelled'], [0, 1, 0, 1, 1, 0]]);
  });

  test('calls that a worker gives back after a cancel run in the order in which they were made', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 60; i++) await Promise.all([pool.api.blockOrNot(), pool.api.note('known to be short')]);
      await pool.api.journal();
      const held = gate();
      const first = pool.api.blockOrNot(held.id);
      const notes = [0, 1, 2, 3, 4, 5].map(i => pool.api.note(i));
      await held.reached();
      const did = notes[0].cancel();
      await new Promise(resolve => setTimeout(resolve, 10)); // a worker reads its messages before the next call after 5 ms of work
      await held.open();
      await first;
      await Promise.allSettled(notes);
      await pool.onIdle();
      return [did, notes.map(({ state }) => state), await pool.api.journal()];
    }), [true, ['cancelled', ...Array(5).fill('done')], [1, 2, 3, 4, 5]]);
  });

  test('calls that are taken from behind a long one keep their order', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      await pool.warm();
      for (let i = 0; i < 60; i++) await Promise.all([pool.api.waitOrNot(), pool.api.note('known to be short')]);
      const [held, other] = [gate(), gate()];
      const both = [pool.api.wait(other.id), pool.api.waitOrNot(held.id)]; // one that may be long, and one that is taken for short
      await Promise.all([held.reached(), other.reached()]);
      const notes = Array.from({ length: 20 }, (_, i) => pool.api.note(i));
      await until(() => pool.waiting === 0);
      await other.open();
      await both[0];
      await Promise.all(notes);
      const order = (await pool.api.journal()).filter(Number.isInteger);
      await held.open();
      await both[1];
      return order;
    }), Array.from({ length: 20 }, (_, i) => i));
  });

  test(`a call that was cancelled while it waited in a worker ${isolated ? 'never runs' : 'may run unheard, and the others run in order'}`, async tab => {
    const [did, statuses, journal] = await tab.run(async ({ WorkerPool, gate }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      for (let i = 0; i < 60; i++) await Promise.all([pool.api.blockOrNot(), pool.api.note('known to be short')]);
      await pool.api.journal();
      const held = gate();
      const first = pool.api.blockOrNot(held.id);
      const notes = [0, 1, 2, 3].map(i => pool.api.note(i));
      await held.reached();
      const did = [notes[0], notes[2]].map(task => [task.state, task.cancel(), task.state]);
      held.open();
      await Promise.allSettled([first, ...notes]);
      await pool.onIdle();
      return [did, notes.map(({ state }) => state), await pool.api.journal()];
    });
    assert.deepEqual([did, statuses], [Array(2).fill(['pending', true, 'cancelled']), ['cancelled', 'done', 'cancelled', 'done']]);
    // A plain page can't tell a worker that is busy: it reads the cancel in its next turn of the event loop.
    assert.deepEqual(isolated ? journal : journal.filter(i => i % 2 === 1), [1, 3]);
    assert.deepEqual(journal, [...journal].sort());
  });

  test('a job that ends within its grace keeps its worker', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const me = await pool.api.me();
      const held = gate();
      const deaf = pool.api.deaf(held.id);
      await until(() => deaf.progress === 'deaf');
      deaf.cancel();
      const behind = pool.api.me();
      let stopped = false;
      deaf.stopped.then(() => { stopped = true; });
      await Promise.resolve();
      const before = [deaf.state, stopped, pool.running];
      await held.open();
      await deaf.stopped;
      return [before, await behind === me, pool.stats().started];
    }), [['cancelled', false, 1], true, 1]);
  });

  for (const job of ['never', 'spin']) {
    test(`a job that does not stop (${job}) costs its worker after the grace, and the calls behind it run elsewhere`, async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool, until }, job) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 30 });
        const me = await pool.api.me();
        const stuck = pool.run(job);
        await until(() => stuck.state === 'running');
        const behind = [pool.api.me(), pool.api.add(1, 2)];
        const did = stuck.cancel(new Error('too long'));
        await stuck.stopped;
        const [other, sum] = await Promise.all(behind);
        const error = await stuck.catch(error => error);
        return [did, stuck.state, error.message, other !== me, sum, pool.stats().started, pool.stats().workers.length, pool.stats().lost, pool.running];
      }, job), [true, 'cancelled', 'too long', true, 3, 2, 1, 0, 0]);
    });
  }

  test('calls that a worker was sent ahead, behind one that must be ended, each run once', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, gate, countOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 30 });
      for (let i = 0; i < 40; i++) await pool.api.blockOrNot();
      const held = gate();
      const ids = Array.from({ length: 6 }, () => crypto.randomUUID());
      const first = pool.run('blockOrNot', [held.id], { timeout: '1h' }); // with a timeout its start is announced
      const behind = ids.map(id => pool.api.blockOrNot(null, id));
      await held.reached();
      first.cancel();
      const outcomes = await Promise.allSettled(behind);
      await held.open();
      return [outcomes.map(({ status }) => status), await Promise.all(ids.map(countOf)), pool.stats().started];
    }), [Array(6).fill('fulfilled'), Array(6).fill(1), 2]);
  });

  test(`a loop that reads ctx.cancelled ${isolated ? 'ends at once, and its worker lives on' : 'is ended with its worker, and the next call works'}`, async tab => {
    const [did, state, sameWorker, journal, started, sum] = await tab.run(async ({ WorkerPool, until }, cancelGrace) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace });
      const me = await pool.api.me();
      const loop = pool.api.untilCancelled();
      await until(() => loop.progress === 'looping');
      const behind = pool.api.add(1, 2);
      const did = loop.cancel();
      await loop.stopped;
      return [did, loop.state, await pool.api.me() === me, await pool.api.journal(), pool.stats().started, await behind];
    }, isolated ? '10s' : 30);
    assert.deepEqual([did, state, sum], [true, 'cancelled', 3]);
    if (isolated) assert.deepEqual([sameWorker, journal.length, started], [true, 1, 1]);
    else assert.deepEqual([sameWorker, journal, started], [false, [], 2]);
  });

  if (isolated) {
    test('the flag of one call is never seen by another, over many calls', async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
        let wrong = 0;
        for (let round = 0; round < 3; round++) {
          const loop = pool.api.untilCancelled();
          await until(() => loop.progress === 'looping');
          loop.cancel();
          await loop.stopped;
          // As many calls as there are places for flags, so that each place is used again.
          const contexts = await Promise.all(Array.from({ length: 2_100 }, () => pool.api.context()));
          wrong += contexts.filter(([, cancelled]) => cancelled).length;
        }
        return [wrong, (await pool.api.journal()).length, pool.stats().started];
      }), [0, 3, 1]);
    });
  }

  test('checkpoint rejects with the reason once the call is cancelled', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const task = pool.api.untilCheckpoint();
      await until(() => task.progress === 'looping');
      task.cancel(new RangeError('enough'));
      await task.stopped;
      return [await pool.api.journal(), pool.stats().started];
    }), [[['checkpoint', 'RangeError', true, true, true]], 1]);
  });

  test('cancelAll cancels what runs and what waits, and says how many', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const tasks = [pool.api.untilAborted(), pool.api.add(1, 2), pool.api.never()];
      await until(() => tasks[0].progress === 'listening');
      const count = pool.cancelAll(new Error('all'));
      await pool.onIdle();
      return [count, pool.cancelAll(), tasks.map(({ state, error }) => [state, error.message]), pool.waiting, pool.running, await pool.api.add(2, 2), pool.stats().started];
    }), [3, 0, Array(3).fill(['cancelled', 'all']), 0, 0, 4, 1]);
  });

  test('a grace of 0 ends the worker at once, and still loses nothing behind it', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 0 });
      const loop = pool.api.spin();
      await until(() => loop.state === 'running');
      const behind = Array.from({ length: 10 }, (_, i) => pool.api.add(i, 0));
      loop.cancel();
      return [await Promise.all(behind), pool.stats().lost];
    }), [Array.from({ length: 10 }, (_, i) => i), 0]);
  });

  test('a reason that can\'t be cloned still cancels', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const seen = [];
      for (const reason of [() => {}, Symbol('s'), Object.assign(new Error('with a node'), { node: document.body }), { element: document.body }]) {
        const task = pool.api.untilAborted();
        await until(() => task.progress === 'listening');
        task.cancel(reason);
        await task.stopped;
        seen.push((await pool.api.journal())[0][0]);
      }
      return [seen, pool.stats().started];
    }), [['AbortError', 'AbortError', 'Error', 'AbortError'], 1]);
  });
}
