// cacheResource: the one object for all, looked at by its owner, and closed when it goes.

import assert from 'node:assert/strict';

export default function resources(test) {
  test('all callers get the one object, whatever it is', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource }) => {
      class Connection { close() {} }
      let made = 0;
      const [sync, later] = [cacheResource(() => { made++; return new Connection(); }), cacheResource(async () => { made++; return { fn() {}, symbol: Symbol('s') }; })];
      const both = await Promise.all([later('main'), later('main')]);
      return [sync('main') === sync('main'), sync('main') instanceof Connection, sync.peek('main') === sync('main'), both[0] === both[1],
        await later('main') === both[0], sync('other') === sync('main'), made];
    }), [true, true, true, true, true, false, 3]);
  });

  test('validate is asked at each hit; an object that is no longer valid is released and made anew', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, nextTurn }) => {
      const seen = [];
      for (const wrap of [value => value, async value => value]) {
        const asked = [];
        const released = [];
        let made = 0;
        const db = cacheResource(() => wrap({ id: ++made, isOpen: true }),
          { validate: one => { asked.push(one.id); return one.isOpen; }, onRelease: (one, reason) => released.push(`${one.id} ${reason}`) });
        const first = await db('main');
        const atMiss = asked.length;
        await db('main');
        first.isOpen = false;
        const second = await db('main');
        await db('main');
        await nextTurn();
        seen.push([atMiss, second.id, asked, released, made, db.stats().hits >= 2]);
      }
      return seen;
    }), Array(2).fill([0, 2, [1, 1, 2], ['1 invalid'], 2, true]));
  });

  test('a validate that throws is reported, and counts as a no', async tab => {
    tab.expectProblem(/validate's own/);
    assert.deepEqual(await tab.run(({ cacheResource }) => {
      let made = 0;
      const db = cacheResource(() => ({ id: ++made }), { validate(one) { if (one.id === 1) throw new Error("validate's own"); return true; } });
      return [db().id, db().id, db().id];
    }), [1, 2, 2]);
  });

  test('an object that is never valid is made at each call, and once for callers at once', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource }) => {
      let made = 0;
      const sync = cacheResource(() => ++made, { validate: () => false });
      const later = cacheResource(async () => ++made, { validate: () => false });
      return [sync(), sync(), await Promise.all([later(), later(), later()]), await later()];
    }), [1, 2, [3, 3, 3], 4]);
  });

  test('a stale object that is served while it is refreshed is looked at too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let made = 0;
      const db = cacheResource(async () => ({ id: ++made, isOpen: true }), { ttl: 1000, refresh: 'background', validate: one => one.isOpen });
      const first = await db();
      clock.pass(1000);
      const stale = await db();
      await until(() => made === 2 && db.stats().inFlight === 0);
      clock.pass(1000);
      (await db.peek()).isOpen = false;
      return [first.id, stale.id, (await db()).id, db.stats().stale];
    }), [1, 1, 3, 2]);
  });

  test('validate may clear the cache or call it: the caller gets an object all the same', async tab => {
    assert.deepEqual(await tab.run(({ cacheResource }) => {
      const seen = [];
      for (const answer of [true, false]) {
        let n = 0;
        const clearing = cacheResource(() => ({ id: ++n }), { validate: () => { clearing.clear(); return answer; } });
        const calling = cacheResource(key => ({ key }), { maxEntries: 1, validate: ({ key }) => { if (key < 5) calling(key + 1); return answer; } });
        clearing();
        calling(1);
        seen.push([typeof clearing()?.id, calling(1)?.key ?? null, calling(9)?.key ?? null, clearing.stats().inFlight, calling.stats().entries]);
      }
      return seen;
    }), Array(2).fill(['number', 1, 9, 0, 1]));
  });

  test('each object that was made is released once, however it goes', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, nextTurn, until }) => {
      const random = (await import('/support/values.js')).seeded(5);
      const below = n => Math.floor(random() * n);
      let made = 0;
      const released = new Map();
      const invalid = new Set();
      const db = cacheResource(key => {
        const one = { id: made++ };
        return key % 2 ? one : nextTurn().then(() => one);
      }, { maxEntries: 4, ttl: 5, validate: one => !invalid.has(one.id), onRelease: one => released.set(one.id, (released.get(one.id) ?? 0) + 1) });
      for (let i = 0; i < 1500; i++) {
        const key = below(8);
        const what = random();
        if (what < 0.6) {
          const controller = new AbortController();
          const value = db.with({ signal: controller.signal })(key);
          if (value instanceof Promise) value.catch(() => {});
          if (what < 0.1) controller.abort();
        } else if (what < 0.7) {
          Promise.resolve(db.refresh(key)).catch(() => {});
        } else if (what < 0.75) {
          db.clear(key);
        } else if (what < 0.76) {
          db.clear();
        } else if (what < 0.8) {
          invalid.add(below(made + 1));
        } else {
          await nextTurn();
        }
      }
      await until(() => db.stats().inFlight === 0);
      db.clear();
      await until(() => released.size === made);
      return [[...released.values()].every(count => count === 1), made > 300];
    }), [true, true]);
  });

  test('a connection that is asked for by many while it opens is opened once, and one that fails to open is tried again', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource }) => {
      let tries = 0;
      const db = cacheResource(async name => { if (++tries === 1) throw new Error('refused'); return { name }; });
      const first = await Promise.allSettled([db('main'), db('main'), db('main')]);
      const all = await Promise.all([db('main'), db('main')]);
      return [first.map(({ reason }) => reason.message), all[0] === all[1], tries];
    }), [Array(3).fill('refused'), true, 2]);
  });

  test('what is made after its last caller has left is released once, whatever the function is', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, job, run, until, TaskManager }) => {
      const manager = new TaskManager();
      const makers = {
        plain: make => make,
        job: make => job(() => make()),
        'a job that returns a task': make => job(() => run(make)),
        'a job whose child makes it': make => job(ctx => ctx.run(make)),
        'a function that returns a task': make => () => run(make),
        'of a manager': make => () => manager.submit(make),
        'a task of a task': make => () => run(() => run(() => run(make))),
        'with a timeout of its own': make => () => run(make, { timeout: 1 }),
        'by runInExecutor()': make => () => run(make, { retry: { maxAttempts: 2, attemptTimeout: 1 } }),
      };
      const ways = {
        abort: (cache, controller) => controller.abort(),
        'clear and abort': (cache, controller) => { cache.clear(); controller.abort(); },
        'dispose and abort': (cache, controller) => { cache.dispose(); controller.abort(); },
        'abort in the turn in which it is made': (cache, controller, go) => { go(); controller.abort(); },
      };
      const wrong = [];
      for (const [maker, wrap] of Object.entries(makers)) {
        for (const [way, leave] of Object.entries(ways)) {
          const released = [];
          const goes = [];
          let made = 0;
          const make = async () => { await new Promise(resolve => goes.push(resolve)); return { id: ++made }; };
          const cache = cacheResource(wrap(make), { name: 'resource', onRelease: (one, reason) => released.push(`${one.id} ${reason}`) });
          const controller = new AbortController();
          const call = cache.with({ signal: controller.signal })();
          call.catch(() => {});
          await until(() => goes.length > 0);
          const go = () => { for (const one of goes.splice(0)) one(); };
          leave(cache, controller, go);
          await new Promise(resolve => setTimeout(resolve, 5));
          go();
          await until(() => made > 0 && released.length >= made);
          const expected = Array.from({ length: made }, (_, i) => `${i + 1} cleared`);
          if (released.join() !== expected.join()) wrong.push([maker, way, made, released]);
        }
      }
      return wrong;
    }), []);
  });

  test('what is made for the origin, or in a worker, after its last caller has left is released too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, job, until, WorkerPool }) => {
      const released = [];
      const goes = [];
      const onRelease = (one, reason) => released.push(`${one} ${reason}`);
      const make = async () => { await new Promise(resolve => goes.push(resolve)); return 'made'; };
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '30s' });
      await pool.warm();
      const caches = [
        cacheData(make, { name: 'plain', scope: 'origin', onRelease }), cacheData(job(() => make()), { name: 'job', scope: 'origin', onRelease }),
        cacheResource(() => pool.run('busy', [1000]), { name: 'in a worker', onRelease }),
      ];
      const controller = new AbortController();
      const call = cache => cache.with({ signal: controller.signal })().catch(() => {});
      caches.slice(0, 2).forEach(call);
      await until(() => goes.length === 2);
      call(caches[2]); // last, since its job ends by itself
      await until(() => pool.running === 1);
      controller.abort();
      await new Promise(resolve => setTimeout(resolve, 5));
      for (const go of goes) go();
      await until(() => released.length === 3);
      return released.map(text => text.replace(/^(?!made).* /, 'made '));
    }), Array(3).fill('made cleared'));
  });

  test('a value of an attempt that took too long is released, and the one of the next attempt is kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, run, until }) => {
      const released = [];
      const goes = [];
      const cache = cacheResource(() => run(async ({ attempt }) => { if (attempt === 1) await new Promise(resolve => goes.push(resolve)); return { attempt }; },
        { retry: { maxAttempts: 2, attemptTimeout: 20 } }), { name: 'slow', onRelease: (one, reason) => released.push(`${one.attempt} ${reason}`) });
      const { attempt } = await cache();
      goes[0]();
      await until(() => released.length === 1);
      return [attempt, released, cache.peek().attempt];
    }), [2, ['1 cleared'], 2]);
  });

  test('a value that its owner\'s rules throw over is released', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, until, rejectionOf, thrownBy }) => {
      const released = [];
      const onRelease = (one, reason) => released.push(`${one.id} ${reason}`);
      const fail = () => { throw new Error('no'); };
      const errors = [
        await rejectionOf(cacheResource(async () => ({ id: 1 }), { keepIf: fail, onRelease })()), thrownBy(() => cacheResource(() => ({ id: 2 }), { keepIf: fail, onRelease })()),
        await rejectionOf(cacheResource(async () => ({ id: 3 }), { ttl: fail, onRelease })()), thrownBy(() => cacheResource(() => ({ id: 4 }), { maxBytes: 9, sizeOf: fail, onRelease })()),
      ];
      await until(() => released.length === 4);
      return [errors.map(({ message }) => message), released.sort()];
    }), [Array(4).fill('no'), ['1 cleared', '2 cleared', '3 cleared', '4 cleared']]);
  });

  test('a schedule that cancels its previous run releases what that one makes', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, job, scheduleInterval, until }) => {
      const released = [];
      const goes = [];
      let made = 0;
      const cache = cacheResource(job(async () => { await new Promise(resolve => goes.push(resolve)); return { id: ++made }; }),
        { name: 'of a schedule', onRelease: (one, reason) => released.push(`${one.id} ${reason}`) });
      const schedule = scheduleInterval(ctx => cache.with({ signal: ctx.signal })(), { every: 20, overlap: 'cancel-previous' });
      await until(() => goes.length >= 3);
      schedule.cancel();
      goes.forEach(go => go());
      await until(() => made === goes.length && cache.stats().inFlight === 0);
      cache.clear(); // what the last run has made, if it was kept
      await until(() => released.length >= made);
      return [released.length - made, new Set(released).size - made];
    }), [0, 0]);
  });
}
