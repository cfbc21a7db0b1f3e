// Refreshes: behind a stale value, at intervals, and on request.

import assert from 'node:assert/strict';

export default function refreshing(test) {
  test('with refresh background a stale value is served at once, and one refresh runs behind it, however many call', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, until, nextTurn }) => {
      const { flying, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fly = flying({ deferred });
      const cached = cacheData(fly, { ttl: '1m', refresh: 'background' });
      const first = cached('a');
      fly.flights[0].resolve({ n: 1 });
      await first;
      clock.pass(60_000);
      const stale = await Promise.all(Array.from({ length: 100 }, () => cached('a')));
      await until(() => fly.flights.length > 1);
      stale.push(await cached('a'), cached.peek('a'));
      const { stale: isStale, running } = cached.info('a');
      await nextTurn();
      fly.flights[1].resolve({ n: 2 });
      await until(() => cached.peek('a').n === 2);
      const { hits, misses, stale: served, refreshes } = cached.stats();
      return [stale.every(({ n }) => n === 1), isStale, running, fly.flights.map(({ args }) => args), await cached('a'), [hits, misses, served, refreshes]];
    }), [true, true, true, [['a'], ['a']], { n: 2 }, [0, 1, 101, 1]]);
  });

  test('a synchronous function is refreshed behind its caller too, with the arguments and this of the call', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const calls = [];
      const cached = cacheData(function (...args) { calls.push([this?.name, ...args]); return calls.length; }, { ttl: 1000, refresh: 'background', ignore: [1] });
      const object = { name: 'object' };
      const seen = [cached.call(object, 'a', 'first')];
      clock.pass(1000);
      seen.push(cached.call(object, 'a', 'second'), calls.length);
      await until(() => calls.length === 2);
      seen.push(cached('a'), calls);
      return seen;
    }), [1, 1, 1, 2, [['object', 'a', 'first'], ['object', 'a', 'second']]]);
  });

  test('a stale value that nobody asks for is not refreshed, and stays', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const { counting, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fn = counting(x => x);
      const cached = cacheData(fn, { ttl: 1000, refresh: 'background' });
      cached(1);
      clock.pass(1e9);
      await nextTurn();
      return [cached.has(1), cached.peek(1), cached.info(1).stale, fn.calls.length, cached.stats().stale];
    }), [true, 1, true, 1, 0]);
  });

  test('no more refreshes run at once than refreshConcurrency, and all get their turn', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until, nextTurn }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const most = [];
      for (const [index, refreshConcurrency] of [undefined, 1, 3].entries()) {
        let running = 0;
        let calls = 0;
        most[index] = 0;
        const cached = cacheData(async x => {
          calls++;
          most[index] = Math.max(most[index], calls > 20 ? ++running : 0);
          await nextTurn();
          running--;
          return x;
        }, { ttl: 1000, refresh: 'background', refreshConcurrency });
        for (let i = 0; i < 20; i++) await cached(i);
        running = 0;
        clock.pass(1000);
        for (let i = 0; i < 20; i++) await cached(i);
        await until(() => cached.stats().refreshes === 20 && cached.stats().inFlight === 0);
      }
      return most;
    }), [4, 1, 3]);
  });

  test('a refresh that fails leaves the stale value, is told, and the next call tries again, after errorTtl if there is one', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until, nextTurn }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const seen = [];
      for (const errorTtl of [undefined, 500]) {
        let calls = 0;
        const errors = [];
        const cached = cacheData(async () => { if (++calls > 1) throw new Error(`failure ${calls}`); return 'old'; }, { ttl: 1000, refresh: 'background', errorTtl });
        cached.subscribe(({ type, error }) => { if (type === 'error') errors.push(error.message); });
        await cached();
        clock.pass(1000);
        await cached();
        await until(() => errors.length === 1);
        seen.push(await cached());
        await nextTurn();
        await nextTurn();
        seen.push(calls);
        clock.pass(500);
        seen.push(await cached());
        await until(() => errors.length === (errorTtl ? 2 : 3));
        seen.push(calls, errors, cached.has());
      }
      return seen;
    }), ['old', 3, 'old', 4, ['failure 2', 'failure 3', 'failure 4'], true, 'old', 2, 'old', 3, ['failure 2', 'failure 3'], true]);
  });

  test('without a listener the failure of a refresh that nobody waits for is an uncaught error', async tab => {
    tab.expectProblem(/nobody waits/);
    assert.equal(await tab.run(async ({ cacheData, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let calls = 0;
      const cached = cacheData(() => { if (++calls > 1) throw new Error('nobody waits'); return 'old'; }, { ttl: 1000, refresh: 'background' });
      cached();
      clock.pass(1000);
      cached();
      await until(() => cached.stats().failures === 1);
      return cached.peek();
    }), 'old');
  });

  test('staleIfError bounds how old a value refresh background serves once a refresh has failed', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until, rejectionOf }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let calls = 0;
      const make = staleIfError => cacheData(async () => { if (calls++ > 0) throw new Error('no'); return 'old'; }, { ttl: 1000, refresh: 'background', staleIfError });
      const bounded = make('5s');
      bounded.subscribe(() => {});
      await bounded();
      clock.pass(2000);
      const seen = [await bounded()];
      await until(() => bounded.stats().failures === 1);
      clock.pass(3999);
      seen.push(await bounded());
      await until(() => bounded.stats().failures === 2);
      clock.pass(1);
      seen.push((await rejectionOf(bounded())).message, bounded.has());
      calls = 0;
      const none = make(false);
      none.subscribe(() => {});
      await none();
      clock.pass(1000);
      seen.push(await none());
      await until(() => none.stats().failures === 1);
      seen.push(none.has(), (await rejectionOf(none())).message);
      return seen;
    }), ['old', 'old', 'no', false, 'old', false, 'no']);
  });

  test('a refresh behind a value that was cleared meanwhile is not kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, until, nextTurn }) => {
      const { flying, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fly = flying({ deferred });
      const cached = cacheData(fly, { ttl: 1000, refresh: 'background' });
      const first = cached(1);
      fly.flights[0].resolve('old');
      await first;
      clock.pass(1000);
      await cached(1);
      await until(() => fly.flights.length === 2);
      cached.clear(1);
      fly.flights[1].resolve('new');
      await nextTurn();
      const has = cached.has(1);
      const next = cached(1);
      fly.flights[2].resolve('newest');
      return [has, await next, cached.peek(1), cached.stats().inFlight];
    }), [false, 'newest', 'newest', 0]);
  });

  test('a caller who cancels does not end a refresh that runs behind', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, deferred, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const gate = deferred();
      let calls = 0;
      let signal;
      const cached = cacheData(job(async ctx => { ({ signal } = ctx); if (++calls > 1) await gate.promise; return calls; }), { ttl: 1000, refresh: 'background' });
      await cached();
      clock.pass(1000);
      const controller = new AbortController();
      const stale = await cached.with({ signal: controller.signal })();
      await until(() => calls === 2);
      const joined = cached.with({ signal: controller.signal }).refresh().catch(error => error.name);
      controller.abort();
      const left = await joined;
      gate.resolve();
      await until(() => cached.peek() === 2);
      return [stale, left, signal.aborted];
    }), [1, 'AbortError', false]);
  });

  test('refreshEvery makes each value anew, without being asked, as long as it is in the cache', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until, nextTurn }) => {
      const calls = { a: 0, b: 0 };
      const cached = cacheData(async key => ++calls[key], { refreshEvery: 20 });
      const sync = cacheData(key => key, { refreshEvery: 20 });
      await cached('a');
      await cached('b');
      sync('a');
      await until(() => calls.a > 3 && calls.b > 3 && sync.stats().refreshes > 3);
      cached.clear('a');
      const { a } = calls;
      const { b } = calls;
      await until(() => calls.b > b + 3);
      cached.clear();
      sync[Symbol.dispose]();
      await nextTurn();
      return [calls.a - a <= 1, cached.stats().entries, cached.stats().misses, cached.stats().refreshes >= 8, cached.stats().hits];
    }), [true, 0, 2, true, 0]);
  });

  test('with refreshEvery an older value is never over for a caller, and a failure leaves it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      let calls = 0;
      const errors = [];
      const cached = cacheData(async () => { if (++calls % 2 === 0) throw new Error('every other'); return calls; }, { refreshEvery: 15, ttl: '1h' });
      cached.subscribe(({ type, error }) => { if (type === 'error') errors.push(error.message); });
      await cached();
      const before = cached.peek();
      await until(() => errors.length > 1);
      return [before, cached.peek() > 1, errors[0], cached.stats().expirations];
    }), [1, true, 'every other', 0]);
  });

  test('refreshEvery rests while the page is hidden, and goes on when it is seen again', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      let state = 'visible';
      Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
      const show = next => { state = next; document.dispatchEvent(new Event('visibilitychange')); };
      let calls = 0;
      const cached = cacheData(() => ++calls, { refreshEvery: 15 });
      const clock = cacheData(() => 1, { ttl: 15 });
      cached();
      await until(() => calls > 2);
      show('hidden');
      const after = async () => { // several times the interval, told by the timers of another cache
        for (let i = 0; i < 8; i++) {
          clock();
          await until(() => clock.stats().entries === 0);
        }
        return calls;
      };
      const hidden = [await after(), await after()];
      show('visible');
      await until(() => calls > hidden[1] + 2);
      return hidden[1] - hidden[0];
    }), 0);
  });

  test('refresh() shares the execution under way, and the value before is served until it settles', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const cached = cacheData(fly);
      const calls = [cached(1), cached.refresh(1)];
      fly.flights[0].resolve('first');
      const first = await Promise.all(calls);
      const second = [cached.refresh(1), cached.refresh(1)];
      const meanwhile = [await cached(1), cached.peek(1), cached.has(1), cached.info(1).running];
      fly.flights[1].resolve('second');
      return [first, meanwhile, await Promise.all(second), await cached(1), fly.flights.length, cached.stats().refreshes];
    }), [['first', 'first'], ['first', 'first', true, true], ['second', 'second'], 'second', 2, 1]);
  });

  test('refresh() of what is not there calls the function', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const fn = counting(x => x * 2);
      const cached = cacheData(fn);
      return [cached.refresh(1), cached(1), cached.refresh(1), fn.calls.length, await cacheData(async x => x).refresh(5)];
    }), [2, 2, 2, 2, 5]);
  });

  test('who cancels a refresh() that nobody else waits for aborts it, and the value before stays', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, deferred, rejectionOf, until }) => {
      let signal;
      const cached = cacheData(job(async ctx => { if (signal) await ((signal = ctx.signal), deferred().promise); signal = ctx.signal; return 'old'; }));
      await cached();
      const before = signal;
      const controller = new AbortController();
      const left = rejectionOf(cached.with({ signal: controller.signal }).refresh());
      await until(() => signal !== before);
      controller.abort();
      return [(await left).name, signal.aborted, await cached(), cached.stats().inFlight];
    }), ['AbortError', true, 'old', 0]);
  });
}
