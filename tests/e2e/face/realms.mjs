// Values of a same-origin frame, whose classes are not the page's: taken as the platform's own functions take them.

import assert from 'node:assert/strict';

/** Has `frame`, the window of a frame, in the page. */
async function withFrame(tab) {
  await tab.bare(() => { window.frame = document.body.appendChild(document.createElement('iframe')).contentWindow; });
}

export default function realms(test) {
  test('an AbortSignal of a frame is taken wherever a signal is: tasks, calls of a pool, caches, schedules, executors', async tab => {
    await withFrame(tab);
    assert.deepEqual(await tab.run(async ({ run, TaskManager, WorkerPool, cacheData, scheduleInterval, runInExecutor }) => {
      const never = () => new Promise(() => {});
      const pool = new WorkerPool('/workers/jobs.js');
      const begin = [
        signal => run(never, { signal }), signal => new TaskManager().submit(never, { signal }), signal => pool.run('untilAborted', [], { signal }),
        signal => cacheData(never).with({ signal })(), signal => runInExecutor(never, { signal })(), signal => runInExecutor(never, { signal, cache: {} })(),
      ];
      const seen = [];
      for (const start of begin) {
        const controller = new frame.AbortController();
        const waits = start(controller.signal);
        controller.abort();
        seen.push(await Promise.resolve(waits).then(() => 'done', error => error === controller.signal.reason));
      }
      const controller = new frame.AbortController();
      const job = scheduleInterval(() => {}, { every: '1h', signal: controller.signal });
      controller.abort();
      return [seen, job.state];
    }), [Array(6).fill(true), 'ended']);
  });

  test('what only looks like a signal is refused', async tab => {
    await withFrame(tab);
    assert.deepEqual(await tab.run(({ run, thrownBy }) => [
      {}, { aborted: false }, Object.create(frame.AbortSignal.prototype), new Proxy(new AbortController().signal, {}), new frame.AbortController(), frame, 'signal',
    ].map(signal => thrownBy(() => run(() => 1, { signal })).code)), Array(7).fill('invalid-argument'));
  });

  test('dates of a frame are dates: a wait of delayFrom, the start of a schedule, a time for cron', async tab => {
    await withFrame(tab);
    assert.deepEqual(await tab.run(async ({ run, scheduleInterval, Cron, thrownBy }) => {
      const delays = [];
      const retry = { delayFrom: () => new frame.Date(Date.now() - 1000), onRetry: (_, { delay }) => delays.push(delay) };
      const value = await run(ctx => { if (ctx.attempt < 2) throw new Error('no'); return 'yes'; }, { retry });
      const startAt = new frame.Date(Date.now() + 3_600_000);
      const job = scheduleInterval(() => {}, { every: '1h', startAt, endAt: new frame.Date(8e15) });
      const cron = new Cron('0 9 * * *', { timeZone: 'UTC' });
      const seen = [value, delays, job.nextRun - startAt, cron.nextRun(new frame.Date(0)).getTime(), cron.matches(new frame.Date(32_400_000)), job.cancel()];
      return [...seen, thrownBy(() => cron.nextRun(new frame.Date(NaN))).code, thrownBy(() => cron.nextRun(Object.create(frame.Date.prototype))).code];
    }), ['yes', [0], 0, 32_400_000, true, true, 'invalid-argument', 'invalid-argument']);
  });

  test('errors and promises of a frame: an error is the very one, retryOn knows its class, a promise is waited for', async tab => {
    await withFrame(tab);
    assert.deepEqual(await tab.run(async ({ run, RetryPolicy }) => {
      const foreign = new frame.TypeError('of the frame');
      const failing = run(() => { throw foreign; });
      const same = await failing.catch(error => error === foreign);
      const attempts = async (retryOn, error) => {
        const task = run(() => { throw error; }, { retry: new RetryPolicy({ maxAttempts: 2, retryOn }) });
        await task.catch(() => {});
        return task.attempt;
      };
      class Own extends Error {}
      const counts = [
        await attempts(TypeError, foreign), await attempts(Error, foreign), await attempts([RangeError], foreign), await attempts(DOMException, new frame.DOMException('no', 'NetworkError')),
        await attempts(Own, foreign), await attempts(TypeError, { name: 'TypeError' }),
      ];
      const cancelled = run(() => new Promise(() => {}));
      cancelled.cancel(foreign);
      return [same, failing.error === foreign, counts, await run(() => frame.Promise.resolve('foreign')), cancelled.error === foreign];
    }), [true, true, [2, 2, 1, 2, 1, 1], 'foreign', true]);
  });

  test('values of a frame are stored as the page\'s own are, and come back after a reload', async tab => {
    await withFrame(tab);
    await tab.run(async ({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'frame', enforceSerializable: true, onError: error => errors.push(error) });
      const { Date, Map, Set, RegExp, Uint8Array, Float64Array, DataView, ArrayBuffer, Object, Array, RangeError, Error, Number, BigInt } = frame;
      store.set('all', Object.assign(new Object(), {
        date: new Date(5), map: new Map([['k', new Set([1, 2])]]), pattern: new RegExp('a+', 'gi'), bytes: new Uint8Array([1, 2, 3]), floats: new Float64Array([0.5]),
        view: new DataView(new ArrayBuffer(4), 1, 2), buffer: new ArrayBuffer(2), list: Array.of(1, Array.of(2)), error: new RangeError('no', { cause: new Error('why') }),
        boxed: new Number(5), big: Object(BigInt(5)), plain: new Object(),
      }));
      store.flush();
      if (errors.length > 0) throw errors[0];
    });
    await tab.open();
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const { date, map, pattern, bytes, floats, view, buffer, list, error, boxed, big, plain } = sessionStore({ namespace: 'frame' }).get('all');
      return [
        [date instanceof Date, date.getTime()], [map instanceof Map, map.get('k') instanceof Set, [...map.get('k')]], [pattern instanceof RegExp, String(pattern)],
        [bytes instanceof Uint8Array, [...bytes]], [floats instanceof Float64Array, [...floats]], [view instanceof DataView, view.byteOffset, view.byteLength],
        [buffer instanceof ArrayBuffer, buffer.byteLength], list, [error instanceof RangeError, error.message, error.cause.message], [typeof boxed, boxed + 1], typeof big.valueOf(), plain,
      ];
    }), [
      [true, 5], [true, true, [1, 2]], [true, '/a+/gi'], [true, [1, 2, 3]], [true, [0.5]], [true, 1, 2], [true, 2], [1, [2]], [true, 'no', 'why'], ['object', 6], 'bigint', {},
    ]);
  });

  test('the type of a state takes instances of a frame\'s class of the same name, and of no other', async tab => {
    await withFrame(tab);
    assert.deepEqual(await tab.run(({ stateRef, thrownBy }) => {
      const types = { Date, Map, Set, RegExp, Uint8Array, ArrayBuffer, URL, Error, TypeError, Promise, EventTarget };
      const values = {
        Date: new frame.Date(0), Map: new frame.Map(), Set: new frame.Set(), RegExp: new frame.RegExp('a'), Uint8Array: new frame.Uint8Array(1), ArrayBuffer: new frame.ArrayBuffer(1),
        URL: new frame.URL('https://a.b/'), Error: new frame.RangeError('no'), TypeError: new frame.TypeError('no'), Promise: frame.Promise.resolve(), EventTarget: frame.document.body,
      };
      const taken = Object.entries(types).map(([name, type]) => { stateRef(name, { storage: 'memory', type }).value = values[name]; return name; });
      const wrong = [[Date, values.Map], [TypeError, values.Error], [Map, Object.create(null)], [Date, new (class Date {})()], [class Date {}, values.Date]]
        .map(([type, value]) => thrownBy(() => { stateRef('wrong', { storage: 'memory', type }).value = value; }).code);
      return [taken.length, wrong];
    }), [11, Array(5).fill('invalid-argument')]);
  });

  test('caches: arguments of a frame have the keys of the page\'s own, values are copied, hashFuncs may be its Map', async tab => {
    await withFrame(tab);
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy }) => {
      let calls = 0;
      const count = cacheData(value => { calls++; return value; });
      const pairs = [
        [new Date(5), new frame.Date(5)], [new Map([[1, 2]]), new frame.Map([[1, 2]])], [new Set(['a']), new frame.Set(['a'])], [/a/g, new frame.RegExp('a', 'g')],
        [new Uint8Array([1]), new frame.Uint8Array([1])], [new URL('https://a.b/'), new frame.URL('https://a.b/')], [{ a: [1] }, Object.assign(new frame.Object(), { a: frame.Array.of(1) })],
      ];
      const once = pairs.filter(([own]) => !(own instanceof URL)).map(([own, foreign]) => { calls = 0; count(own); count(foreign); return calls; });
      const keyed = cacheData(() => ++calls);
      const same = keyed(pairs[5][0]) === keyed(pairs[5][1]);
      const copy = cacheData(() => new frame.Map([['k', new frame.Date(1)]]))();
      class Point { constructor(x) { this.x = x; } }
      const hashed = cacheData(point => point.x, { hashFuncs: new frame.Map([[Point, point => point.x]]) });
      const path = thrownBy(() => count(new frame.Map([['key', new frame.Set([() => {}])]]))).message;
      return [once, same, copy.get('k').getTime(), hashed(new Point(3)), hashed(new Point(3)), path.includes('args[0].get("key").values()')];
    }), [[1, 1, 1, 1, 1, 1], true, 1, 3, 3, true]);
  });

  test('the URL of a worker, and its failure, may be a frame\'s', async tab => {
    await withFrame(tab);
    tab.expectProblem(/none\.js/, { optional: true }); // Firefox tells the frame's window, too
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool(new frame.URL('/workers/jobs.js', location.href));
      const ofFrame = new WorkerPool(() => new frame.Worker('/workers/jobs.js', { type: 'module' }));
      const missing = new WorkerPool(() => new frame.Worker('/workers/none.js', { type: 'module' }));
      const { code, message } = await rejectionOf(missing.api.add(1, 2));
      return [await pool.api.add(1, 2), await ofFrame.api.add(3, 4), code, message.includes('[object')];
    }), [3, 7, 'worker-load-failed', false]);
  });

  for (const source of ['URL', 'Request', 'Response', 'ArrayBuffer', 'Uint8Array', 'Module', 'options']) {
    test(`init() takes a frame's ${source}`, async tab => {
      await withFrame(tab);
      assert.equal(await tab.load(async (lib, source) => {
        const url = new frame.URL('/node_modules/taskloom/taskloom_bg.wasm', location.href);
        const bytes = async () => (await frame.fetch(url)).arrayBuffer();
        const given = await {
          URL: () => url, Request: () => new frame.Request(url), Response: () => frame.fetch(url), ArrayBuffer: bytes, Uint8Array: async () => new frame.Uint8Array(await bytes()),
          Module: async () => frame.WebAssembly.compile(await bytes()), options: () => Object.assign(new frame.Object(), { module: url }),
        }[source]();
        await lib.init(given);
        return lib.run(() => 'runs');
      }, source), 'runs');
    });
  }
}
