// Storage that is full, forbidden or damaged, and values and keys that are hard to store.

import assert from 'node:assert/strict';
import { addFill, reload } from '../state/support.mjs';
import { begin, ending, open, openShared } from './support.mjs';

export default function quota(test) {
  /** A cache of long texts; and what others have in the same storage. */
  const openLong = async tab => {
    await addFill(tab);
    await open(tab);
    await tab.run(({ cacheData, sessionStore }) => {
      window.long = cacheData((key, length) => `${key}${'y'.repeat(length)}`, { name: 'long', persist: 'session', key: key => key });
      window.told = [];
      window.long.subscribe(({ type, error }) => { if (type === 'error') window.told.push(error.code); });
      window.long.stored = () => Object.keys(sessionStorage).filter(key => key.startsWith('taskloom:taskloom.cache.long@0:')).map(key => /\w(?=\W*$)/.exec(key)[0]).sort().join('');
      window.load('theirs');
      sessionStore({ namespace: 'q' }).set('state', 'kept').flush();
      sessionStorage.setItem('foreign', 'kept');
      window.others = () => [window.load.has('theirs'), window.texts().length, sessionStorage.getItem('taskloom:q:state'), sessionStorage.getItem('foreign'), sessionStorage.getItem('filler').length > 1e6];
    });
  };
  const OTHERS = [true, 1, 't1:"kept"', 'kept', true];

  test('in a full storage the values that were not used for longest make room for a new one, and no more of them than it takes', async tab => {
    await openLong(tab);
    assert.deepEqual(await tab.bare(async ({ until, nextTurn }) => {
      for (const key of 'abcdefgh') window.long(key, 1000);
      await nextTurn();
      window.fill(100);
      window.long('a', 1000); // used again: b, c and so on are older
      window.long('n', 1500);
      await until(() => window.long.stored().includes('n'));
      const kept = ['a', 'h', 'n'].map(key => window.long.has(key));
      return [kept, window.long.has('b'), window.long.stored(), window.long.stats().evictions >= 2 && window.long.stats().evictions <= 3, window.told, window.others()];
    }), [[true, true, true], false, 'aefghn', true, [], OTHERS]);
    await reload(tab);
    await open(tab, { name: 'long' });
    assert.deepEqual(await tab.bare(() => [window.load.has('n'), window.load.has('b')]), [true, false]);
  });

  test('many values in a storage with little room: each call is served, the newest are stored, others lose nothing', async tab => {
    await openLong(tab);
    assert.deepEqual(await tab.bare(async ({ nextTurn }) => {
      window.fill(10_000);
      const wrong = [];
      for (let i = 0; i < 300; i++) {
        const key = String.fromCharCode(97 + i * 7 % 26);
        const value = window.long(key, 500 + i * 37 % 3000);
        if (value[0] !== key) wrong.push(value.slice(0, 9));
        if (i % 3 === 0) await nextTurn();
        if (i % 3 === 0 && !window.long.stored().includes(key)) wrong.push(`${key} of call ${i} is not stored`);
      }
      await nextTurn();
      return [wrong, window.told, window.long.stats().entries === window.long.stored().length, window.others()];
    }), [[], [], true, OTHERS]);
  });

  test('a value that is larger than the whole storage stays in memory, and that is told; others lose nothing', async tab => {
    await openLong(tab);
    assert.deepEqual(await tab.bare(async ({ until, nextTurn }) => {
      window.long('a', 1000);
      await nextTurn();
      window.fill(100);
      const { length } = window.long('n', 100_000);
      await until(() => window.told.length > 0);
      await nextTurn();
      return [length, window.long('n').length, window.long.stats().misses, window.long.stored().includes('n'), window.told, window.others()];
    }), [100_001, 100_001, 2, false, ['quota-exceeded'], OTHERS]);
  });

  test('a value that had no room is stored when there is some', async tab => {
    await openLong(tab);
    await tab.bare(async ({ until, nextTurn }) => {
      window.fill(100);
      window.long('n', 5000);
      await until(() => window.told.length > 0);
      sessionStorage.removeItem('filler');
      window.long('m', 10);
      await nextTurn();
    });
    await reload(tab);
    await open(tab, { name: 'long' });
    assert.equal(await tab.bare(() => window.load.has('m')), true);
  });

  test('where IndexedDB has no room a value is its callers\', and that it is not stored for other tabs is told', async tab => {
    await tab.bare(() => { IDBObjectStore.prototype.put = () => { throw new DOMException('no room at all', 'QuotaExceededError'); }; });
    await openShared(tab, 'one', { run: crypto.randomUUID() });
    await begin(tab);
    assert.equal(await ending(tab), 'one');
    assert.deepEqual(await tab.bare(async ({ until }) => {
      await until(() => window.events.some(event => event.startsWith('error')));
      return [(await window.load('a')).by, window.load.stats().misses, await window.records(), window.events];
    }), ['one', 1, [], ['stored', 'error quota-exceeded']]);
  });

  for (const [what, block] of Object.entries({
    'is forbidden': () => void Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } }),
    'is not there': () => void Object.defineProperty(window, 'sessionStorage', { value: null }),
    'refuses to be read': () => { Storage.prototype.getItem = () => { throw new DOMException('no', 'SecurityError'); }; },
  })) {
    test(`where storage ${what} values are kept in memory, and a listener is told once`, async tab => {
      await tab.bare(block);
      await open(tab);
      assert.deepEqual(await tab.bare(async ({ nextTurn }) => {
        const seen = [window.load('a').nth, window.load('a').nth, window.load('b').nth];
        await nextTurn();
        window.load.clear('a');
        return [...seen, window.load('a').nth, window.events.filter(event => event.startsWith('error'))];
      }), [1, 1, 2, 3, ['error storage-blocked']]);
    });
  }

  test('where storage can be read and never written, values are in memory, and each is told', async tab => {
    await tab.bare(() => { Storage.prototype.setItem = () => { throw new DOMException('no room at all', 'QuotaExceededError'); }; });
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ until }) => {
      const first = window.load('a').nth;
      await until(() => window.events.includes('error quota-exceeded'));
      return [first, window.load('a').nth, window.calls.length];
    }), [1, 1, 1]);
  });

  const DAMAGED = {
    'the empty text': '', 'a foreign text': '{"a":1}', 'a cut off text': 't1:[1,null,"v"', 'no record': 't1:5', 'a list of texts': 't1:["a","b","c","d"]', 'a short record': 't1:[1,null,"v"]',
    'a long record': 't1:[1,null,"v",false,1]', 'an object': 't1:{"length":4,"0":1}', 'null': 't1:null',
    'an end that is no number': 't1e:[1,null,"v",false]', 'another version of the format': 't2:[1,null,"v",false]', 'an unknown shape': 't1*q;[]',
  };

  /** Puts texts under the keys of entries. */
  const plant = (tab, texts) => tab.bare(async ({ nextTurn }, texts) => {
    for (const [name, text] of Object.entries(texts)) {
      const before = new Set(Object.keys(sessionStorage));
      window.load(name);
      await nextTurn();
      sessionStorage.setItem(Object.keys(sessionStorage).find(key => !before.has(key)), text);
    }
  }, texts);

  test('a damaged or foreign text under an entry\'s key is thrown at nobody: the value is made anew, and stored', async tab => {
    await open(tab);
    await plant(tab, DAMAGED);
    await reload(tab);
    await open(tab, { ttl: '1h' });
    assert.deepEqual(await tab.bare(async (_, names) => {
      const wrong = [];
      for (const name of names) {
        const before = [window.load.has(name), window.load.peek(name)];
        const value = window.load(name);
        if (before[0] || before[1] !== undefined || value.args?.[0] !== name) wrong.push([name, before, value]);
      }
      return wrong;
    }, Object.keys(DAMAGED)), []);
    await reload(tab);
    await open(tab, { ttl: '1h' });
    assert.deepEqual(await tab.bare((_, names) => [names.filter(name => window.load(name).args[0] !== name), window.calls.length], Object.keys(DAMAGED)), [[], 0]);
  });

  test('a record whose end is no time is damaged, too, and not fresh for ever', async tab => {
    await open(tab);
    await plant(tab, { a: 't1:[1,"soon","v",false]' });
    await reload(tab);
    await open(tab, { ttl: '1h' });
    assert.deepEqual(await tab.bare(() => [window.load.has('a'), window.load('a').nth]), [false, 1]);
  });

  test('a text that another has damaged since the page was loaded is no value any more', async tab => {
    await open(tab);
    await plant(tab, { a: 't1:[1,null,"v",false]' });
    await reload(tab);
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ until }) => {
      sessionStorage.setItem(Object.keys(sessionStorage).find(key => key.startsWith('taskloom:taskloom.cache.load@0:')), 'broken');
      const value = window.load('a');
      await until(() => window.events.includes('error corrupt'));
      return [value.nth, window.calls.length];
    }), [1, 1]);
  });

  test('a value that has no text stays in memory, that is told, and a text of an earlier value does not come back', async tab => {
    const make = async ({ cacheData, until }, withFunction) => {
      window.told = [];
      let calls = 0;
      const load = cacheData(key => {
        calls++;
        return withFunction || calls > 1 ? { key, format: () => `<${key}>` } : { key };
      }, { name: 'load', persist: 'session', copy: 'share' });
      load.subscribe(({ type, error }) => { if (type === 'error') window.told.push(error.code); });
      const had = load.has('a');
      const first = load('a');
      if (!withFunction) load.refresh('a');
      await until(() => window.told.length > 0);
      return [had, first === load('a') || calls, load('a').format(), window.told, calls];
    };
    assert.deepEqual(await tab.run(make, true), [false, true, '<a>', ['not-serializable'], 1]);
    await reload(tab);
    assert.deepEqual(await tab.run(make, false), [false, 2, '<a>', ['not-serializable'], 2]);
    await reload(tab);
    await open(tab);
    assert.equal(await tab.bare(() => window.load.has('a')), false);
  });

  test('keys of any text and of binary data are found again after a reload, each its own', async tab => {
    const make = ({ cacheData }) => {
      let calls = 0;
      const load = cacheData((_, number) => {
        calls++;
        return number;
      }, { name: 'keys', persist: 'local', ignore: [1] });
      const keys = [
        '', '\0', '\0s0:', 'a:b', 'a%3Ab', '__proto__', 'ö\u2028\ud83d\ude80', 'x'.repeat(5000), 'x'.repeat(5001), Uint8Array.from({ length: 300 }, (_, i) => i), new Uint8Array(0),
        [], {}, [undefined], undefined, null, NaN, -0, 0, 1n, '1', 1, true, new Date(1), new Map([['a', new Set([1])]]), /a/g,
      ];
      const values = keys.map((key, number) => load(key, number));
      return [calls, values.every((value, number) => value === number), keys.length];
    };
    assert.deepEqual(await tab.run(make), [26, true, 26]);
    await reload(tab);
    assert.deepEqual(await tab.run(make), [0, true, 26]);
  });

  test('a key with a lone surrogate is found again after a reload, and is no other\'s', async tab => {
    await open(tab);
    const look = () => [window.load('\ud800').nth, window.load('\udfff').nth, window.load('\ufffd').nth, window.calls.length];
    assert.deepEqual(await tab.bare(look), [1, 2, 3, 3]);
    await reload(tab);
    await open(tab);
    assert.deepEqual(await tab.bare(look), [1, 2, 3, 0]);
  });

  test('two caches of one name in a page have one set of values, and see each other\'s changes', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const calls = [];
      const [one, two] = ['one', 'two'].map(who => cacheData(key => {
        calls.push(who);
        return `${key} of ${who}`;
      }, { name: 'both', persist: 'session' }));
      const seen = [one('a'), two('a'), two('b'), one('b'), calls.splice(0)];
      one.clear('a');
      seen.push(two.has('a'), two.refresh('b'), one('b'));
      two.clear();
      return [...seen, one.has('b'), one('b'), two('b'), calls];
    }), ['a of one', 'a of one', 'b of two', 'b of two', ['one', 'two'], false, 'b of two', 'b of two', false, 'b of one', 'b of one', ['two', 'one']]);
  });
}
