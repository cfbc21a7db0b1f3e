// When a value is written: once for a burst, on demand, at once if durable, and before the page goes away however it goes.

import assert from 'node:assert/strict';
import { reload, sibling } from './support.mjs';

/** Counts the writes to storages from here on, in the page, as `window.writes`. */
const spy = tab => tab.bare(() => {
  window.writes = [];
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (key, text) {
    if (/^taskloom[:~]/.test(key)) window.writes.push(key);
    setItem.call(this, key, text);
  };
});

const BURST = 500;

/** In the page: what a page does that empties its storage past the library. */
const EMPTYING = {
  clear: storage => storage.clear(),
  removeItem: storage => ['a', 'b'].forEach(key => storage.removeItem(`taskloom:gone:${key}`)),
  delete: storage => ['a', 'b'].forEach(key => delete storage[`taskloom:gone:${key}`]),
};

export default function writing(test, { browser }) {
  test('a burst is one write for each changed key, in a microtask; what is unchanged is not written', async tab => {
    await spy(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, stateRef }) => {
      const store = sessionStore({ namespace: 'w' });
      const { writes } = window;
      const counts = [];
      const burst = async work => {
        writes.length = 0;
        work();
        counts.push(writes.length);
        await Promise.resolve();
        await Promise.resolve();
        counts.push([...writes].sort().map(key => key.slice(11)).join());
      };
      await burst(() => { for (let i = 0; i < 100; i++) for (const key of 'abc') store.set(key, { i }); });
      await burst(() => { for (let i = 0; i < 100; i++) stateRef('a', { namespace: 'w' }).value = i; });
      await burst(() => { store.set('a', 99).set('b', { i: 99 }); }); // as it is stored
      await burst(() => { store.set('d', 1).delete('d'); });
      await burst(() => { store.set('a', 1); store.get('b'); store.has('nothing'); });
      await burst(() => { for (const key of store.keys()) store.get(key); });
      return counts;
    }), [0, 'a,b,c', 0, 'a', 0, '', 0, '', 0, 'a', 0, '']);
  });

  test('flush() writes now what waits, says whether all is stored, and nothing is written a second time', async tab => {
    await spy(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const store = sessionStore({ namespace: 'w' });
      const seen = [store.flush()];
      store.set('a', 1).set('b', 2);
      seen.push(store.flush(), window.writes.length, sessionStorage.getItem('taskloom:w:a') !== null);
      await nextTurn();
      return [...seen, window.writes.length, store.flush(), window.writes.length];
    }), [true, true, 2, true, 2, true, 2]);
  });

  test('durable writes before the assignment returns: by the store, by the reference, and by the call', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore, stateRef }) => {
      const text = key => sessionStorage.getItem(`taskloom:d:${key}`);
      const store = sessionStore({ namespace: 'd' });
      const seen = [];
      sessionStore({ namespace: 'd', durable: true }).set('a', 1);
      seen.push(text('a'));
      const ref = stateRef('b', { namespace: 'd', durable: true, factory: () => 2 });
      seen.push(text('b'), ref.persisted);
      ref.reduce(value => value + 1);
      seen.push(text('b'));
      store.set('c', 4, { durable: true }).set('d', 5);
      seen.push(text('c'), text('d'));
      sessionStore({ namespace: 'd', durable: true }).set('e', 6, { durable: false });
      seen.push(text('e'));
      return seen;
    }), ['t1:1', 't1:2', true, 't1:3', 't1:4', null, null]);
  });

  test('a slot that is written while it is being stored is stored as it is then', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const store = sessionStore({ namespace: 'w' });
      let calls = 0;
      store.set('a', { get x() { if (calls++ === 0) store.set('a', 'written meanwhile'); return 1; } });
      await nextTurn();
      const seen = [store.get('a'), store.ref('a').persisted, sessionStorage.getItem('taskloom:w:a')];
      store.set('a', 'later');
      await nextTurn();
      return [...seen, sessionStorage.getItem('taskloom:w:a')];
    }), ['written meanwhile', true, 't1:"written meanwhile"', 't1:"later"']);
  });

  test('after foreign code of the same page has cleared the storage, what is assigned is stored again', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'w' });
      const list = [1];
      store.set('list', list).set('number', 1).flush();
      sessionStorage.clear();
      store.set('list', list).set('number', 1).flush();
      return ['list', 'number'].map(key => sessionStorage.getItem(`taskloom:w:${key}`));
    }), ['t1:[1]', 't1:1']);
  });

  test('a durable slot that is emptied is empty in storage before clear() returns', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore, stateRef }) => {
      const ref = stateRef('a', { namespace: 'd', durable: true, factory: () => 1 });
      ref.clear();
      const store = sessionStore({ namespace: 'd', durable: true });
      store.set('b', 1).delete('b');
      return ['a', 'b'].map(key => sessionStorage.getItem(`taskloom:d:${key}`));
    }), [null, null]);
  });

  test('pagehide, freeze and the loss of visibility flush at once', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'w' });
      let state = 'visible';
      Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
      const told = (target, type) => {
        store.set('a', `${type} ${state}`);
        target.dispatchEvent(new Event(type));
        const stored = sessionStorage.getItem('taskloom:w:a')?.includes(`${type} ${state}`) ?? false;
        store.flush();
        return stored;
      };
      const seen = [told(window, 'pagehide'), told(document, 'freeze'), told(document, 'visibilitychange'), (state = 'hidden', told(document, 'visibilitychange')), told(window, 'focus')];
      delete document.visibilityState;
      return seen;
    }), [true, true, false, true, false]);
  });

  for (const [how, leave] of Object.entries({
    'a reload': 'location.reload()',
    'a change of location': "location.assign('?elsewhere')",
    'a form that is sent': "(() => { const form = document.body.appendChild(document.createElement('form')); form.submit(); })()",
  })) {
    test(`a burst in the same turn as ${how} is all there afterwards, and so is what a pagehide listener still writes`, async tab => {
      await tab.run(({ sessionStore }, { count }) => {
        const store = sessionStore({ namespace: 'burst' });
        window.burst = () => { for (let i = 0; i < count; i++) store.set(`key ${i}`, { i, tags: new Set([i]) }); };
        addEventListener('pagehide', () => store.set('last', 'word'));
      }, { count: BURST });
      const loaded = tab.page.waitForNavigation({ waitUntil: 'load' });
      await tab.page.evaluate(`void (burst(), ${leave})`).catch(error => { if (!/context|destroyed|navigat/i.test(error.message)) throw error; });
      await loaded;
      assert.deepEqual(await tab.run(({ sessionStore }) => {
        const store = sessionStore({ namespace: 'burst' });
        return [store.entries().filter(([key, value]) => key === `key ${value.i}` && value.tags.has(value.i)).length, store.get('last')];
      }), [BURST, 'word']);
    });
  }

  test('a burst in the same turn as the window closes is all there', async (tab, site) => {
    const stored = await tab.run(async ({ until }, { entry, count }) => {
      const other = open(location.href);
      await until(() => other.fixture && other.document.readyState === 'complete');
      other.fixture.call(({ sessionStore }) => {
        const store = sessionStore({ namespace: 'closing', storage: 'local' });
        for (let i = 0; i < count; i++) store.set(`key ${i}`, i);
        other.close();
      }, { entry, init: true });
      await until(() => other.closed);
      const ours = () => Object.keys(localStorage).filter(key => key.startsWith('taskloom:closing:')).length;
      await until(() => ours() > 0);
      return ours();
    }, { entry: site.entry('taskloom'), count: BURST });
    assert.equal(stored, BURST);
  });

  test('a burst in a tab that is closed from outside is all there', async (tab, site) => {
    const other = await sibling(tab, site);
    await other.run(({ sessionStore }, count) => {
      const store = sessionStore({ namespace: 'closed', storage: 'local' });
      for (let i = 0; i < count; i++) store.set(`key ${i}`, i);
    }, BURST);
    await other.page.close();
    await reload(tab);
    assert.equal(await tab.run(({ sessionStore }) => sessionStore({ namespace: 'closed', storage: 'local' }).keys().length), BURST);
  });

  if (browser.name !== 'Chromium') return;

  /** Has a page's renderer killed, and gives the next one's words: a driver takes a crashed page for dead, the browser does not. */
  async function crash(other, work) {
    const context = other.page.context();
    const cdp = await context.newCDPSession(other.page);
    await cdp.send('Page.enable');
    await work();
    const url = other.page.url();
    const crashed = new Promise(resolve => other.page.once('crash', resolve));
    cdp.send('Page.crash').catch(() => {}); // nobody is left to answer
    await crashed;
    const loaded = new Promise(resolve => cdp.once('Page.loadEventFired', resolve));
    await cdp.send('Page.navigate', { url });
    await loaded;
    return async (body, argument) => {
      const expression = `(async () => JSON.stringify(await (${body})(${JSON.stringify(argument)})))()`;
      const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', { expression, awaitPromise: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return JSON.parse(result.value);
    };
  }

  test('a renderer that crashes takes nothing with it that was set in a turn before', async (tab, site) => {
    const other = await sibling(tab, site);
    try {
      const run = await crash(other, () => other.run(({ sessionStore }, count) => {
        const store = sessionStore({ namespace: 'crash' });
        for (let i = 0; i < count; i++) store.set(`key ${i}`, { i, when: new Date(i) });
      }, BURST));
      assert.equal(await run(async entry => {
        const { init, sessionStore } = await import(entry);
        await init();
        return sessionStore({ namespace: 'crash' }).entries().filter(([key, { i, when }]) => key === `key ${i}` && when.getTime() === i).length;
      }, site.entry('taskloom')), BURST);
    } finally {
      await other.page.close();
    }
  });

  test('a renderer that crashes in the middle of a turn takes what waits, and nothing that is durable', async (tab, site) => {
    const other = await sibling(tab, site);
    try {
      const run = await crash(other, async () => {
        await other.run(({ sessionStore }) => {
          const store = sessionStore({ namespace: 'crash' });
          store.set('waits', 'before').set('durable', 'before').flush();
          setTimeout(() => {
            store.set('durable', 'after', { durable: true });
            store.set('waits', 'after');
            localStorage.setItem('reached', 'the loop');
            for (;;) ; // no microtask comes, ever
          });
        });
        await tab.run(({ until }) => until(() => localStorage.getItem('reached')));
      });
      assert.deepEqual(await run(async entry => {
        const { init, sessionStore } = await import(entry);
        await init();
        const store = sessionStore({ namespace: 'crash' });
        return [store.get('durable'), store.get('waits')];
      }, site.entry('taskloom')), ['after', 'before']);
    } finally {
      await other.page.close();
    }
  });

  test('a storage that the page itself has emptied holds nothing, and says so; nothing comes back unless it is assigned', async tab => {
    for (const empty of Object.values(EMPTYING)) {
      assert.deepEqual(await tab.run(`async ({ sessionStore }) => {
        const seen = [];
        for (const kind of ['session', 'local']) {
          const storage = window[kind + 'Storage'];
          storage.clear();
          const store = sessionStore({ namespace: 'gone', storage: kind });
          const ref = store.ref('a');
          store.set('a', 1).set('b', 2);
          const before = [store.flush(), ref.persisted];
          (${empty})(storage);
          const after = [ref.persisted, store.flush(), store.get('a'), store.usage()];
          dispatchEvent(new PageTransitionEvent('pagehide'));
          await null;
          after.push(store.usage());
          ref.value = 1;
          store.set('b', 2);
          await null;
          seen.push([before, after, ref.persisted, store.flush(), store.usage() > 0]);
          storage.setItem('taskloom:gone:a', 'of another');
          seen.at(-1).push(ref.persisted);
        }
        return seen;
      }`), Array(2).fill([[true, true], [false, false, 1, 0, 0], true, true, true, false]));
    }
  });
}
