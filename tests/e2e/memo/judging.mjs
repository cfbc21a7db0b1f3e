// What each value decides for itself: `ttl` and `keepIf` as functions, and how long a stale one may be served. And values that no call has made: `set`, and `clearIf`.

import assert from 'node:assert/strict';

export default function judging(test) {
  test('ttl as a function gives each value its own time, from the value and the arguments', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const seen = [];
      const given = [];
      const ttl = (value, ...args) => {
        given.push([value.n, ...args]);
        return value.n === 0 ? 0 : value.n === 1 ? '1s' : value.n === 2 ? 2000 : Infinity;
      };
      for (const cache of [cacheData, cacheResource]) {
        for (const wrap of [x => x, async x => x]) {
          const cached = cache((n, label) => wrap({ n, label }), { ttl });
          for (let n = 0; n < 4; n++) await cached(n, 'x');
          const has = () => [0, 1, 2, 3].filter(n => cached.has(n, 'x'));
          const left = [1, 2, 3].map(n => cached.info(n, 'x').expiresIn);
          seen.push(has(), left[0], left[1], left[2] === Infinity);
          clock.pass(999);
          seen.push(has());
          clock.pass(1);
          seen.push(has());
          clock.pass(1000);
          seen.push(has());
          await cached(1, 'x');
          seen.push(has());
        }
      }
      return [seen, given.length, given[1]];
    }), [Array(4).fill([[1, 2, 3], 1000, 2000, true, [1, 2, 3], [2, 3], [3], [1, 3]]).flat(), 20, [1, 1, 'x']]);
  });

  test('with refresh in the background, staleIfError, refreshEvery, maxBytes and ttlJitter', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf, until }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      let n = 0;
      const behind = cacheData(async () => ++n, { ttl: value => value * 1000, refresh: 'background' });
      const seen = [await behind()];
      clock.pass(1000);
      seen.push(await behind());
      await until(() => behind.info().stale === false);
      seen.push(await behind(), behind.info().expiresIn);
      const failing = cacheData(async () => {
        if (failing.fails) throw new Error('no');
        return 1;
      }, { ttl: () => '1s', staleIfError: '5s' });
      await failing();
      failing.fails = true;
      clock.pass(3000);
      seen.push(await failing());
      clock.pass(3000);
      seen.push((await rejectionOf(failing())).message);
      const sized = cacheData(x => x, { ttl: () => 1000, maxBytes: 100, ttlJitter: 0.5 });
      for (let i = 0; i < 50; i++) sized(i);
      const { expiresIn } = sized.info(49);
      seen.push(sized.stats().bytes <= 100, expiresIn > 499 && expiresIn <= 1000);
      return seen;
    }), [1, 1, 2, 2000, 1, 'no', true, true]);
  });

  test('a value that keepIf refuses is its callers\', those who share the execution too, and is not kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, job, nextTurn, runInExecutor }) => {
      const seen = [];
      let runs = 0;
      const keepIf = (value, id) => value.ok && id !== 'never';
      const make = id => ({ ok: id === 'good' || id === 'never', n: ++runs });
      const released = [];
      const all = [
        cacheData(make, { keepIf }), cacheData(async id => make(id), { keepIf }), cacheData(job((_, id) => make(id)), { keepIf }), runInExecutor(make, { cache: { keepIf } }),
        cacheData(make, { keepIf, copy: 'share', ttl: '1h' }), cacheData(async id => make(id), { keepIf, maxBytes: 1e6, errorTtl: '1h', ttl: () => '1h' }),
        cacheResource(make, { keepIf, onRelease: value => released.push(value.ok) }),
      ];
      for (const cached of all) {
        runs = 0;
        const methods = cached.cache ?? cached;
        const both = [cached('bad'), cached('bad')];
        const [one, two] = await Promise.all(both);
        seen.push(one.ok, two.n - one.n <= 1, methods.has('bad'), methods.stats().entries);
        await cached('good');
        const before = runs;
        await cached('good');
        seen.push(runs === before, methods.has('good'), (await cached('never')).ok, methods.has('never'), methods.stats().inFlight);
      }
      await nextTurn();
      return [new Set(all.map((_, i) => seen.slice(9 * i, 9 * i + 9).join())).size, seen.slice(0, 9), released];
    }), [1, [false, true, false, 0, true, true, true, false, 0], [false, false, true]]);
  });

  test('the value before one that keepIf refuses stays, stale as it is', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      let n = 0;
      const cached = cacheData(async () => ++n, { keepIf: value => value !== 2, ttl: 1000, refresh: 'background' });
      const seen = [await cached()];
      clock.pass(1000);
      seen.push(await cached());
      await until(() => n === 2 && cached.stats().inFlight === 0);
      seen.push(cached.peek(), await cached());
      await until(() => cached.peek() === 3);
      return [...seen, await cached.refresh(), cached.peek()];
    }), [1, 1, 1, 1, 4, 4]);
  });

  test('what ttl() and keepIf() throw, and what is no duration and no decision, fails the call, and nothing is kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, describe }) => {
      const fail = () => { throw new RangeError('mine'); };
      const seen = [];
      for (const options of [{ ttl: fail }, { keepIf: fail }, { ttl: () => 'soon' }, { ttl: () => -1 }, { ttl: () => NaN }, { ttl: async () => 5 }, { keepIf: async () => true }]) {
        for (const wrap of [x => x, async x => x]) {
          const cached = cacheData(x => wrap(x), options);
          try {
            await cached(1);
            seen.push('kept');
          } catch (error) {
            seen.push(describe(error).code ?? error.message);
          }
          seen.push(cached.has(1));
        }
      }
      return seen;
    }), [...Array(4).fill(['mine', false]), ...Array(10).fill(['invalid-argument', false])].flat());
  });

  test('maxStale bounds how long after its time a value is served, in the background and in place of an error', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf, thrownBy, until }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      let n = 0;
      let fails = false;
      const make = async () => {
        if (fails) throw new Error('no');
        return ++n;
      };
      const behind = cacheData(make, { ttl: 1000, refresh: 'background', maxStale: 5000 });
      const seen = [await behind()];
      clock.pass(5999);
      seen.push(behind.has(), await behind());
      await until(() => behind.peek() === 2);
      clock.pass(6000);
      seen.push(behind.has(), await behind());
      fails = true;
      clock.pass(6000);
      seen.push((await rejectionOf(behind())).message);
      fails = false;
      const instead = cacheData(make, { ttl: 1000, staleIfError: true, maxStale: '5s' });
      seen.push(await instead());
      fails = true;
      clock.pass(5999);
      seen.push(await instead());
      clock.pass(1);
      seen.push((await rejectionOf(instead())).message, thrownBy(() => cacheData(make, { maxStale: 'x' })).code, thrownBy(() => cacheData(make, { maxStale: -1 })).code);
      return seen;
    }), [1, true, 1, false, 3, 'no', 4, 4, 'no', 'invalid-argument', 'invalid-argument']);
  });

  test('set() gives a call its value, in place of what is there or under way', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, deferred, nextTurn, thrownBy, until }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const sync = cacheData(x => ({ x }), { ttl: 1000 });
      const mine = { x: 'mine' };
      sync.set([1], mine);
      mine.x = 'changed';
      const seen = [sync(1).x, sync.stats().misses, sync.info(1).expiresIn];
      sync(2);
      sync.set([2], { x: 'other' });
      seen.push(sync(2).x);
      clock.pass(1000);
      seen.push(sync(1).x);
      const gates = [];
      const later = cacheData(async () => {
        gates.push(deferred());
        return gates.at(-1).promise;
      });
      const call = later();
      later.set([], 'set');
      seen.push(await later());
      gates[0].resolve('made');
      seen.push(await call, await later());
      const own = deferred();
      const plain = cacheData(() => Promise.resolve('made')); // no async function: only what it returns says that it is asynchronous
      plain.set(['a'], own.promise);
      const calls = [plain('a'), plain('a')];
      own.resolve('promised');
      seen.push(await Promise.all(calls), plain('a') instanceof Promise, plain.peek('a'));
      plain.set(['b'], Promise.reject(new Error('no')));
      await nextTurn();
      seen.push(plain.has('b'));
      const released = [];
      const resource = cacheResource(() => ({}), { onRelease: (value, reason) => released.push(reason), key: x => x, ttl: () => 500 });
      resource(1);
      const object = {};
      resource.set([1], object);
      await nextTurn();
      seen.push(resource(1) === object, released, resource.info(1).expiresIn);
      seen.push([() => sync.set(1, 2), () => sync.set([3], () => {}), () => sync.set([() => {}], 1)].map(call => thrownBy(call).code), sync.has(3), sync.stats().failures);
      const [a, b] = [{ id: 1 }, { id: 2 }].map(each => Object.assign(new (class User {})(), each));
      const ofUser = cacheData(function () { return this.id; }, { hashFuncs: new Map([[Object, one => one.id]]) });
      ofUser.with({ this: a }).set([], 'a');
      seen.push(ofUser.call(a), ofUser.call(b));
      return seen;
    }), ['mine', 0, 1000, 'other', 1, 'set', 'made', 'set', ['promised', 'promised'], true, 'promised', false, true, ['replaced'], 500,
      ['invalid-argument', 'not-serializable', 'unhashable-param'], false, 0, 'a', 2]);
  });

  test('clearIf() lets the values go that a function picks, and says how many', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn, thrownBy }) => {
      const events = [];
      const cached = cacheData(id => ({ id, team: id % 2 ? 'odd' : 'even' }), { key: id => `user:${id}` });
      cached.subscribe(({ type, reason }) => events.push(`${type} ${reason}`));
      for (let id = 0; id < 6; id++) cached(id);
      const seen = [cached.clearIf(({ team }) => team === 'odd'), [0, 1, 2, 3, 4, 5].filter(id => cached.has(id)), cached.clearIf((_, key) => key === 'user:4'), cached.has(4),
        cached.clearIf(value => { value.team = 'spoilt'; }), cached(0).team, cached.clearIf(() => true), cached.stats().entries];
      await nextTurn();
      seen.push(events.filter(each => each === 'evicted cleared').length, [() => cached.clearIf(), () => (cached(1), cached.clearIf(async () => true))].map(call => thrownBy(call).code), cached.has(1));
      return seen;
    }), [3, [0, 2, 4], 1, false, 0, 'even', 2, 0, 6, ['invalid-argument', 'invalid-argument'], true]);
  });
}
