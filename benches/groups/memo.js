import { QueryClient } from '@tanstack/query-core';
import { LRUCache } from 'lru-cache';
import memoizee from 'memoizee';
import pMemoize from 'p-memoize';
import * as taskloom from 'taskloom';
import { timed } from '../harness/experiment.js';

const MANY = 1_000;
const FLOATS = 131_072; // 1 MiB
const MAX_ENTRIES = 100_000;
const KEYS = 10 * MAX_ENTRIES;
const NAMES = Array.from({ length: 100 }, (_, i) => `name-${i}`);

/** What is cached: of an argument `{ a: 1, b: [1, 2] }` it makes 3. `executions` says how often it was called. */
function counted() {
  const add = ({ a, b: [, last] }) => {
    add.executions++;
    return a + last;
  };
  add.executions = 0;
  return add;
}

/** Throws unless all went as it should: the result of every sample, not only of the first. */
function checked(isRight) {
  if (!isRight) throw new Error('a wrong value, or one that was not from the cache');
  return true;
}

/** The same contenders, each around a function of its own, whose values must be right and all but the first from the cache. */
const hits = (makers, { isAsync }) => Object.fromEntries(Object.entries(makers).map(([name, make]) => {
  const add = counted();
  const call = make(isAsync ? async (argument) => add(argument) : (argument) => add(argument));
  // The argument is a new object for each call, as where an app writes it.
  const work = isAsync
    ? async (n) => {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += await call({ a: 1, b: [1, 2] });
        return checked(sum === 3 * n && add.executions === 1);
      }
    : async (n) => {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += call({ a: 1, b: [1, 2] });
        return checked(sum === 3 * n && add.executions === 1);
      };
  return [name, work];
}));

function syncHits() {
  return hits({
    taskloom: (fn) => taskloom.cacheData(fn, { copy: 'share' }),
    memoizee: (fn) => memoizee(fn, { normalizer: (args) => JSON.stringify(args[0]) }),
    'memoizee, all arguments': (fn) => memoizee(fn, { normalizer: (args) => JSON.stringify(args) }),
    'lru-cache': (fn) => {
      const cache = new LRUCache({ max: 1_000 });
      return (argument) => throughLru(cache, JSON.stringify(argument), argument, fn);
    },
  }, { isAsync: false });
}

/** As lru-cache is used around a function. */
function throughLru(cache, key, argument, fn) {
  let value = cache.get(key);
  if (value === undefined) {
    value = fn(argument);
    cache.set(key, value);
  }
  return value;
}

/** Hits of as many calls as are kept, with larger arguments, whose properties are in no order. */
function manyHits() {
  const query = (page) => ({ table: 'orders', page, filter: { to: 20.5, from: page / 2, tags: ['new', 'open'] } });
  const hit = (make) => {
    let executions = 0;
    const call = make((argument) => {
      executions++;
      return argument.page;
    });
    return async (n) => {
      let right = 0;
      for (let i = 0; i < n; i++) if (call(query(i % MANY)) === i % MANY) right++;
      return checked(right === n && executions <= MANY);
    };
  };
  return {
    taskloom: hit((fn) => taskloom.cacheData(fn)),
    memoizee: hit((fn) => memoizee(fn, { normalizer: (args) => JSON.stringify(args[0]) })),
    'lru-cache': hit((fn) => {
      const cache = new LRUCache({ max: MANY });
      return (argument) => throughLru(cache, JSON.stringify(argument), argument, fn);
    }),
  };
}

function asyncHits() {
  const client = new QueryClient();
  return hits({
    taskloom: (fn) => taskloom.cacheData(fn, { copy: 'share' }),
    'p-memoize': (fn) => pMemoize(fn, { cacheKey: JSON.stringify }),
    '@tanstack/query-core': (fn) => (argument) =>
      client.fetchQuery({ queryKey: [argument], queryFn: () => fn(argument), staleTime: Infinity }),
  }, { isAsync: true });
}

/** One call with a mebibyte of data, and its hash by the platform. */
async function largeKeys() {
  const data = Float64Array.from({ length: FLOATS }, () => Math.random());
  let executions = 0;
  const middle = taskloom.cacheData((floats) => {
    executions++;
    return floats[FLOATS / 2];
  }, { copy: 'share' });
  const digest = async () => new DataView(await crypto.subtle.digest('SHA-256', data)).getBigUint64(0);

  // Neither is to pass by looking at a part of it.
  const value = middle(data);
  const digested = await digest();
  const bytes = new Uint8Array(data.buffer);
  bytes[bytes.length - 9] ^= 1;
  middle(data);
  if (executions !== 2 || (await digest()) === digested) throw new Error('a changed byte has made no difference');
  bytes[bytes.length - 9] ^= 1;

  return {
    taskloom: async (n) => {
      let right = 0;
      for (let i = 0; i < n; i++) if (middle(data) === value) right++;
      return checked(right === n && executions === 2);
    },
    'SHA-256 (WebCrypto)': async (n) => {
      let right = 0;
      for (let i = 0; i < n; i++) if ((await digest()) === digested) right++;
      return checked(right === n);
    },
  };
}

/** Calls with random keys, ten times as many as there is room for. Both keep what was used last, so that both hit at the same calls. */
function evictions() {
  const keys = Array.from({ length: KEYS }, (_, i) => `key-${i}`);
  new Set(keys); // has each string hashed once, at nobody's expense
  const order = randomIndices(1 << 20, KEYS);
  let misses = 0;
  const fn = (key) => {
    misses++;
    return key;
  };
  const cached = taskloom.cacheData(fn, { maxEntries: MAX_ENTRIES, copy: 'share' });
  const cache = new LRUCache({ max: MAX_ENTRIES });
  const missed = [];
  const walk = (call) => {
    let at = 0;
    const some = async (n) => {
      let right = 0;
      for (let i = 0; i < n; i++) {
        const key = keys[order[at++ & (order.length - 1)]];
        if (call(key) === key) right++;
      }
      return checked(right === n);
    };
    // Until each cache is full, and as long again.
    misses = 0;
    some(3 * MAX_ENTRIES);
    misses = 0;
    some(MAX_ENTRIES);
    missed.push(misses);
    return some;
  };
  const contenders = {
    taskloom: walk(cached),
    'lru-cache': walk((key) => throughLru(cache, key, key, fn)),
  };
  const [ours, theirs] = missed.map((count) => count / MAX_ENTRIES);
  if (ours !== theirs || ours < 0.89 || ours > 0.91) throw new Error(`${ours} of the calls missed, of lru-cache's ${theirs}`);
  return contenders;
}

/** The same ones each time: a linear congruential generator. */
function randomIndices(length, below) {
  let state = 1;
  return Uint32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  });
}

function primitiveHits() {
  const hit = (make) => {
    let executions = 0;
    const call = make((name) => {
      executions++;
      return name;
    });
    return async (n) => {
      let right = 0;
      for (let i = 0; i < n; i++) if (call(NAMES[i % NAMES.length]) === NAMES[i % NAMES.length]) right++;
      return checked(right === n && executions <= NAMES.length);
    };
  };
  return {
    taskloom: hit((fn) => taskloom.cacheData(fn)),
    memoizee: hit((fn) => memoizee(fn, { primitive: true })),
    'lru-cache': hit((fn) => {
      const cache = new LRUCache({ max: 1_000 });
      return (name) => throughLru(cache, name, name, fn);
    }),
  };
}

/** A hit that hands out a copy of 1,000 small objects. */
function copies() {
  const made = () => Array.from({ length: 1_000 }, (_, id) => ({ id, label: `row ${id}`, share: id / 7 }));
  const rows = made();
  const take = (call) => {
    call(); // of a synchronous function the first caller gets what it has returned
    return async (n) => {
      let right = 0;
      for (let i = 0; i < n; i++) {
        const copy = call();
        if (copy.length === 1_000 && copy[999].label === 'row 999') right++;
        copy[999].label = 'changed'; // which the next caller must not see
      }
      return checked(right === n);
    };
  };
  return {
    taskloom: take(taskloom.cacheData(made)),
    structuredClone: take(() => structuredClone(rows)),
    'JSON and back': take(() => JSON.parse(JSON.stringify(rows))),
  };
}

/** n bursts of calls that share one execution, and keep nothing of it. */
function bursts() {
  const burst = (make) => {
    let executions = 0;
    const call = make(async (key) => {
      executions++;
      await null;
      return key;
    });
    return async (n) => {
      executions = 0;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const started = [];
        for (let caller = 0; caller < MANY; caller++) started.push(call(1));
        for (const value of await Promise.all(started)) sum += value;
        call.ended?.();
      }
      return checked(sum === n * MANY && executions === n);
    };
  };
  return {
    taskloom: burst((fn) => taskloom.cacheData(fn, { ttl: 0 })),
    'p-memoize': burst((fn) => pMemoize(fn, { cache: false })),
    '@tanstack/query-core': burst((fn) => {
      const client = new QueryClient();
      return (key) => client.fetchQuery({ queryKey: [key], queryFn: () => fn(key) });
    }),
    'lru-cache': burst((fn) => {
      const cache = new LRUCache({ max: 1_000, fetchMethod: fn });
      return Object.assign((key) => cache.fetch(key), { ended: () => cache.clear() });
    }),
  };
}

export default [
  timed({
    name: 'sync hit',
    unit: 'ns',
    target: { peer: 'memoizee', max: 1.5 },
    needs: ['cacheData'],
    contenders: async () => syncHits(),
  }),
  timed({
    name: 'async hit',
    unit: 'ns',
    target: { peer: 'p-memoize', max: 0.5, also: [{ peer: '@tanstack/query-core', max: 0.3 }] },
    needs: ['cacheData'],
    contenders: async () => asyncHits(),
  }),
  timed({
    name: 'key of 1 MiB',
    unit: 'us',
    target: { peer: 'SHA-256 (WebCrypto)', max: 0.15 },
    needs: ['cacheData'],
    contenders: largeKeys,
  }),
  timed({
    name: '10 % hits with eviction',
    unit: 'ns',
    target: { peer: 'lru-cache', max: 1 },
    needs: ['cacheData'],
    contenders: async () => evictions(),
  }),
  timed({
    name: 'sync hit, 1,000 keys',
    unit: 'ns',
    target: { peer: 'memoizee' },
    needs: ['cacheData'],
    contenders: async () => manyHits(),
  }),
  timed({
    name: 'hit of a primitive argument',
    unit: 'ns',
    target: { peer: 'memoizee' },
    needs: ['cacheData'],
    contenders: async () => primitiveHits(),
  }),
  timed({
    name: 'hit that copies 1,000 small objects',
    unit: 'us',
    target: { peer: 'structuredClone' },
    needs: ['cacheData'],
    contenders: async () => copies(),
  }),
  timed({
    name: 'burst of 1,000 concurrent calls of one key',
    unit: 'ns',
    per: MANY,
    target: { peer: 'p-memoize' },
    needs: ['cacheData'],
    contenders: async () => bursts(),
  }),
];
