// Two copies of the library in one page, as bundlers make them of two versions: each has memory of its own, and they share the storage.

import assert from 'node:assert/strict';
import { copyOf } from './support.mjs';

export default function copies(test) {
  const testTwo = (name, body) => test(name, async (tab, site) => {
    await tab.bare(() => {
      window.warned = [];
      console.warn = text => window.warned.push(text);
    });
    await tab.run(async (library, { slim, wasm }) => {
      const other = await import(slim);
      await other.init(wasm);
      window.copies = [library, other];
    }, copyOf(site));
    await body(tab);
  });

  testTwo('what one has written is what the other goes on from, and its listeners hear it', async tab => {
    assert.deepEqual(await tab.bare(async () => {
      const seen = [];
      for (const storage of ['session', 'local']) {
        const [a, b] = window.copies.map(({ stateRef }) => stateRef('n', { storage, factory: () => 0 }));
        const heard = [];
        a.subscribe((...args) => heard.push('a', ...args));
        b.subscribe((...args) => heard.push('b', ...args));
        await null;
        heard.length = 0;
        a.value = 5;
        await null;
        seen.push(b.reduce(n => n + 1));
        await null;
        seen.push(a.value, b.value, heard.splice(0));
        a.clear();
        await null;
        seen.push(b.isInitialized, heard.splice(0));
      }
      return seen;
    }), Array(2).fill([6, 6, 6, ['a', 5, 0, 'b', 5, 0, 'b', 6, 5, 'a', 6, 5], false, ['a', null, 6, 'b', null, 6]]).flat());
  });

  testTwo('a store hears of keys that only the other copy has written, with what was there', async tab => {
    assert.deepEqual(await tab.bare(async () => {
      const [a, b] = window.copies.map(({ sessionStore }) => sessionStore({ namespace: 'c' }));
      const heard = [];
      a.set('old', 1).flush();
      b.subscribe((...args) => heard.push(args));
      a.set('new', { x: 1 });
      a.set('old', 2);
      await null;
      a.delete('new');
      await null;
      return [heard, b.entries()];
    }), [[['new', { x: 1 }, null], ['old', 2, 1], ['new', null, { x: 1 }]], [['old', 2]]]);
  });

  testTwo('a write that waits is not lost to one of the other, and junk events are ignored', async tab => {
    assert.deepEqual(await tab.bare(async () => {
      const [a, b] = window.copies.map(({ stateRef }) => stateRef('n', { factory: () => 0 }));
      a.value = 1;
      b.value = 2;
      await null;
      for (const detail of [{}, { kind: 'session' }, { kind: 'none', key: 'taskloom::n' }, { kind: 'session', key: null }, { kind: 'session', key: 5 }, { kind: 'memory', key: 'taskloom::n' },
        { kind: 'session', key: 'taskloom::n', before: 5 }]) dispatchEvent(Object.assign(new Event('taskloom-written'), detail));
      return [a.value === b.value, sessionStorage.getItem('taskloom::n') === `t1:${b.value}`];
    }), [true, true]);
  });

  testTwo('one console.warn says that there are two', async tab => {
    assert.deepEqual(await tab.bare(async () => {
      for (const { stateRef, sessionStore } of window.copies) {
        stateRef('a', { factory: () => 1 });
        sessionStore({ storage: 'local' });
      }
      return [window.warned.length, /two copies/.test(window.warned[0])];
    }), [1, true]);
  });
}
