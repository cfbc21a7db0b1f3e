// What is held on to: nothing that has gone, and no cache that nobody has. Collected on request by the DevTools protocol, so in Chromium only.

import assert from 'node:assert/strict';

/** Returns a function that collects garbage. */
async function collecting(tab) {
  const devtools = await tab.page.context().newCDPSession(tab.page);
  return () => devtools.send('HeapProfiler.collectGarbage');
}

export default function garbage(test, { browser }) {
  if (browser.name !== 'Chromium') return;

  test('a value that was evicted, cleared, replaced, expired or cancelled is not held, nor one of a disposed cache', async tab => {
    const collect = await collecting(tab);
    const names = await tab.run(async ({ cacheResource, until, nextTurn, job, deferred }) => {
      window.refs = {};
      window.holds = [];
      const hold = (name, options) => {
        const cached = cacheResource(key => {
          const value = { name, key };
          if (key === 'a') window.refs[name] ??= new WeakRef(value); // the first
          return value;
        }, options);
        window.holds.push(cached);
        return cached;
      };
      const one = hold('evicted', { maxEntries: 1 });
      one('a');
      one('b');
      const two = hold('cleared');
      two('a');
      two.clear('a');
      const three = hold('all cleared');
      three('a');
      three.clear();
      const four = hold('expired', { ttl: 10 });
      four('a');
      await until(() => four.stats().entries === 0);
      const five = hold('invalid', { validate: () => false });
      five('a');
      five('a');
      const six = cacheResource(() => ({}));
      window.holds.push(six);
      (() => { window.refs.replaced = new WeakRef(six()); })();
      six.refresh();
      const gate = deferred();
      const seven = cacheResource(job(async () => { await gate.promise; const value = {}; window.refs.cancelled = new WeakRef(value); return value; }));
      window.holds.push(seven);
      const controller = new AbortController();
      const left = seven.with({ signal: controller.signal })().catch(() => {});
      await nextTurn();
      controller.abort();
      gate.resolve();
      await left;
      const eight = hold('still there');
      eight('a');
      const nine = hold('disposed', { ttl: '1h' });
      nine('a');
      nine[Symbol.dispose]();
      await nextTurn();
      await nextTurn();
      return Object.keys(window.refs);
    });
    await collect();
    const left = await tab.bare(() => Object.keys(window.refs).filter(name => window.refs[name].deref()));
    assert.deepEqual([names.length, left], [9, ['still there']]);
  });

  test('an argument of a call is not held, unless a refresh needs it', async tab => {
    const collect = await collecting(tab);
    await tab.run(async ({ cacheData, objectId, nextTurn }) => {
      window.refs = {};
      class Connection {}
      const use = (name, options) => {
        const cached = cacheData(async (connection, x) => x, options);
        const connection = new Connection();
        window.refs[name] = new WeakRef(connection);
        return [cached, cached(connection, 1)];
      };
      window.holds = [use('ignored', { ignore: [0] }), use('hashed', { hashFuncs: new Map([[Connection, objectId]]) }), use('every hour', { ignore: [0], refreshEvery: '1h' })];
      await Promise.all(window.holds.map(([, call]) => call));
      window.holds = window.holds.map(([cached]) => cached);
      await nextTurn();
    });
    await collect();
    assert.deepEqual(await tab.bare(() => Object.keys(window.refs).filter(name => window.refs[name].deref())), ['every hour']);
  });

  test('a cached function that nobody holds is collected with its values, whatever timers it has', async tab => {
    const collect = await collecting(tab);
    await tab.run(async ({ cacheData, cacheResource, nextTurn }) => {
      window.refs = {};
      const leave = (name, cached) => {
        const value = cached(1);
        window.refs[name] = new WeakRef(cached);
        if (typeof value === 'object' && !(value instanceof Promise)) window.refs[`${name}: value`] = new WeakRef(value);
        return value;
      };
      leave('plain', cacheResource(() => ({})));
      leave('with ttl', cacheResource(() => ({}), { ttl: '1h' }));
      leave('refreshed', cacheResource(() => ({}), { refreshEvery: '1h' }));
      await leave('asynchronous', cacheData(async () => ({}), { ttl: '1h', refresh: 'background' }));
      window.holds = cacheResource(() => ({}));
      leave('held', window.holds);
      await nextTurn();
    });
    await collect();
    assert.deepEqual(await tab.bare(() => Object.keys(window.refs).filter(name => window.refs[name].deref())), ['held', 'held: value']);
  });

  test('a caller\'s signal is not listened to once the call is over', async tab => {
    const collect = await collecting(tab);
    assert.equal(await tab.run(async ({ cacheData, nextTurn }) => {
      window.controller = new AbortController();
      let listeners = 0;
      const { signal } = window.controller;
      const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
      signal.addEventListener = (...args) => { listeners++; add(...args); };
      signal.removeEventListener = (...args) => { listeners--; remove(...args); };
      const cached = cacheData(async x => ({ x }));
      const bound = cached.with({ signal });
      for (let i = 0; i < 50; i++) await bound(i % 10);
      await nextTurn();
      window.ref = new WeakRef(cached);
      return listeners;
    }), 0);
    await collect();
    assert.equal(await tab.bare(() => window.ref.deref() === undefined), true);
  });

  test('100,000 values through a cache of 100 leave the heap as it was, and more need no more wasm memory', async tab => {
    await tab.bare(() => {
      const { Instance } = WebAssembly;
      WebAssembly.Instance = class extends Instance {
        constructor(...args) {
          super(...args);
          window.wasmMemory ??= Object.values(this.exports).find(each => each instanceof WebAssembly.Memory); // by whatever name; the base has it
        }
      };
    });
    const devtools = await tab.page.context().newCDPSession(tab.page);
    const round = async () => {
      await tab.run(async ({ cacheData }) => {
        window.sync ??= cacheData(x => ({ x }), { maxEntries: 100, ttl: '1h' });
        window.later ??= cacheData(async x => ({ x }), { maxEntries: 100 });
        for (let i = 0; i < 100_000; i++) {
          window.sync({ key: i });
          if (i % 10 === 0) await window.later({ key: i });
        }
      });
      await devtools.send('HeapProfiler.collectGarbage');
      return { heap: (await devtools.send('Runtime.getHeapUsage')).usedSize, wasm: await tab.bare(() => window.wasmMemory.buffer.byteLength) };
    };
    await round();
    const first = await round();
    const second = await round();
    assert.equal(second.wasm, first.wasm, 'the second round needs more wasm memory');
    assert(second.heap - first.heap < 2 ** 20, `${second.heap - first.heap} bytes are left`);
  });
}
