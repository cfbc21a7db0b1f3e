// What each value decides for itself, in storage and for all tabs.

import assert from 'node:assert/strict';
import { reload } from '../state/support.mjs';

export default function judging(test) {
  test('with persist each value is stored with its own time, and one that keepIf refuses is not', async tab => {
    const open = () => tab.run(({ cacheData }) => {
      window.runs = [];
      window.load = cacheData(n => {
        window.runs.push(n);
        return n;
      }, { persist: 'session', name: 'judged', ttl: n => (n === 1 ? '1h' : Infinity), keepIf: n => n !== 3 });
    });
    await open();
    await tab.bare(async () => {
      for (const n of [1, 2, 3]) window.load(n);
      window.load.set([4], 4);
      window.load.set([3], 3);
      await null;
    });
    await reload(tab);
    await open();
    assert.deepEqual(await tab.bare(() => {
      const { expiresIn } = window.load.info(1);
      const seen = [[1, 2, 3, 4].map(n => window.load.has(n)), expiresIn > 0 && expiresIn <= 3_600_000, window.load.info(2).expiresIn === null || window.load.info(2).expiresIn === Infinity,
        window.load.clearIf(n => n === 4), [1, 2, 3, 4].map(n => window.load(n)), window.runs];
      return seen;
    }), [[true, true, false, true], true, true, 1, [1, 2, 3, 4], [3, 4]]);
  });

  test("with scope 'origin' other tabs get each value with its own time, what set() stores too, and nothing of one that keepIf refuses", async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const open = runs => cacheData(async n => {
        runs.push(n);
        return n;
      }, { scope: 'origin', name: 'judged', ttl: n => (n === 1 ? '1h' : Infinity), keepIf: n => n !== 3 });
      const free = () => until(async () => !(await navigator.locks.query()).held.some(({ name }) => name.startsWith('taskloom-cache')));
      const [mine, theirs] = [[], []];
      const [one, two] = [open(mine), open(theirs)]; // as good as two tabs
      for (const n of [1, 2, 3]) await one(n);
      one.set([4], 4);
      one.set([5], Promise.resolve(5));
      await until(() => new Promise(resolve => {
        const opening = indexedDB.open('taskloom');
        opening.onsuccess = () => {
          const reading = opening.result.transaction('entries').objectStore('entries').getAll();
          reading.onsuccess = () => {
            opening.result.close();
            resolve(reading.result.length === 4);
          };
        };
      }));
      await free();
      const got = [];
      for (const n of [1, 2, 3, 4, 5]) got.push(await two(n));
      const { expiresIn } = two.info(1);
      return [got, mine, theirs, expiresIn > 0 && expiresIn <= 3_600_000, two.info(2).expiresIn === Infinity];
    }), [[1, 2, 3, 4, 5], [1, 2, 3], [3], true, true]);
  });
}
