// One tab: what is written is there, and who subscribes is told.

import assert from 'node:assert/strict';
import { get, hold, letGo, load, open, untilIs } from './support.mjs';

export default function basics(test) {
  test('what is set is there when set() has resolved, and has a version', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      const before = [shared.get('a'), shared.has('a'), shared.getVersion('a'), shared.keys()];
      const version = await shared.set('a', { n: 1 });
      const after = [shared.get('a'), shared.has('a'), shared.getVersion('a') === version, version > 0, shared.keys()];
      return [before.map(value => value ?? null), after, shared.get('a') === shared.get('a')];
    }), [[null, false, 0, []], [{ n: 1 }, true, true, true, ['a']], true]);
  });

  test('it needs no init(), and falsy values are values', async tab => {
    assert.deepEqual(await load(tab, async ({ sharedState }) => {
      const shared = await sharedState('falsy');
      const values = [0, '', false, null, undefined, NaN];
      const seen = [];
      for (const [i, value] of values.entries()) {
        await shared.set(`k${i}`, value);
        seen.push(shared.has(`k${i}`) && Object.is(shared.get(`k${i}`), value));
      }
      return seen;
    }), Array(6).fill(true));
  });

  test('update() gives its function a value of its own, and resolves to what was committed', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      const first = await shared.update('list', list => [...(list ?? []), 1]);
      const second = await shared.update('list', list => {
        list.push(2);
        return list;
      });
      const kept = shared.get('list');
      second.push('of the caller');
      return [first, kept, shared.get('list')];
    }), [[1], [1, 2], [1, 2]]);
  });

  test('a thousand updates at once are one after the other', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const results = await Promise.all(Array.from({ length: 1000 }, () => window.shared.update('n', n => (n ?? 0) + 1)));
      return [results[0], results.at(-1), window.shared.get('n'), new Set(results).size];
    }), [1, 1000, 1000, 1000]);
  });

  test('a function that throws rejects its own update, and no other of the same transaction', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { shared } = window;
      const results = await Promise.all([
        shared.set('a', 1), shared.update('a', () => { throw new RangeError('no'); }).catch(describe), shared.update('a', a => a + 1),
        shared.set('b', () => {}).catch(({ code, message }) => [code, message.includes("'b'")]), shared.set('c', 3),
      ]);
      return [results[1].name, results[1].message, results[2], results[3], shared.get('a'), shared.has('b'), shared.get('c')];
    }), ['RangeError', 'no', 2, ['not-serializable', true], 2, false, 3]);
  });

  test('delete(), clear() and keys', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      await Promise.all(['a', 'b', 'c'].map(key => shared.set(key, key)));
      const gone = [await shared.delete('a'), await shared.delete('a'), shared.has('a'), shared.getVersion('a'), [...shared.keys()].sort()];
      const before = shared.getVersion('b');
      await shared.delete('b');
      const again = await shared.set('b', 'again');
      await Promise.all(Array.from({ length: 300 }, (_, i) => shared.set(`k${i}`, i)));
      const count = shared.keys().length;
      await shared.clear();
      return [gone, again > before, count, shared.keys()];
    }), [[true, false, false, 0, ['b', 'c']], true, 302, []]);
  });

  test('an equal value tells nobody and keeps its version; touch() tells without a change', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ nextTurn }) => {
      const { shared } = window;
      const version = await shared.set('a', { list: [1, 2] });
      await nextTurn();
      window.seen.length = 0;
      const same = await shared.set('a', { list: [1, 2] });
      const updated = await shared.update('a', value => value);
      await nextTurn();
      const quiet = window.seen.length;
      const touched = [await shared.touch('a'), await shared.touch('nothing')];
      await nextTurn();
      return [same === version, updated, quiet, touched, window.seen.map(({ key, value, self }) => [key, value, self]), shared.getVersion('a') > version];
    }), [true, { list: [1, 2] }, 0, [true, false], [['a', { list: [1, 2] }, true]], true]);
  });

  test('an object that a reader has changed is still written', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      const before = await shared.set('a', { n: 1 });
      const mine = shared.get('a');
      mine.n = 2;
      return [await shared.set('a', mine) > before, shared.get('a')];
    }), [true, { n: 2 }]);
  });

  test('subscribers are told of the newest value, once, by key or of all; one that throws stops nobody', async tab => {
    await open(tab);
    tab.expectProblem(/of a listener/);
    assert.deepEqual(await tab.bare(async ({ nextTurn }) => {
      const { shared } = window;
      const a = [];
      shared.subscribe('a', () => { throw new Error('of a listener'); });
      const stop = shared.subscribe('a', ({ value, version, by, self, quiet }) => a.push([value, version > 0, by === shared.id, self, quiet]));
      await Promise.all([1, 2, 3].map(value => shared.set('a', value)).concat(shared.set('b', 1)));
      await nextTurn();
      const all = window.seen.map(({ key, value }) => [key, value]);
      await shared.delete('a');
      await nextTurn();
      stop();
      await shared.set('a', 5);
      await nextTurn();
      return [a.map(each => each.map(value => value ?? null)), all];
    }), [[[3, true, true, true, false], [null, false, true, true, false]], [['a', 3], ['b', 1]]]);
  });

  test('what is written in noRerun() is quiet, and a loud change folded with it is loud', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ nextTurn }) => {
      const { shared } = window;
      await shared.noRerun(() => shared.set('a', 1));
      await nextTurn();
      await Promise.all([shared.noRerun(() => shared.set('a', 2)), shared.set('a', 3)]);
      await nextTurn();
      await Promise.all([shared.set('a', 4), shared.noRerun(() => shared.set('a', 5))]);
      await nextTurn();
      return window.seen.map(({ value, quiet }) => [value, quiet]);
    }), [[1, true], [3, false], [5, false]]);
  });

  test('ifVersion: a write is refused with conflict if the value has another version', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { shared } = window;
      const version = await shared.set('a', 1, { ifVersion: 0 });
      const late = await shared.set('a', 2, { ifVersion: 0 }).catch(describe);
      const next = await shared.set('a', 3, { ifVersion: version });
      const deleted = await shared.delete('a', { ifVersion: version }).catch(describe);
      return [late.code, next > version, deleted.code, shared.get('a')];
    }), ['conflict', true, 'conflict', 3]);
  });

  test('an async function is called outside of any transaction, and again if another was faster', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ nextTurn }) => {
      const { shared } = window;
      await shared.set('n', 0);
      let calls = 0;
      const slow = async n => {
        calls++;
        await nextTurn();
        return n + 1;
      };
      const results = await Promise.all([shared.update('n', slow), shared.update('n', slow), shared.update('n', n => Promise.resolve(n + 1)), shared.update('n', n => n + 1)]);
      return [shared.get('n'), results.sort(), calls >= 2];
    }), [4, [1, 2, 3, 4], true]);
  });

  test('an async function that throws rejects its update', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(({ describe }) => Promise.all([
      window.shared.update('a', async () => { throw new RangeError('later'); }).catch(describe), window.shared.update('a', () => Promise.reject(new RangeError('too'))).catch(describe),
    ]).then(errors => errors.map(({ name, message }) => [name, message]))), [['RangeError', 'later'], ['RangeError', 'too']]);
  });

  test('a signal that has aborted refuses a write', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { shared } = window;
      const controller = new AbortController();
      const waiting = shared.set('a', 1, { signal: controller.signal }).catch(describe);
      controller.abort();
      const late = await shared.update('a', () => 1, { signal: controller.signal }).catch(describe);
      return [(await waiting).name, late.name, shared.has('a')];
    }), ['AbortError', 'AbortError', false]);
  });

  test('two handles of one name are one store; a closed one writes no more, and the other goes on', async tab => {
    await open(tab);
    assert.deepEqual(await load(tab, async ({ sharedState, describe, nextTurn }) => {
      const { shared } = window;
      const other = await sharedState('app');
      await other.set('a', 1);
      await nextTurn();
      const seen = window.seen.length;
      other.close();
      other.close();
      await shared.set('a', 2);
      const late = await other.set('a', 3).catch(describe);
      shared.close();
      const again = await sharedState('app');
      return [shared.id === other.id, seen, other.get('a'), late.code, again.get('a'), again.id === other.id];
    }), [true, 1, 2, 'disposed', 2, false]);
  });

  test('what is no argument is refused by name', async tab => {
    await open(tab);
    assert.deepEqual(await load(tab, async ({ sharedState, describe, thrownBy }) => {
      const { shared } = window;
      const refused = await Promise.all([
        sharedState(''), sharedState('x', { lease: 'soon' }), sharedState('x', { durable: 1 }), shared.set('', 1), shared.set(5, 1), shared.update('a', 5),
        shared.set('a', 1, { ifVersion: -1 }), shared.set('a', 1, { signal: {} }), shared.lock('a', 5), shared.lock('a', () => {}, { lease: -1 }),
      ].map(promise => promise.then(() => 'nothing', describe)));
      return [refused.map(({ code }) => code), thrownBy(() => shared.get('')).code, thrownBy(() => shared.subscribe('a')).code];
    }), [Array(10).fill('invalid-argument'), 'invalid-argument', 'invalid-argument']);
  });

  test('an asynchronous update that never ends is ended by its signal, and by close()', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { shared } = window;
      await shared.set('a', 1);
      const never = () => new Promise(() => {});
      const controllers = [new AbortController(), new AbortController()];
      const ends = [
        shared.update('a', never, { signal: controllers[0].signal }), // asynchronous, as can be seen only when it is called
        shared.update('a', async () => never(), { signal: controllers[1].signal }),
        shared.update('a', never), shared.update('a', async () => never()),
      ].map(promise => promise.catch(describe));
      let isCalled = false;
      const refused = await shared.update('a', async () => { isCalled = true; }, { signal: AbortSignal.abort() }).catch(describe);
      await shared.set('b', 1); // it goes on meanwhile
      for (const controller of controllers) controller.abort();
      const aborted = (await Promise.all(ends.slice(0, 2))).map(({ name }) => name);
      shared.close();
      return [aborted, (await Promise.all(ends.slice(2))).map(({ code }) => code), refused.name, isCalled];
    }), [['AbortError', 'AbortError'], ['disposed', 'disposed'], 'AbortError', false]);
  });

  test('close() amid an update harms nobody: what the update makes is stored, and told to other tabs', async (tab, another) => {
    const other = await another();
    await open(other);
    assert.deepEqual(await load(tab, async ({ sharedState, describe }) => {
      const results = [];
      for (const way of [
        shared => shared.update('a', () => { shared.close(); return 1; }),
        shared => shared.lock('b', ({ update }) => update(() => { shared.close(); return 2; })),
        shared => shared.update('c', () => ({ get a() { shared.close(); return 3; } })),
        shared => shared.set('d', { get a() { shared.close(); return 4; } }).then(version => version > 0),
        shared => shared.update('e', () => { shared.update('e', () => { shared.close(); return 5; }).catch(() => {}); return 6; }),
      ]) {
        const shared = await sharedState('app');
        results.push(await way(shared).catch(({ code }) => code));
      }
      const again = await sharedState('app');
      return [results, await again.set('n', 7).then(() => again.get('n'))];
    }), [[1, 'disposed', { a: 3 }, true, 6], 7]);
    await untilIs(other, 'n', 7);
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'e'].map(key => get(other, key))), [1, 2, { a: 3 }, 5]);
  });

  test('an update that returns nothing is refused where there is a value, and changes nothing where there is none', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { shared } = window;
      await shared.set('cart', { items: [1] });
      const inPlace = [cart => { cart.items.push(2); }, async cart => { cart.items.push(2); }];
      const errors = await Promise.all(inPlace.map(fn => shared.update('cart', fn).catch(describe)));
      const under = await shared.lock('cart', ({ update }) => update(inPlace[0])).catch(describe);
      const none = [await shared.update('none', () => {}), await shared.update('none', async () => {})].map(value => value === undefined);
      return [[...errors, under].map(({ code, message }) => [code, /return the new value/.test(message)]), shared.get('cart'), none, shared.has('none')];
    }), [Array(3).fill(['invalid-argument', true]), { items: [1] }, [true, true], false]);
  });

  test('clear() and touch() wait for locks of other tabs, until their signal aborts', async (tab, another) => {
    const other = await another();
    await open(other);
    await open(tab);
    await tab.bare(() => Promise.all([window.shared.set('led', 1), window.shared.set('free', 1)]));
    await untilIs(other, 'led', 1);
    await hold(other, 'led');
    assert.deepEqual(await tab.bare(async ({ until }) => {
      const controller = new AbortController();
      const ends = [window.shared.clear({ signal: controller.signal }), window.shared.touch('led', { signal: controller.signal })].map(promise => promise.catch(({ name }) => name));
      await until(() => !window.shared.has('free'));
      controller.abort();
      return [await Promise.all(ends), window.shared.get('led')];
    }), [['AbortError', 'AbortError'], 1]);
    await letGo(other);
    await tab.bare(() => window.shared.clear());
    assert.deepEqual(await tab.bare(() => window.shared.keys()), []);
  });

  test('closing one handle ends what it waits for and gives up its locks; another of the name goes on', async (tab, another) => {
    const other = await another();
    await open(other);
    assert.deepEqual(await load(tab, async ({ sharedState, describe, until }) => {
      const [one, two] = [await sharedState('app', { lease: '1h' }), await sharedState('app')];
      const heard = [];
      two.subscribe('a', ({ value }) => heard.push(value));
      let held;
      const ended = one.lock('led', context => {
        held = context;
        return new Promise(() => {});
      }).catch(describe);
      await until(() => held);
      const waits = one.update('a', () => new Promise(() => {})).catch(describe);
      one.close();
      const told = [(await ended).code, held.signal.aborted, (await waits).code];
      await two.lock('led', ({ set }) => set('two'));
      await two.set('a', 1);
      await until(() => heard.length > 0);
      return [...told, heard, one.get('led'), one.storage, one.presence().connected, two.presence().connected];
    }), ['disposed', true, 'disposed', [1], 'two', 'database', false, true]);
    await other.bare(() => window.shared.lock('led', () => {}));
  });

  test('after close() reads go on, for what still shows them, and nothing else does', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe, thrownBy }) => {
      const { shared } = window;
      await shared.set('a', 1);
      const keys = shared.keys();
      shared.close();
      const stop = shared.subscribe('a', () => {});
      stop();
      const writes = [() => shared.set('a', 2), () => shared.update('a', () => 2), () => shared.delete('a'), () => shared.touch('a'), () => shared.clear(), () => shared.lock('a', () => {})];
      const codes = (await Promise.all(writes.map(write => write().catch(describe)))).map(({ code }) => code);
      return [shared.get('a'), shared.has('a'), shared.getVersion('a') > 0, shared.keys() === keys, [...new Set(codes)], shared.presence().tabs.length];
    }), [1, true, true, true, ['disposed'], 1]);
  });

  test('keys() is the same list until the keys change', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      await shared.set('a', 1);
      const keys = shared.keys();
      await shared.set('a', 2);
      const same = shared.keys() === keys;
      await shared.set('b', 1);
      const other = shared.keys();
      await shared.delete('a');
      return [same, other, shared.keys(), Object.isFrozen(keys)];
    }), [true, ['a', 'b'], ['b'], true]);
  });

  test('a quiet change and a loud one that are told as one are loud, in whichever order they came', async (tab, another) => {
    const other = await another();
    await open(other);
    await open(tab);
    await tab.bare(() => {
      const { shared } = window;
      return Promise.all([shared.set('a', 1), shared.noRerun(() => shared.set('a', 2)), shared.noRerun(() => shared.set('b', 1)), shared.set('b', 2), shared.noRerun(() => shared.set('c', 1))]);
    });
    for (const each of [tab, other]) {
      await untilIs(each, 'c', 1);
      assert.deepEqual(await each.bare(({ until }) => until(() => window.seen.length === 3 && window.seen.map(({ key, quiet }) => [key, quiet]))), [['a', false], ['b', false], ['c', true]]);
    }
  });

  test('asynchronous updates under a lock lose nothing, and wait for nobody, whoever calls them', async (tab, another) => {
    const other = await another();
    await open(other);
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      const later = async n => {
        await new Promise(resolve => setTimeout(resolve, 2));
        return (n ?? 0) + 1;
      };
      const many = count => Array.from({ length: count });
      await shared.lock('n', ({ update }) => Promise.all([...many(5).map(() => update(later)), update(n => (n ?? 0) + 1), ...many(5).map(() => shared.update('n', later)), shared.update('n', n => (n ?? 0) + 1)]));
      return shared.get('n');
    }), 12);
    await other.bare(() => window.shared.update('n', n => n + 1));
    await untilIs(tab, 'n', 13);
  });

  test('calls from each frame where the stack ends do what they were asked for, or refuse it; nothing stops', async tab => {
    tab.expectProblem(/call stack|recursion/, { optional: true });
    assert.deepEqual(await load(tab, async ({ sharedState }) => {
      const shared = await sharedState('app');
      const calls = [
        i => shared.lock('k', ({ set }) => set(i)), i => shared.lock('k', () => i), i => shared.update('k', () => i), i => shared.update('k', async () => i), i => shared.set('k', i),
        () => shared.delete('k'), () => shared.touch('k'), () => shared.clear(), i => sharedState(`other ${i}`),
      ];
      const promises = [];
      for (const call of calls) {
        let left = 3000;
        const walk = () => {
          try {
            walk();
          } catch (error) {
            if (left-- > 0 && left % 10 === 0) {
              try {
                promises.push(call(left).then(() => 'done', ({ code, name }) => code ?? name));
              } catch {
                // the platform has no room for the call
              }
            }
            throw error;
          }
        };
        try {
          walk();
        } catch {
          // the stack is used up
        }
      }
      const ends = new Set(await Promise.all(promises));
      return [ends.has('panic'), ends.has('done'), await shared.set('k', 'on').then(() => shared.get('k')), await shared.lock('k', ({ value }) => value)];
    }), [false, true, 'on', 'on']);
  });

  test('what was written before close() goes through, whenever that comes, and nothing stops', async (tab, another) => {
    const other = await another();
    await open(other);
    assert.equal(await load(tab, async ({ sharedState }) => {
      const ends = [];
      const { port1, port2 } = new MessageChannel(); // timers of a tab that is not seen come once a second
      const turn = () => new Promise(resolve => {
        port1.onmessage = resolve;
        port2.postMessage(null);
      });
      for (let i = 0; i < 30; i++) {
        const shared = await sharedState('app');
        ends.push(shared.set(`k${i}`, i), shared.update('n', n => (n ?? 0) + 1), shared.delete('none'), shared.touch('n'));
        for (let turns = i; turns > 0; turns--) await (turns % 5 ? Promise.resolve() : turn());
        shared.close();
      }
      await Promise.all(ends);
      const shared = await sharedState('app');
      return shared.update('n', n => n + 1);
    }), 31);
    await untilIs(other, 'n', 31);
    await untilIs(other, 'k29', 29);
  });
}
