import { createStore } from 'zustand/vanilla';
import { createJSONStorage, persist } from 'zustand/middleware';
import * as taskloom from 'taskloom';
import { observed, timed } from '../harness/experiment.js';

const WRITES = 10_000;
const KEYS = Array.from({ length: 100 }, (_, i) => `key${i}`);
const SLOTS = 10_000;

/** Values that no two writes have in common. */
let last = 0;
const nextValue = () => ++last;

/** n bursts of 10,000 writes over 100 keys; `flush` sees that all of it is in sessionStorage. Returns how many writes reached it last. */
const bursts = ({ write, flush, stored }) => async (n) => {
  for (let burst = 0; burst < n; burst++) {
    for (let i = 0; i < WRITES; i++) write(i % KEYS.length, nextValue());
    await flush();
  }
  return KEYS.every((_, key) => stored(key) > last - WRITES);
};

const reads = (read) => async (n) => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += read(i % KEYS.length);
  return sum === n;
};

function zustandStore(name) {
  const options = { name, storage: createJSONStorage(() => sessionStorage) };
  return createStore(persist(() => Object.fromEntries(KEYS.map((key) => [key, 1])), options));
}

function writers() {
  sessionStorage.clear();
  const refs = KEYS.map((key) => taskloom.stateRef(key, { namespace: 'bench', factory: () => 1 }));
  const store = zustandStore('zustand');
  return {
    taskloom: bursts({
      write: (key, value) => { refs[key].value = value; },
      flush: async () => {},
      stored: (key) => Number(sessionStorage.getItem(`taskloom:bench:${KEYS[key]}`).split(':')[1]),
    }),
    'zustand persist': bursts({
      write: (key, value) => store.setState({ [KEYS[key]]: value }),
      flush: async () => {},
      stored: (key) => JSON.parse(sessionStorage.getItem('zustand')).state[KEYS[key]],
    }),
  };
}

function readers() {
  const refs = KEYS.map((key) => taskloom.stateRef(key, { namespace: 'read', factory: () => 1 }));
  const store = zustandStore('zustand read');
  return {
    taskloom: reads((key) => refs[key].value),
    'zustand persist': reads((key) => store.getState()[KEYS[key]]),
  };
}

/** A page that starts with 10,000 stored slots, of small objects: what it takes until it has its references. */
function starts() {
  let round = 0;
  const fill = () => {
    sessionStorage.clear();
    const namespace = `start${round++}`;
    const entries = Array.from({ length: SLOTS }, (_, i) => [`slot${i}`, { id: i, label: `slot ${i}`, tags: ['a', 'b'] }]);
    for (const [key, value] of entries) sessionStorage.setItem(`taskloom:${namespace}:${key}`, `t1:${JSON.stringify(value)}`);
    return { namespace, keys: entries.map(([key]) => key) };
  };
  const measured = (start) => async () => {
    const { namespace, keys } = fill();
    const begun = performance.now();
    const kept = start(namespace, keys);
    const time = performance.now() - begun;
    if (kept.length !== SLOTS) throw new Error('a slot is missing');
    return { time };
  };
  return {
    taskloom: measured((namespace, keys) => {
      const store = taskloom.sessionStore({ namespace });
      return keys.map((key) => store.ref(key));
    }),
    'reading their strings': measured((namespace, keys) => keys.map((key) => sessionStorage.getItem(`taskloom:${namespace}:${key}`))),
    'reading and parsing': measured((namespace, keys) => keys.map((key) => JSON.parse(sessionStorage.getItem(`taskloom:${namespace}:${key}`).slice(3)))),
    'every slot read once': measured((namespace, keys) => {
      const store = taskloom.sessionStore({ namespace });
      return keys.map((key) => store.get(key));
    }),
  };
}

/** 10,000 small objects as one value; and one that only a shape can tell. */
function largeValues() {
  sessionStorage.clear();
  const rows = Array.from({ length: SLOTS }, (_, id) => ({ id, label: `row ${id}`, share: id / 7 }));
  const store = taskloom.sessionStore({ namespace: 'large' });
  const stored = (write, read) => async (n) => {
    for (let i = 0; i < n; i++) {
      rows[0].id = i;
      write(rows);
    }
    rows[0].id = 0;
    return read().length > SLOTS;
  };
  return {
    taskloom: stored((value) => { store.set('rows', value); store.flush(); }, () => sessionStorage.getItem('taskloom:large:rows')),
    'JSON and setItem': stored((value) => sessionStorage.setItem('rows', JSON.stringify(value)), () => sessionStorage.getItem('rows')),
    'a value with a date': stored((value) => { store.set('dated', { value, at: new Date(0) }); store.flush(); }, () => sessionStorage.getItem('taskloom:large:dated')),
  };
}

export default [
  timed({
    name: 'set a slot',
    unit: 'us',
    per: WRITES,
    target: { peer: 'zustand persist', max: 0.05 },
    needs: ['stateRef'],
    contenders: async () => writers(),
  }),
  timed({
    name: 'get a slot',
    unit: 'ns',
    target: { peer: 'zustand persist', max: 2 },
    needs: ['stateRef'],
    contenders: async () => readers(),
  }),
  timed({
    name: 'store 10,000 small objects in one slot',
    unit: 'ms',
    target: { peer: 'JSON and setItem' },
    needs: ['sessionStore'],
    contenders: async () => largeValues(),
  }),
  observed({
    rows: { time: { name: 'start with 10,000 slots', unit: 'ms', target: { peer: 'reading their strings', max: 1.2 } } },
    needs: ['sessionStore'],
    rounds: 9,
    contenders: async () => starts(),
  }),
];
