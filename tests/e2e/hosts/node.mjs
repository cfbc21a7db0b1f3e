// Plain Node.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inProject } from './support.mjs';

describe('the package in Node', () => {
  const { script } = inProject();

  const holds = async (body, shown, options) => {
    const outcome = await script(body, options);
    assert.deepEqual(outcome, { shown, code: 0, errors: '' });
  };

  it('importing it touches no global of the host', () => holds(async () => {
    const touched = [];
    const names = [
      'TextDecoder', 'TextEncoder', 'Response', 'Request', 'fetch', 'MessageChannel', 'BroadcastChannel', 'addEventListener', 'navigator', 'document',
      'window', 'self', 'location', 'localStorage', 'sessionStorage', 'indexedDB', 'Worker', 'SharedArrayBuffer', 'crypto', 'performance', 'scheduler',
      'setTimeout', 'requestIdleCallback', 'reportError', 'structuredClone', 'WebAssembly', 'ReadableStream', 'Intl', 'DOMException', 'AbortController',
    ];
    const values = names.map(name => globalThis[name]); // Node makes some of them from others, when they are first read
    for (const [index, name] of names.entries()) {
      const value = values[index];
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          if (new Error().stack.includes('node_modules')) touched.push(name); // Node's own code may
          return value;
        },
        set() {},
      });
    }
    const entries = ['taskloom', 'taskloom/slim', 'taskloom/inline', 'taskloom/worker'];
    for (const entry of entries) await import(entry);
    show(touched.filter((name, index) => touched.indexOf(name) === index));
  }, [[]]));

  it('what stands at the top of a module can be made without init(), and looks for nothing that a server lacks', () => holds(async () => {
    const touched = [];
    for (const name of ['fetch', 'BroadcastChannel', 'MessageChannel', 'localStorage', 'sessionStorage', 'indexedDB', 'Worker', 'document', 'WebAssembly']) {
      const value = globalThis[name]; // Node makes some of them from others, when they are first read
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          touched.push(name);
          return value;
        },
        set() {},
      });
    }
    const { TaskManager, RetryPolicy, WorkerPool, Cron, cacheData, cacheResource, stateRef, sessionStore } = await import('taskloom');
    new TaskManager({ concurrency: 2, timeout: '1m' });
    new RetryPolicy({ baseDelay: '1s' });
    new WorkerPool('/jobs.js', { idleTimeout: '1m' });
    new Cron('0 9 * * MON-FRI');
    cacheData(async word => word, { ttl: '1m' });
    cacheResource(() => ({}));
    stateRef('word', { factory: () => 'a', expiresIn: '1h' });
    sessionStore({ namespace: 'page', storage: 'local' });
    show(touched);
  }, [[]]));

  it('what is made for a request, and forgotten with it, is kept by nobody', () => holds(async () => {
    (await import('node:v8')).setFlagsFromString('--expose_gc');
    const collect = (await import('node:vm')).runInNewContext('gc');
    const { TaskManager, RetryPolicy, stateRef } = await import('taskloom');
    const made = Array.from({ length: 300 }, () => [new TaskManager(), new RetryPolicy(), stateRef('word')].map(each => new WeakRef(each))).flat();
    let kept = made.length;
    for (let round = 0; round < 50 && kept > 0; round++) {
      await new Promise(resolve => setTimeout(resolve, 10));
      collect();
      kept = made.filter(reference => reference.deref()).length;
    }
    show(kept);
  }, [0]));

  it('calls start init() by themselves, and the process ends when they are done', () => holds(async () => {
    const { run, cacheData, stateRef, WorkerPool } = await import('taskloom');
    const count = stateRef('count', { storage: 'memory', factory: () => 3 });
    const pool = new WorkerPool('/jobs.js');
    const call = pool.run('add', [1, 2]);
    const load = cacheData(async word => `${word}!`);
    show(await Promise.all([run(() => 'works', { timeout: '1h' }), load('a')]));
    show([count.value, await call.catch(error => error.code), await pool.run('add', [1, 2]).catch(error => error.code)]);
  }, [['works', 'a!'], [3, 'not-supported', 'not-supported']]));

  it('init() reads the wasm of the package itself, and tasks run as in a page', () => holds(async () => {
    const { default: init, run, gather, TaskManager } = await import('taskloom');
    await init();
    const task = run(async ctx => {
      ctx.progress(1);
      for (let i = 0; i < 3; i++) {
        for (const end = performance.now() + 10; performance.now() < end;);
        await ctx.checkpoint();
      }
      return 'done';
    }, { name: 'first' });
    show([await task, task.progress]);
    show(await gather(['user-blocking', 'user-visible', 'background'].map(priority => run(() => priority, { priority }))));
    show(await run(() => { throw new RangeError('no'); }).catch(error => error.name));
    const manager = new TaskManager({ concurrency: 1 });
    show(await gather([1, 2, 3].map(n => manager.submit(async () => n))));
  }, [['done', 1], ['user-blocking', 'user-visible', 'background'], 'RangeError', [1, 2, 3]]));

  it('init() takes what a page would give it: bytes, a module, a file URL as text, a Response', async () => {
    for (const source of ['bytes', 'await WebAssembly.compile(bytes)', 'url.href', 'url', 'new Response(bytes)', 'bytes.buffer',
      "new Response(bytes, { headers: { 'Content-Type': 'application/wasm' } })", "Promise.resolve(new (require('node:url').URL)(url))"]) {
      await holds(`
        import { createRequire } from 'node:module';
        import { readFileSync } from 'node:fs';
        import init, { run } from 'taskloom/slim';
        const require = createRequire(import.meta.url);
        const url = new URL(import.meta.resolve('taskloom/wasm'));
        const bytes = Uint8Array.from(readFileSync(url));
        await init(${source});
        console.log(await run(() => 1));`, [1]);
    }
  });

  it('the process ends by itself while limits, caches and schedules still wait', () => holds(async () => {
    const { default: init, run, cacheData, scheduleInterval, scheduleCron, stateRef } = await import('taskloom');
    await init();
    await run(() => 1, { timeout: '1h' });
    await run(() => 1, { priority: 'background', queueTimeout: '1h' });
    await run(async ctx => {
      for (const end = performance.now() + 10; performance.now() < end;);
      await ctx.checkpoint();
    });
    run(() => new Promise(() => {}), { timeout: '1h' }); // nobody waits for it
    const cached = cacheData(async n => n, { ttl: '1h', refresh: 'background' });
    await cached(1);
    scheduleInterval(() => {}, { every: '1h' });
    scheduleCron(() => {}, { cron: '0 0 1 1 *' });
    stateRef('n', { factory: () => 1, storage: 'memory', expiresIn: '1h' });
    show('over');
  }, ['over']));

  it('a task that somebody waits for keeps the process until it settles: retries, rate limits, timeouts', () => holds(async () => {
    const { default: init, run, gather, TaskManager } = await import('taskloom');
    await init();
    show(await run(ctx => {
      if (ctx.attempt < 3) throw new Error('again');
      return ctx.attempt;
    }, { retry: { maxAttempts: 3, baseDelay: 30 } }));
    show(await run(() => new Promise(() => {}), { timeout: 30 }).catch(error => error.name));
    show(await run(() => new Promise(() => {}), { retry: { maxAttempts: 2, baseDelay: 10, attemptTimeout: 20 } }).catch(error => error.name));
    const limited = new TaskManager({ rateLimit: { limit: 1, per: 30 } });
    show(await gather([1, 2, 3].map(n => limited.submit(() => n))));
  }, [3, 'TimeoutError', 'TimeoutError', [1, 2, 3]]));

  it('state is kept in memory, which each kind of storage reports once', () => holds(async () => {
    const { default: init, stateRef, sessionStore } = await import('taskloom');
    await init();
    const warnings = [];
    console.warn = message => warnings.push(message);
    const errors = [];
    const onError = error => errors.push([error.code, error.namespace]);
    const local = sessionStore({ storage: 'local', namespace: 'ours', onError });
    local.set('a', 1);
    sessionStore({ storage: 'local', onError }).set('b', 2);
    const ref = stateRef('count', { factory: () => 1 });
    ref.reduce(n => n + 1);
    stateRef('other', { factory: () => 0 });
    show([local.get('a'), local.storage, ref.value, stateRef('count').value, ref.persisted, local.flush()]);
    show([errors, warnings.length, /sessionStorage/.test(warnings[0])]);
  }, [[1, 'memory', 2, 2, false, false], [[['storage-blocked', 'ours']], 1, true]]));

  it('caches and jobs of all tabs are those of this process', () => holds(async () => {
    const { default: init, cacheData, scheduleInterval } = await import('taskloom');
    await init();
    const warnings = [];
    console.warn = message => warnings.push(message);
    let calls = 0;
    const cached = cacheData(async n => { calls++; return n * 2; }, { name: 'double', scope: 'origin' });
    const other = cacheData(async n => n, { name: 'same', scope: 'origin' });
    show([await Promise.all([cached(1), cached(1)]), await cached(1), await other(3), calls]);
    cached.clear();
    show([await cached(1), calls]);
    const stored = cacheData(async n => { calls++; return n; }, { name: 'stored', persist: 'local' });
    show([await stored(1), await stored(1), calls]);
    let ran;
    const run = new Promise(resolve => { ran = resolve; });
    const job = scheduleInterval(() => ran('ran'), { every: 30, jobId: 'job', scope: 'origin' });
    const held = setTimeout(() => {}, 20_000); // a schedule alone keeps no process
    show(await run);
    clearTimeout(held);
    job.cancel();
    show(warnings.map(message => /^taskloom: (\w+)/.exec(message)[1]).sort());
  }, [[[2, 2], 2, 3, 1], [2, 2], [1, 1, 3], 'ran', ['IndexedDB', 'IndexedDB', 'localStorage']]));

  it('without workers a pool is not-supported, and says so', () => holds(async () => {
    const { default: init, WorkerPool, run } = await import('taskloom');
    const { inlineWorkerPool } = await import('taskloom/inline');
    await init();
    for (const make of [() => new WorkerPool('/jobs.js'), () => new WorkerPool(() => {}), () => inlineWorkerPool()]) {
      try {
        make();
      } catch (error) {
        show([error.code, /Worker/.test(error.message)]);
      }
    }
    show(await run(() => 'goes on'));
  }, [['not-supported', true], ['not-supported', true], ['not-supported', true], 'goes on']));

  it("an error of a caller's own listener is an uncaught one, as everywhere", async () => {
    const { shown, code, errors } = await script(async () => {
      const { default: init, stateRef } = await import('taskloom');
      await init();
      const ref = stateRef('n', { factory: () => 1, storage: 'memory' });
      ref.subscribe(() => { throw new RangeError("the listener's"); });
      ref.value = 2;
      show(ref.value);
    });
    assert.deepEqual([shown, code], [[2], 1]);
    assert.match(errors, /RangeError: the listener's/);
  });

  it('what is no module is refused, and init() works after that', () => holds(async () => {
    const { default: init } = await import('taskloom');
    for (const source of [1, [], new Date(0), () => {}]) show(await init(source).catch(error => error.code));
    await init();
  }, Array(4).fill('invalid-argument')));
});
