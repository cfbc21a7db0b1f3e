// Old code adds enumerable methods to the prototypes of arrays and objects.

import assert from 'node:assert/strict';

export default function polluted(test) {
  for (const where of ['Array', 'Object']) {
    test(`values and keys are what they are without an enumerable method of ${where}.prototype`, async tab => {
      assert.deepEqual(await tab.run(async ({ cacheData, sessionStore, stateRef }, where) => {
        const { prototype } = globalThis[where];
        const look = async () => {
          const seen = [];
          for (const value of [[1, 2], { a: 1, b: [{ c: 1 }] }, new Map([[{ a: 1 }, [1]]]), [, 1], { error: new Error('no') }]) {
            for (const copy of ['clone', 'freeze']) {
              const cached = cacheData(async x => x && value, { copy });
              await cached([1, { a: 1 }]);
              const got = await cached([1, { a: 1 }]);
              seen.push(JSON.stringify(got instanceof Map ? [...got] : got), JSON.stringify(Object.keys(got)), cached.stats().hits);
            }
          }
          const stored = cacheData(x => x, { persist: 'session', name: 'polluted' });
          stored({ a: [1] });
          const store = sessionStore({ namespace: 'polluted' });
          for (const value of [[1, 2], { a: [1] }, new Set([[1]])]) store.set(String(value), value);
          store.flush();
          seen.push(Object.entries(sessionStorage).filter(([key]) => key.includes('polluted')).sort(), stored({ a: [1] }), store.keys().sort(), stateRef('list', { factory: () => [1] }).value.length);
          store.clear();
          stored.clear();
          store.flush();
          return JSON.stringify(seen).replace(/\d{13}/, 'the time');
        };
        const before = await look();
        prototype.last = function () { return this[this.length - 1]; };
        prototype.part = { deep: [1] };
        try {
          const after = await look();
          return after === before ? 'the same' : [before, after];
        } finally {
          delete prototype.last;
          delete prototype.part;
        }
      }, where), 'the same');
    });
  }
}
