// `storage: 'local'` in several tabs.

import assert from 'node:assert/strict';
import { reload, sibling } from './support.mjs';

export default function tabs(test) {
  /** A test with another tab, which has a store, `window.store`, that tells what it hears and what goes wrong. */
  const testTwo = (name, body, options) => test(name, async (tab, site) => {
    const other = await sibling(tab, site);
    try {
      await other.run(({ sessionStore }) => {
        window.heard = [];
        window.errors = [];
        window.store = sessionStore({ namespace: 't', storage: 'local', onError: ({ code, key }) => window.errors.push(`${code} ${key}`) });
        window.store.subscribe((...args) => window.heard.push(args.map(value => value ?? null)));
        window.store.set('known', 'before').flush();
      });
      // Firefox tells its other processes of a write a moment later.
      await tab.bare(({ until }) => until(() => localStorage.getItem('taskloom:t:known')));
      await body(tab, other);
      await other.checkProblems();
    } finally {
      await other.page.close();
    }
  }, options);

  const ours = ({ sessionStore }) => { window.store = sessionStore({ namespace: 't', storage: 'local', onError: error => { throw error; } }); };

  testTwo('a change is heard in another tab, with what was there before, and is the value there', async (tab, other) => {
    await tab.run(ours);
    await tab.bare(() => void window.store.set('known', { at: new Date(5) }).flush());
    assert.deepEqual(await other.run(async ({ until }) => {
      await until(() => window.heard.length > 1);
      const [, [key, value, previous]] = window.heard;
      return [key, value.at.getTime(), previous, window.store.get('known') === value, window.store.ref('known').persisted, window.heard.length];
    }), ['known', 5, 'before', true, true, 2]);
    // and back
    await other.bare(() => void window.store.set('known', 'answer'));
    assert.equal(await tab.run(async ({ until }) => {
      const ref = window.store.ref('known');
      await until(() => ref.value === 'answer');
      return ref.value;
    }), 'answer');
  });

  testTwo('keys that only the other tab has written are there without an event', async (tab, other) => {
    await tab.run(ours);
    await tab.bare(() => void window.store.set('new', 1).set('newer', 2).flush());
    assert.deepEqual(await other.run(async ({ until }) => {
      await until(() => window.store.keys().length === 3);
      return [window.store.entries().sort(), window.errors];
    }), [[['known', 'before'], ['new', 1], ['newer', 2]], []]);
  });

  testTwo('clear() and delete() in another tab empty the slot, and are heard', async (tab, other) => {
    await other.bare(() => void window.store.set('second', 2).flush());
    await tab.run(ours);
    await tab.bare(() => { window.store.delete('known'); });
    await other.run(({ until }) => until(() => window.heard.length > 2));
    await tab.bare(() => window.store.clear());
    assert.deepEqual(await other.run(async ({ until }) => {
      await until(() => window.heard.length > 3);
      return [window.heard.slice(2), window.store.keys()];
    }), [[['known', null, 'before'], ['second', null, 2]], []]);
  });

  testTwo('localStorage.clear() by foreign code in another tab empties all slots, and each is heard', async (tab, other) => {
    await other.bare(() => {
      window.store.set('second', 2).flush();
      window.heard.length = 0;
    });
    await tab.bare(() => localStorage.clear());
    assert.deepEqual(await other.run(async ({ until }) => {
      await until(() => window.heard.length > 1);
      const after = [[...window.heard].sort(), window.store.keys(), window.store.has('known'), window.errors];
      window.store.set('known', 'before').flush();
      return [...after, localStorage.getItem('taskloom:t:known')];
    }), [[['known', null, 'before'], ['second', null, 2]], [], false, [], 't1:"before"']);
  });

  testTwo('what foreign code in another tab breaks is an empty slot, reported, and kept aside', async (tab, other) => {
    await tab.bare(() => localStorage.setItem('taskloom:t:known', 'broken'));
    assert.deepEqual(await other.run(async ({ until }) => {
      await until(() => window.heard.length > 1);
      return [window.heard[1], window.errors, window.store.has('known'), localStorage.getItem('taskloom~t:known')];
    }), [['known', null, 'before'], ['corrupt known'], false, 'broken']);
  });

  testTwo('in a storm of writes by both all end with the same value, which is the stored one', async (tab, other) => {
    await tab.run(ours);
    const storm = async (_, who) => {
      // Timers of a tab in the background are held back.
      const nextTurn = () => new Promise(resolve => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(0);
      });
      for (let i = 0; i < 200; i++) {
        window.store.set('contested', `${who} ${i}`);
        if (i % 5 === 0) await nextTurn();
      }
      window.store.flush();
    };
    await Promise.all([tab.run(storm, 'one'), other.run(storm, 'two')]);
    const agree = ({ until }, value) => until(() => window.store.get('contested') === JSON.parse(localStorage.getItem('taskloom:t:contested').slice(3)) &&
      (value === undefined || window.store.get('contested') === value) && window.store.get('contested'));
    const value = await tab.run(agree);
    // The last write of either was heard by the other, whichever it was.
    assert.equal(await other.run(agree, await tab.run(agree)), value);
    assert.match(value, / 199$/);
  });

  testTwo('a tab of an older version leaves the value of a newer one where it is', async (tab, other) => {
    await tab.run(({ sessionStore }) => {
      const store = window.store = sessionStore({ namespace: 't', storage: 'local', version: 2, migrate: value => ({ value }), onError() {} });
      store.get('known');
      store.flush();
    });
    await other.run(({ until }) => until(() => window.errors.length > 0));
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => sessionStore({ namespace: 't', storage: 'local', version: 2, onError() {} }).get('known') ?? null), { value: 'before' });
  });

  test('a write that waits wins over what another tab has written meanwhile; one that is done does not', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const heard = [];
      const store = sessionStore({ namespace: 't', storage: 'local' });
      store.subscribe((key, value) => heard.push([key, value]));
      store.set('a', 'old').set('b', 'old').flush();
      heard.length = 0;
      store.set('a', 'mine');
      for (const key of ['a', 'b']) {
        // As another tab's write is met here.
        localStorage.setItem(`taskloom:t:${key}`, 't1:"theirs"');
        dispatchEvent(new StorageEvent('storage', { key: `taskloom:t:${key}`, newValue: 't1:"theirs"', storageArea: localStorage }));
      }
      const meanwhile = [store.get('a'), store.get('b')];
      store.flush();
      return [meanwhile, heard, localStorage.getItem('taskloom:t:a'), localStorage.getItem('taskloom:t:b')];
    }), [['mine', 'theirs'], [['a', 'mine'], ['b', 'theirs']], 't1:"mine"', 't1:"theirs"']);
  });

  test('events of other storages, of foreign keys, and of what is known already change nothing and tell nobody', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const heard = [];
      const store = sessionStore({ namespace: 't', storage: 'local' });
      store.set('a', 1).flush();
      store.subscribe((...args) => heard.push(args));
      sessionStorage.setItem('taskloom:t:a', 't1:2');
      const dispatch = (key, storageArea) => dispatchEvent(new StorageEvent('storage', { key, storageArea }));
      dispatch('taskloom:t:a', sessionStorage);
      dispatch('taskloom:t:a', localStorage);
      dispatch('theirs', localStorage);
      dispatch('taskloom:t:never', localStorage);
      dispatch(null, localStorage);
      dispatchEvent(new StorageEvent('storage'));
      dispatchEvent(new Event('storage'));
      return [heard, store.get('a')];
    }), [[], 1]);
  });

  test('a frame of the same origin shares the session, hears it and is heard', async (tab, site) => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }, entry) => {
      const store = sessionStore({ namespace: 'f' });
      store.set('a', 'page').flush();
      const frame = document.createElement('iframe');
      frame.src = location.href;
      document.body.append(frame);
      await until(() => frame.contentWindow.fixture && frame.contentDocument.readyState === 'complete');
      const inFrame = body => frame.contentWindow.fixture.call(body, { entry, init: true }).then(text => JSON.parse(text).value);
      const seen = [await inFrame(({ sessionStore }) => {
        frame.store = sessionStore({ namespace: 'f' });
        return frame.store.get('a');
      })];
      const heard = [];
      store.subscribe((key, ...values) => heard.push(values));
      await inFrame(() => void frame.store.set('a', 'frame'));
      await until(() => heard.length > 0);
      store.set('a', 'page again');
      await until(() => frame.store.get('a') === 'page again');
      return [...seen, heard, frame.store.sessionId === store.sessionId];
    }, site.entry('taskloom')), ['page', [['frame', 'page'], ['page again', 'frame']], true]);
  });

  testTwo('a reference that has read nothing, and a store with keys it has not read, hear another tab from its first write on', async (tab, other) => {
    await other.run(({ stateRef }) => {
      window.refs = [];
      for (const key of ['q', 'quiet']) stateRef(key, { storage: 'local', namespace: 'u' }).subscribe((...args) => window.refs.push([key, ...args.map(value => value ?? null)]));
      window.store.set('unread', 'before').flush();
    });
    await reload(other);
    await other.run(({ sessionStore, stateRef }) => {
      window.refs = [];
      window.heard = [];
      stateRef('q', { storage: 'local', namespace: 'u' }).subscribe((...args) => window.refs.push(args.map(value => value ?? null)));
      sessionStore({ namespace: 't', storage: 'local' }).subscribe((...args) => window.heard.push(args.map(value => value ?? null)));
    });
    await tab.bare(({ until }) => until(() => localStorage.getItem('taskloom:t:unread')));
    await tab.run(({ sessionStore, stateRef }) => {
      const ref = stateRef('q', { storage: 'local', namespace: 'u' });
      ref.value = { n: 1 };
      const store = sessionStore({ namespace: 't', storage: 'local' });
      store.set('unread', 'after').set('brand new', [1]).flush();
    });
    await other.bare(({ until }) => until(() => window.refs.length > 0 && window.heard.length > 1));
    await tab.run(({ sessionStore, stateRef }) => {
      stateRef('q', { storage: 'local', namespace: 'u' }).value = { n: 2 };
      sessionStore({ namespace: 't', storage: 'local' }).delete('brand new');
      sessionStore({ namespace: 't', storage: 'local' }).flush();
    });
    assert.deepEqual(await other.bare(async ({ until }) => {
      await until(() => window.refs.length > 1 && window.heard.length > 2);
      return [window.refs, window.heard];
    }), [[[{ n: 1 }, null], [{ n: 2 }, { n: 1 }]], [['unread', 'after', 'before'], ['brand new', [1], null], ['brand new', null, [1]]]]);
  });

  testTwo('what another tab has written that is none of ours is told to who listens as an empty slot, and throws at nobody', async (tab, other) => {
    await other.run(({ sessionStore }) => {
      window.told = [];
      sessionStore({ namespace: 'junk', storage: 'local', onError: ({ code, key }) => window.told.push([code, key]) }).subscribe((...args) => window.told.push(args.map(value => value ?? null)));
    });
    await tab.bare(() => {
      localStorage.setItem('taskloom:junk:a', 'no text of ours');
      localStorage.setItem('taskloom:junk:b', 't1:{');
    });
    // Keeping it aside empties the slot: what is written before that is lost, as localStorage has no compare-and-set.
    await other.bare(({ until }) => until(() => ['a', 'b'].every(key => window.told.some(([code, told]) => code === 'corrupt' && told === key))));
    await tab.bare(() => {
      localStorage.setItem('taskloom:junk:a', 't1:5');
      localStorage.setItem('taskloom:junk:b', 't1:6');
    });
    assert.deepEqual(await other.bare(async ({ until }) => {
      await until(() => window.told.some(([key, value]) => key === 'a' && value === 5) && window.told.some(([key, value]) => key === 'b' && value === 6));
      return window.told.every(([code]) => ['corrupt', 'a', 'b'].includes(code));
    }), true);
  });
}
