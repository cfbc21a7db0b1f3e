// One execution for all who want its value: joining, leaving, and what comes too late.

import assert from 'node:assert/strict';

export default function sharing(test) {
  test('1,000 concurrent calls of one key are one execution', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const cached = cacheData(fly);
      const calls = Array.from({ length: 1000 }, () => cached({ a: [1] }));
      const { misses, shared, inFlight } = cached.stats();
      fly.flights[0].resolve({ value: 1 });
      const values = await Promise.all(calls);
      return [fly.flights.length, misses, shared, inFlight, new Set(values).size, values.every(each => each.value === 1), cached.stats().inFlight];
    }), [1, 1, 999, 1, 1000, true, 0]);
  });

  test('of 1,000 callers 999 may cancel, the first one too: the execution goes on for the last', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, run, deferred, rejectionOf, until }) => {
      const seen = [];
      for (const make of [job, fn => () => run(fn)]) {
        const gate = deferred();
        let context;
        const cached = cacheData(make(async ctx => { context = ctx; return gate.promise; }));
        const controllers = Array.from({ length: 1000 }, () => new AbortController());
        const calls = controllers.map(({ signal }) => cached.with({ signal })(1));
        const rejected = Promise.all(calls.slice(0, 999).map(rejectionOf));
        await until(() => context);
        controllers.slice(0, 999).forEach(each => each.abort());
        const names = new Set((await rejected).map(error => error.name));
        seen.push([...names], context.signal.aborted, cached.stats().inFlight);
        gate.resolve('value');
        seen.push(await calls[999], cached.has(1), cached.stats().misses);
      }
      return seen;
    }), Array(2).fill([['AbortError'], false, 1, 'value', true, 1]).flat());
  });

  test('when all callers have cancelled the execution is aborted and not stored, and the next call executes anew', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, run, deferred, rejectionOf, until, nextTurn }) => {
      const seen = [];
      for (const make of [job, fn => () => run(fn)]) {
        const contexts = [];
        const gates = [deferred(), deferred()];
        const released = [];
        const cached = cacheData(make(async ctx => gates[contexts.push(ctx) - 1].promise), { onRelease: (value, reason) => released.push([value, reason]) });
        const controllers = Array.from({ length: 100 }, () => new AbortController());
        const calls = controllers.map(({ signal }) => rejectionOf(cached.with({ signal })(1)));
        await until(() => contexts.length === 1);
        controllers.forEach((each, i) => each.abort(new RangeError(`caller ${i}`)));
        const messages = (await Promise.all(calls)).map(({ message }) => message);
        seen.push(contexts[0].signal.aborted, messages[0], messages[99], cached.has(1), cached.info(1) === undefined, cached.stats().inFlight);
        const next = cached(1);
        await until(() => contexts.length === 2);
        gates[0].resolve('late');
        await nextTurn();
        seen.push(cached.has(1));
        gates[1].resolve('new');
        seen.push(await next, cached.peek(1), cached.stats().misses);
        cached.clear();
        await nextTurn();
        seen.push(released.at(-1));
      }
      return seen;
    }), Array(2).fill([true, 'caller 0', 'caller 99', false, true, 0, false, 'new', 'new', 2, ['new', 'cleared']]).flat());
  });

  test('the value of a function that can not be aborted, and that nobody waits for any more, is released and not kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, rejectionOf, nextTurn }) => {
      const { flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const released = [];
      const cached = cacheData(fly, { onRelease: (value, reason) => released.push([value, reason]), onEvict: () => released.push('evicted') });
      const controller = new AbortController();
      const left = rejectionOf(cached.with({ signal: controller.signal })(1));
      controller.abort('enough');
      const { name, cause } = await left;
      const other = cached(1);
      fly.flights[1].resolve('second');
      await other;
      fly.flights[0].resolve('first');
      await nextTurn();
      return [name, cause, cached.peek(1), released];
    }), ['AbortError', 'enough', 'second', [['first', 'cleared']]]);
  });

  test('the late failure of an execution that was given up is nobody\'s, and changes nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, rejectionOf, nextTurn }) => {
      const { flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const events = [];
      const cached = cacheData(fly, { errorTtl: '1h' });
      cached.subscribe(({ type }) => events.push(type));
      const controller = new AbortController();
      const left = rejectionOf(cached.with({ signal: controller.signal })(1));
      controller.abort();
      await left;
      fly.flights[0].reject(new Error('late'));
      await nextTurn();
      const next = cached(1);
      fly.flights[1].resolve('value');
      return [await next, events, cached.stats().failures];
    }), ['value', ['stored'], 0]);
  });

  test('a caller without a signal never leaves', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, deferred, rejectionOf }) => {
      const gate = deferred();
      const cached = cacheData(job(() => gate.promise));
      const controller = new AbortController();
      const [stays, leaves] = [cached(1), rejectionOf(cached.with({ signal: controller.signal })(1))];
      controller.abort();
      await leaves;
      const inFlight = cached.stats().inFlight;
      gate.resolve('value');
      return [inFlight, await stays, cached.has(1)];
    }), [1, 'value', true]);
  });

  test('one signal for many calls has each of them leave, and a call with another goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, rejectionOf }) => {
      const { flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const cached = cacheData(fly);
      const [one, two] = [new AbortController(), new AbortController()];
      const bound = cached.with({ signal: one.signal });
      const leaving = [1, 1, 2].map(x => rejectionOf(bound(x)));
      const staying = cached.with({ signal: two.signal })(1);
      one.abort();
      const names = (await Promise.all(leaving)).map(error => error.name);
      fly.flights.forEach(flight => flight.resolve(flight.args[0]));
      return [names, await staying, cached.has(1), cached.has(2), fly.flights.length];
    }), [Array(3).fill('AbortError'), 1, true, false, 2]);
  });

  test('a call with a signal that has aborted already is refused, also where a value is kept, and calls nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf, thrownBy }) => {
      let calls = 0;
      const [later, sync] = [cacheData(async x => { calls++; return x; }), cacheData(x => x)];
      const signal = AbortSignal.abort();
      const names = [(await rejectionOf(later.with({ signal })(1))).name];
      await later(1);
      sync(1);
      names.push((await rejectionOf(later.with({ signal })(1))).name, (await rejectionOf(later.with({ signal }).refresh(1))).name, thrownBy(() => sync.with({ signal })(1)).name);
      return [names, calls, later.stats().inFlight];
    }), [Array(4).fill('AbortError'), 1, 0]);
  });

  test('a signal that aborts after the value is there changes nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const controller = new AbortController();
      const cached = cacheData(async x => x).with({ signal: controller.signal });
      await cached(1);
      controller.abort();
      await nextTurn();
      return [cached.has(1), cached.peek(1), cached.stats().entries];
    }), [true, 1, 1]);
  });

  test('clear() during an execution: its callers get the value, it is not stored, and a later call begins another', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, nextTurn }) => {
      const { flying } = await import('/support/memo.js');
      const seen = [];
      for (const clear of [cached => cached.clear(), cached => cached.clear(1)]) {
        const fly = flying({ deferred });
        const released = [];
        const cached = cacheData(fly, { onRelease: (value, reason) => released.push(`${value} ${reason}`) });
        const early = [cached(1), cached(1)];
        clear(cached);
        const late = cached(1);
        fly.flights[0].resolve('early');
        seen.push(await Promise.all(early), cached.has(1));
        fly.flights[1].resolve('late');
        seen.push(await late, cached.peek(1), fly.flights.length);
        await nextTurn();
        seen.push(released);
      }
      return seen;
    }), Array(2).fill([['early', 'early'], false, 'late', 'late', 2, ['early cleared']]).flat());
  });

  test('an execution whose entry was cleared is aborted still when its callers have cancelled', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, deferred, rejectionOf, until }) => {
      let context;
      const cached = cacheData(job(async ctx => { context = ctx; await deferred().promise; }));
      const controller = new AbortController();
      const left = rejectionOf(cached.with({ signal: controller.signal })(1));
      await until(() => context);
      cached.clear();
      controller.abort();
      return [(await left).name, context.signal.aborted, cached.stats().inFlight];
    }), ['AbortError', true, 0]);
  });

  test('progress reaches each caller that asks for it, the one who joins late from the beginning', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, run, deferred, until }) => {
      const seen = [];
      const load = gates => async (ctx, name) => {
        for (let i = 0; i < 3; i++) {
          ctx.progress(`${name} ${i}`);
          await gates[i].promise;
        }
        return name;
      };
      for (const make of [job, fn => (...args) => run(ctx => fn(ctx, ...args))]) {
        const gates = [deferred(), deferred(), deferred()];
        const cached = cacheData(make(load(gates)));
        const heard = [[], [], []];
        const hear = i => cached.with({ onProgress: value => heard[i].push(value) });
        const calls = [hear(0)('a'), cached('a')];
        await until(() => heard[0].length === 1);
        gates[0].resolve();
        await until(() => heard[0].length === 2);
        calls.push(hear(1)('a'));
        await until(() => heard[1].length === 2);
        gates[1].resolve();
        gates[2].resolve();
        calls.push(hear(2)('a'));
        seen.push(await Promise.all(calls));
        await until(() => heard.every(each => each.length === 3));
        seen.push(heard);
      }
      return seen;
    }), Array(2).fill([Array(4).fill('a'), Array(3).fill(['a 0', 'a 1', 'a 2'])]).flat());
  });

  test('what a progress listener throws is reported, and harms nobody', async tab => {
    tab.expectProblem(/a listener's own/);
    assert.equal(await tab.run(async ({ cacheData, job }) => {
      const cached = cacheData(job(async ctx => { ctx.progress(1); return 'value'; }));
      return cached.with({ onProgress() { throw new Error("a listener's own"); } })(1);
    }), 'value');
  });

  test('with() after with() adds to it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, deferred, rejectionOf, until }) => {
      const heard = [];
      const cached = cacheData(job(async (ctx, x) => { ctx.progress(x); await deferred().promise; }));
      const controller = new AbortController();
      const bound = cached.with({ signal: controller.signal }).with({ onProgress: value => heard.push(value) });
      const left = rejectionOf(Promise.race([bound(1), new Promise((_, reject) => controller.signal.addEventListener('abort', () => setTimeout(reject, 0, 'it stayed')))]));
      await until(() => heard.length);
      controller.abort();
      const { name } = await left;
      const method = cacheData(function (x) { return [this.unit, x]; }).with({ this: { unit: 'm' } }).with({ signal: new AbortController().signal });
      return [heard, name, method(1), method.name, bound.length];
    }), [[1], 'AbortError', ['m', 1], '', 0]);
  });

  test('callers of different keys are apart, also in a storm of calls, cancels and clears', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, nextTurn }) => {
      const { seeded } = await import('/support/values.js');
      const random = seeded(20260401);
      const below = n => Math.floor(random() * n);
      let running = 0;
      let calls = 0;
      const cached = cacheData(job(async (ctx, key) => {
        calls++;
        running++;
        for (let n = below(4); n > 0; n--) await nextTurn();
        running--;
        return { key };
      }), { maxEntries: 5 });
      const wrong = [];
      const all = [];
      for (let i = 0; i < 3000; i++) {
        const key = below(12);
        const controller = new AbortController();
        all.push(cached.with(random() < 0.7 ? { signal: controller.signal } : {})(key)
          .then(value => { if (value.key !== key) wrong.push([key, value]); }, error => { if (error.name !== 'AbortError') wrong.push(String(error)); }));
        if (random() < 0.5) controller.abort();
        if (random() < 0.02) cached.clear();
        if (random() < 0.02) cached.clear(below(12));
        if (random() < 0.05) await nextTurn();
      }
      await Promise.all(all);
      const { inFlight, entries } = cached.stats();
      return [wrong, inFlight, entries <= 5, calls < 3000];
    }), [[], 0, true, true]);
  });
}
