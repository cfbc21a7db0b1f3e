// Failures: not kept unless errorTtl says so, and covered by a stale value if staleIfError does.

import assert from 'node:assert/strict';

export default function failing(test) {
  test('a failure is not kept: the next call tries again, and callers at once share it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let calls = 0;
      const cached = cacheData(async () => {
        if (++calls < 3) throw new Error(`failure ${calls}`);
        return 'value';
      });
      const both = (await Promise.allSettled([cached(), cached()])).map(({ reason }) => reason.message);
      return [both, await cached().catch(error => error.message), await cached(), await cached(), calls, cached.stats().failures];
    }), [['failure 1', 'failure 1'], 'failure 2', 'value', 'value', 3, 2]);
  });

  test('errorTtl keeps a failure and throws it again, the same one, until its time is over', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const seen = [];
      for (const wrap of [fn => fn, fn => async () => fn()]) {
        let calls = 0;
        const cached = cacheData(wrap(() => { throw new RangeError(`failure ${++calls}`); }), { errorTtl: '10s', ttl: '1h' });
        const caught = async () => {
          try {
            return await cached();
          } catch (error) {
            return error;
          }
        };
        const first = await caught();
        clock.pass(9_999);
        const second = await caught();
        seen.push(first === second, calls, cached.has(), cached.info() === undefined, cached.peek() === undefined);
        clock.pass(1);
        seen.push((await caught()).message, calls);
        cached.clear();
        seen.push((await caught()).message);
      }
      return seen;
    }), Array(2).fill([true, 1, false, true, true, 'failure 2', 2, 'failure 3']).flat());
  });

  test('a kept failure leaves by itself, takes a place among the entries, and nobody is told of a value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy, until, nextTurn }) => {
      const told = [];
      const options = { maxEntries: 2, onEvict: value => told.push(value), onRelease: value => told.push(value) };
      const cached = cacheData(x => { if (x < 0) throw new Error('no'); return x; }, { ...options, errorTtl: '1h' });
      [1, 2].forEach(x => cached(x));
      thrownBy(() => cached(-1));
      await nextTurn();
      const evicted = [told.splice(0), cached.has(1), cached.has(2), cached.stats().entries];
      thrownBy(() => cached(-2));
      thrownBy(() => cached(-3));
      await nextTurn();
      const short = cacheData(() => { throw new Error('no'); }, { ...options, errorTtl: 20 });
      thrownBy(() => short());
      await until(() => short.stats().entries === 0);
      return [evicted, told, short.stats().expirations];
    }), [[[1, 1], false, true, 2], [2, 2], 0]);
  });

  test('refresh() and warm() try again whatever failure is kept, or not', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let calls = 0;
      const cached = cacheData(async () => {
        if (++calls === 1) throw new Error('no');
        return calls;
      }, { errorTtl: '1h' });
      const first = await cached().catch(error => error.message);
      const [warmed] = await cached.warm([[]]);
      return [first, warmed.status, await cached.refresh(), await cached(), calls];
    }), ['no', 'rejected', 2, 2, 2]);
  });

  for (const how of ['a synchronous function', 'an asynchronous function']) {
    test(`with staleIfError the value from before is served when ${how} fails, for as long as it says`, async tab => {
      assert.deepEqual(await tab.run(async ({ cacheData }, how) => {
        const { stoppedClock } = await import('/support/memo.js');
        const clock = stoppedClock();
        let fails = false;
        let calls = 0;
        const fn = () => {
          calls++;
          if (fails) throw new Error(`failure ${calls}`);
          return { value: calls };
        };
        const cached = cacheData(how === 'a synchronous function' ? fn : async () => fn(), { ttl: '1m', staleIfError: '5m' });
        const events = [];
        cached.subscribe(({ type, error }) => events.push([type, error?.message ?? null]));
        const call = async () => {
          try {
            return (await cached()).value;
          } catch (error) {
            return error.message;
          }
        };
        const seen = [await call()];
        fails = true;
        clock.pass(60_000);
        seen.push(await call(), await call(), calls); // each call tries
        clock.pass(299_999);
        seen.push(await call(), cached.stats().failures);
        clock.pass(1);
        seen.push(await call(), cached.info() === undefined);
        fails = false;
        seen.push(await call());
        return [seen, events];
      }, how), [
        [1, 1, 1, 3, 1, 3, 'failure 5', true, 6],
        [['stored', null], ['error', 'failure 2'], ['error', 'failure 3'], ['error', 'failure 4'], ['error', 'failure 5'], ['evicted', null], ['stored', null]],
      ]);
    });
  }

  test('with staleIfError true it is served without end; without it not at all', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let fails = false;
      const fn = () => { if (fails) throw new RangeError('no'); return 'old'; };
      const [always, never, not] = [true, false, undefined].map(staleIfError => cacheData(fn, { ttl: 1000, staleIfError }));
      [always, never, not].forEach(cached => cached());
      fails = true;
      clock.pass(1e12);
      return [always(), always.has(), thrownBy(() => never()).name, thrownBy(() => not()).name, never.has()];
    }), ['old', false, 'RangeError', 'RangeError', false], 'has: a call would try first, so it is not served at once');
  });

  test('with errorTtl besides, a failure is a pause: the stale value is served without a try until it is over', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let fails = false;
      let calls = 0;
      const cached = cacheData(async () => { calls++; if (fails) throw new Error('no'); return calls; }, { ttl: 1000, staleIfError: true, errorTtl: 500 });
      const seen = [await cached()];
      fails = true;
      clock.pass(1000);
      seen.push(await cached(), calls);
      clock.pass(499);
      seen.push(await cached(), calls, cached.peek(), cached.has(), cached.info().stale);
      clock.pass(1);
      seen.push(await cached(), calls);
      fails = false;
      clock.pass(500);
      return [...seen, await cached(), calls, cached.stats().stale];
    }), [1, 1, 2, 1, 2, 1, true, true, 1, 3, 4, 4, 1]);
  });

  test('refresh() that fails throws, and the value from before stays', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf, thrownBy }) => {
      let fails = false;
      const fn = () => { if (fails) throw new RangeError('no'); return 'old'; };
      const seen = [];
      for (const options of [{}, { ttl: '1h' }, { staleIfError: true }, { errorTtl: '1h' }]) {
        fails = false;
        const [sync, later] = [cacheData(fn, options), cacheData(async () => fn(), options)];
        sync();
        await later();
        fails = true;
        seen.push(thrownBy(() => sync.refresh()).name, sync(), (await rejectionOf(later.refresh())).name, await later());
      }
      return seen;
    }), Array(4).fill(['RangeError', 'old', 'RangeError', 'old']).flat());
  });

  test('whoever calls while a refresh() of an over-aged value runs is covered by staleIfError when it fails; who has asked for it is not', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { flying, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fly = flying({ deferred });
      const cached = cacheData(fly, { ttl: 1000, staleIfError: true });
      const told = promise => promise.catch(error => error.message);
      const first = cached();
      fly.flights[0].resolve('old');
      await first;
      clock.pass(1000);
      const asked = [cached.refresh(), cached(), cached.refresh()].map(told);
      fly.flights[1].reject(new Error('no'));
      const one = await Promise.all(asked);
      const joined = [cached(), cached.refresh()].map(told);
      fly.flights[2].reject(new Error('no'));
      return [one, await Promise.all(joined), fly.flights.length];
    }), [['no', 'old', 'no'], ['old', 'no'], 3]);
  });

  test('an error that callers are thrown is told once to listeners, and to nobody else', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn, thrownBy }) => {
      const events = [];
      const cached = cacheData(x => { throw new Error(`no ${x}`); }, { name: 'query' });
      const silent = cacheData(async () => { throw new Error('no'); });
      const stop = cached.subscribe(event => events.push(event));
      thrownBy(() => cached(1));
      const before = events.length;
      await silent().catch(() => {});
      await nextTurn();
      stop();
      thrownBy(() => cached(2));
      await nextTurn();
      return [before, events.map(({ type, name, key, error }) => [type, name, key, error.message])];
    }), [0, [['error', 'query', 1, 'no 1']]]);
  });

  test('a rejection that nobody awaits is an unhandled one, as without the cache', async tab => {
    tab.expectProblem(/nobody's/);
    await tab.run(({ cacheData }) => { cacheData(async () => { throw new Error("nobody's"); })(); });
  });
}
