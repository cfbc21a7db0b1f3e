// Which session a tab is: its own over reloads, another for a duplicate.

import assert from 'node:assert/strict';
import { copyOf, reload } from './support.mjs';

/** In the page: another window of it, and how to call a function there with its own library. */
const HELPERS = `
  window.duplicate = async (entry, features) => {
    const other = open(location.href, '_blank', features);
    while (!(other.fixture && other.document.readyState === 'complete')) await new Promise(resolve => setTimeout(resolve, 10));
    other.inside = (body, argument) => other.fixture.call(body, { entry, init: true, argument }).then(text => JSON.parse(text).value);
    return other;
  };
  window.heldBy = async id => (await navigator.locks.query()).held.filter(({ name }) => name.includes(id)).length;
`;

export default function fork(test, { browser }) {
  const testFork = (name, body, options) => test(name, async (tab, site) => {
    await tab.page.evaluate(`void (() => {${HELPERS}})()`);
    await body(tab, site.entry('taskloom'), site);
  }, options);

  testFork('a duplicated tab becomes a session of its own: a new id, onFork told of both, values kept and from then on its own', async (tab, entry) => {
    const seen = await tab.run(async ({ sessionStore, until }, entry) => {
      const ourForks = [];
      const store = sessionStore({ namespace: 'f', onFork: (...ids) => ourForks.push(ids) });
      store.set('a', { list: [1, new Date(5)] }).flush();
      const id = store.sessionId;
      await until(() => window.heldBy(id));
      const other = await window.duplicate(entry);
      const theirs = await other.inside(async ({ sessionStore, until }) => {
        const forks = [];
        const told = [];
        const copy = other.store = sessionStore({ namespace: 'f', onFork: (...ids) => { forks.push(ids); told.push(copy.sessionId); } });
        sessionStore({ namespace: 'g', onFork: () => { throw new Error("onFork's own"); } });
        sessionStore({ namespace: 'h', onFork: (...ids) => forks.push(ids) });
        other.addEventListener('error', event => { told.push(event.error.message); event.preventDefault(); });
        const first = copy.sessionId;
        await until(() => forks.length > 1);
        return { first, id: copy.sessionId, forks, told, value: copy.get('a').list[0], stored: other.sessionStorage.getItem('taskloom-session') };
      });
      await other.inside(() => void other.store.set('a', 'theirs').set('b', 1).flush());
      const ours = [store.get('a').list.length, store.has('b'), store.sessionId === id, ourForks, sessionStorage.getItem('taskloom-session') === id];
      store.set('a', 'ours').flush();
      const apart = await other.inside(() => other.store.get('a'));
      const held = [await window.heldBy(id), await window.heldBy(theirs.id)];
      other.close();
      return { id, theirs, ours, apart, held };
    }, entry);
    const { id, theirs } = seen;
    assert.notEqual(theirs.id, id);
    assert.deepEqual(theirs, { first: id, id: theirs.id, forks: [[theirs.id, id], [theirs.id, id]], told: [theirs.id, "onFork's own"], value: 1, stored: theirs.id });
    assert.deepEqual([seen.ours, seen.apart, seen.held], [[2, false, true, [], true], 'theirs', [1, 1]]);
  });

  testFork('a duplicate of a duplicate, and one that reloads, keep to their own ids', async (tab, entry) => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }, entry) => {
      const first = sessionStore().sessionId;
      await until(() => window.heldBy(first));
      const forked = async ({ sessionStore, until }, from) => {
        await until(() => sessionStore().sessionId !== from);
        return sessionStore().sessionId;
      };
      const other = await window.duplicate(entry);
      const second = await other.inside(forked, first);
      await until(() => window.heldBy(second));
      const third = await window.duplicate(entry);
      const thirdId = await third.inside(forked, first);
      const { fixture } = other;
      other.location.reload();
      await until(() => other.fixture && other.fixture !== fixture && other.document.readyState === 'complete');
      const again = JSON.parse(await other.fixture.call(({ sessionStore }) => sessionStore().sessionId, { entry, init: true })).value;
      await until(() => window.heldBy(again));
      const ids = new Set([first, second, thirdId]);
      other.close();
      third.close();
      return [ids.size, again === second, sessionStore().sessionId === first];
    }, entry), [3, true, true]);
  });

  testFork('without Web Locks nobody forks, and nothing else is missing', async (tab, entry) => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }, entry) => {
      const store = sessionStore();
      store.set('a', 1).flush();
      await until(() => window.heldBy(store.sessionId));
      const other = await window.duplicate(entry);
      Object.defineProperty(other.navigator, 'locks', { value: undefined });
      const seen = await other.inside(({ sessionStore }) => {
        const forks = [];
        const copy = sessionStore({ onFork: (...ids) => forks.push(ids) });
        return [copy.get('a'), copy.set('b', 2).flush(), copy.sessionId, forks];
      });
      other.close();
      return [...seen.slice(0, 2), seen[2] === store.sessionId, seen[3]];
    }, entry), [1, true, true, []]);
  });

  testFork('a frame of the same origin is part of the session, and asks for no lock', async (tab, entry) => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }, entry) => {
      const { sessionId } = sessionStore();
      await until(() => window.heldBy(sessionId));
      const frame = document.createElement('iframe');
      frame.src = location.href;
      document.body.append(frame);
      await until(() => frame.contentWindow.fixture && frame.contentDocument.readyState === 'complete');
      const seen = JSON.parse(await frame.contentWindow.fixture.call(async ({ sessionStore }) => {
        const { sessionId } = sessionStore();
        const { held, pending } = await frame.contentWindow.navigator.locks.query();
        return [sessionId, [...held, ...pending].filter(({ name }) => name.includes(sessionId)).length];
      }, { entry, init: true })).value;
      return [seen[0] === sessionId, seen[1]];
    }, entry), [true, 1]);
  });

  test('the id stays over many quick reloads, and its lock with it', async tab => {
    const id = await tab.run(({ sessionStore }) => sessionStore().sessionId);
    for (let i = 0; i < 12; i++) {
      await reload(tab);
      assert.equal(await tab.run(({ sessionStore }) => sessionStore().sessionId), id);
    }
    assert.deepEqual(await tab.run(async ({ sessionStore, until }) => {
      const store = sessionStore();
      // The lock is asked for until it is granted, or the session has forked.
      const { sessionId } = store;
      await until(async () => store.sessionId !== sessionId || (await navigator.locks.query()).held.some(({ name }) => name.includes(sessionId)));
      return [sessionId, store.sessionId];
    }), [id, id]);
  });

  testFork('two copies of the library in one page are one session', async (tab, _, site) => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }, { slim, wasm }) => {
      const { sessionId } = sessionStore();
      await until(() => window.heldBy(sessionId));
      const copy = await import(slim);
      await copy.init(wasm);
      const forks = [];
      const store = copy.sessionStore({ onFork: (...ids) => forks.push(ids) });
      // It asks for the lock a second time, and gives up in the end; or it does not ask.
      const asks = async () => (await navigator.locks.query()).pending.some(({ name }) => name.includes(sessionId));
      for (let i = 0; i < 20 && !(await asks()); i++) await new Promise(resolve => setTimeout(resolve));
      await until(async () => !(await asks()));
      await new Promise(resolve => setTimeout(resolve));
      return [store.sessionId === sessionId, sessionStorage.getItem('taskloom-session') === sessionId];
    }, copyOf(site)), [true, true]);
  });

  test('all stores and references of a page are one session, and another kind of storage too', async tab => {
    assert.equal(await tab.run(({ sessionStore }) => new Set([{}, { namespace: 'a' }, { storage: 'local' }, { storage: 'memory' }]
      .map(options => sessionStore(options).sessionId)).size), 1);
  });

  if (browser.name !== 'Chromium') return;

  testFork('a tab opened with noopener is a fresh session without values', async (tab, entry) => {
    const id = await tab.run(async ({ sessionStore, until }) => {
      const store = sessionStore({ namespace: 'f' });
      store.set('a', 1).flush();
      await until(() => window.heldBy(store.sessionId));
      return store.sessionId;
    });
    const opened = tab.page.context().waitForEvent('page');
    await tab.bare(() => void open(location.href, '_blank', 'noopener'));
    const page = await opened;
    try {
      await page.waitForLoadState();
      const body = ({ sessionStore }) => {
        const forks = [];
        const store = sessionStore({ namespace: 'f', onFork: () => forks.push(1) });
        return [store.has('a'), store.sessionId, forks];
      };
      const [has, theirs, forks] = JSON.parse(await page.evaluate(`fixture.call(${body}, ${JSON.stringify({ entry, init: true })})`)).value;
      assert.deepEqual([has, theirs === id, theirs.length, forks], [false, false, 36, []]);
    } finally {
      await page.close();
    }
  });
}
