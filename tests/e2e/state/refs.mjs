// References: one piece of state by its names, who hears of it, and what is refused.

import assert from 'node:assert/strict';
import { reload } from './support.mjs';

export default function refs(test) {
  test('two references to one slot are one state; another namespace, key or storage is another', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore, stateRef }) => {
      const one = stateRef('count', { namespace: 'page-1' });
      const two = stateRef('count', { namespace: 'page-1' });
      one.value = 1;
      const same = [two.value, sessionStore({ namespace: 'page-1' }).get('count'), sessionStore({ namespace: 'page-1' }).ref('count').value];
      two.value = 2;
      const others = [{}, { namespace: '' }, { namespace: 'page-2' }, { namespace: 'page-1', storage: 'local' }, { namespace: 'page-1', storage: 'memory' }]
        .map(options => stateRef('count', options).isInitialized);
      return [same, one.value, others, stateRef('Count', { namespace: 'page-1' }).isInitialized, one.key, one.namespace, stateRef('x').namespace];
    }), [[1, 1, 1], 2, Array(5).fill(false), false, 'count', 'page-1', null]);
  });

  test('a factory makes the first value when the reference is made, and again when it is read after clear(); never if there is a value', async tab => {
    assert.deepEqual(await tab.run(({ stateRef }) => {
      let made = 0;
      const options = { namespace: 'made', factory: () => `value ${++made}` };
      const one = stateRef('x', options);
      const atOnce = made;
      const two = stateRef('x', options);
      const seen = [atOnce, two.value, one.value, made];
      one.clear();
      seen.push(one.isInitialized, one.peek(), made); // these look, and make nothing
      seen.push(two.value, one.value, made);
      return seen.map(value => value ?? null);
    }), [1, 'value 1', 'value 1', 1, false, null, 1, 'value 2', 'value 2', 2]);
  });

  test('what a factory made is there after a reload, and it is not called again', async tab => {
    await tab.run(({ stateRef }) => stateRef('id', { factory: () => 'first' }).value);
    await reload(tab);
    assert.equal(await tab.run(({ stateRef }) => stateRef('id', { factory: () => 'second' }).value), 'first');
  });

  test('a factory that throws leaves the slot empty, and what it throws comes through', async tab => {
    assert.deepEqual(await tab.run(({ stateRef, thrownBy }) => {
      const error = thrownBy(() => stateRef('x', { factory: () => { throw new RangeError('mine'); } }));
      const wrong = thrownBy(() => stateRef('x', { type: Number, factory: () => 'text' }));
      return [error.name, wrong.code, stateRef('x').isInitialized];
    }), ['RangeError', 'invalid-argument', false]);
  });

  test('init() gives an empty slot its first value, and says whether it was empty', async tab => {
    assert.deepEqual(await tab.run(({ stateRef }) => {
      const ref = stateRef('x');
      let calls = 0;
      const make = () => { calls++; return undefined; };
      return [ref.init(make), ref.init(make), ref.isInitialized, ref.value === undefined, calls, (ref.clear(), ref.init(() => 7)), ref.value];
    }), [true, false, true, true, 1, true, 7]);
  });

  test('reading an empty slot throws uninitialized, and names the slot and its namespace', async tab => {
    const [named, whole, reduced, peeked] = await tab.run(({ stateRef, thrownBy }) => [
      thrownBy(() => stateRef('the key', { namespace: 'the space' }).value),
      thrownBy(() => stateRef('the key').value),
      thrownBy(() => stateRef('the key').reduce(value => value)),
      stateRef('the key').peek() === undefined,
    ]);
    for (const error of [named, whole, reduced]) {
      assert.deepEqual([error.name, error.code], ['TaskloomError', 'uninitialized']);
      assert.match(error.message, /the key/);
    }
    assert.match(named.message, /the space/);
    assert.match(whole.message, /session/);
    assert.equal(peeked, true);
  });

  test('reduce() assigns what the function makes of the value and the arguments, and returns it; what it throws changes nothing', async tab => {
    assert.deepEqual(await tab.run(({ stateRef, thrownBy }) => {
      const ref = stateRef('x', { factory: () => 1 });
      const sum = ref.reduce((value, a, b) => value + a + b, 10, 100);
      const { name } = thrownBy(() => ref.reduce(() => { throw new TypeError('no'); }));
      return [sum, ref.value, name, ref.value];
    }), [111, 111, 'TypeError', 111]);
  });

  test('the value is the object itself, no copy', async tab => {
    assert.equal(await tab.run(({ stateRef }) => {
      const list = [1];
      const ref = stateRef('x');
      ref.value = list;
      return ref.value === list && stateRef('x').peek() === list;
    }), true);
  });

  test('type is checked at each assignment by that reference, in all its forms, and a refused value changes nothing', async tab => {
    const outcomes = await tab.run(({ stateRef, thrownBy }) => {
      const values = {
        number: 1, nan: NaN, string: '', boolean: false, bigint: 1n, symbol: Symbol.iterator, function: () => {}, null: null, undefined,
        object: {}, bare: Object.create(null), array: [], date: new Date(0), map: new Map(), boxed: Object(1),
      };
      const types = {
        Number, String, Boolean, BigInt, Symbol, Function, Object, Array, Date, Map, null: null, undefined: [undefined],
        'Number|null': [Number, null], 'nested': [[String], [[undefined]]], none: [], 'not given': undefined,
      };
      const accepted = {};
      for (const [type, typeValue] of Object.entries(types)) {
        const free = stateRef(type, { onError() {} });
        const ref = stateRef(type, { type: typeValue });
        accepted[type] = [];
        for (const [name, value] of Object.entries(values)) {
          free.value = 'before';
          try {
            ref.value = value;
            if (!Object.is(free.value, value)) throw new Error('was not assigned');
            accepted[type].push(name);
          } catch (error) {
            if (error.code !== 'invalid-argument' || !error.message.includes(`'${type}'`) || free.value !== 'before') throw error;
          }
        }
      }
      const wrong = ['number', 5, {}, [Number, 'string'], () => {}].map(type => thrownBy(() => stateRef('x', { type })).code);
      const ref = stateRef('n', { namespace: 'typed', type: Number, factory: () => 1 });
      return { accepted, wrong, reduced: thrownBy(() => ref.reduce(String)), kept: ref.value };
    });
    assert.deepEqual(outcomes.accepted, {
      Number: ['number', 'nan'], String: ['string'], Boolean: ['boolean'], BigInt: ['bigint'], Symbol: ['symbol'], Function: ['function'],
      Object: ['null', 'object', 'bare', 'array', 'date', 'map', 'boxed'].slice(1), Array: ['array'], Date: ['date'], Map: ['map'],
      null: ['null'], undefined: ['undefined'], 'Number|null': ['number', 'nan', 'null'], nested: ['string', 'undefined'], none: [],
      'not given': ['number', 'nan', 'string', 'boolean', 'bigint', 'symbol', 'function', 'null', 'undefined', 'object', 'bare', 'array', 'date', 'map', 'boxed'],
    });
    assert.deepEqual(outcomes.wrong, Array(5).fill('invalid-argument'));
    assert.equal(outcomes.reduced.code, 'invalid-argument');
    assert.match(outcomes.reduced.message, /'n'.*'typed'.*Number/);
    assert.equal(outcomes.kept, 1);
  });

  test('clear() empties the slot for all, in storage too, and tells those who listen once', async tab => {
    assert.deepEqual(await tab.run(async ({ stateRef, nextTurn }) => {
      const [one, two] = [stateRef('x', { namespace: 'cleared' }), stateRef('x', { namespace: 'cleared' })];
      const heard = [];
      two.subscribe((...args) => heard.push(args.map(value => value ?? null)));
      one.value = 5;
      await nextTurn();
      const stored = Object.keys(sessionStorage).filter(key => key.includes('cleared')).length;
      one.clear();
      one.clear();
      await nextTurn();
      return [stored, heard, two.isInitialized, Object.keys(sessionStorage).filter(key => key.includes('cleared'))];
    }), [1, [[5, null], [null, 5]], false, []]);
  });

  test('listeners hear the value and the one before, before the assignment returns, until they are stopped', async tab => {
    assert.deepEqual(await tab.run(({ stateRef }) => {
      const ref = stateRef('x', { factory: () => 0 });
      const heard = [];
      const listener = (value, previous) => heard.push(`${previous}→${value}`);
      const stops = [ref.subscribe(listener), ref.subscribe(listener)];
      const empty = heard.length; // nobody is called by subscribing
      ref.value = 1;
      const afterOne = heard.length;
      stops[0]();
      stops[0]();
      ref.value = 2;
      stops[1]();
      ref.value = 3;
      return [empty, afterOne, heard];
    }), [0, 2, ['0→1', '0→1', '1→2']]);
  });

  test('assigning what is stored in the same form tells nobody; the same object again does, since it may have changed', async tab => {
    assert.deepEqual(await tab.run(({ stateRef, sessionStore }) => {
      const store = sessionStore({ namespace: 'equal', onError() {} });
      const outcomes = {};
      const cases = {
        'same number': [1, 1], 'same text': ['a', 'a'], NaN: [NaN, NaN], 'same null': [null, null], 'same undefined': [undefined, undefined],
        'equal list': [[1, { a: 2 }], [1, { a: 2 }]], 'equal map': [new Map([[1, 2]]), new Map([[1, 2]])], 'equal date': [new Date(5), new Date(5)],
        'other number': [1, 2], '0 and -0': [0, -0], '1 and "1"': [1, '1'], 'other list': [[1], [2]], 'list and object': [[], {}],
        'null and undefined': [null, undefined], 'other function': [() => 1, () => 1],
      };
      for (const [name, [first, second]] of Object.entries(cases)) {
        for (const when of ['at once', 'stored']) {
          const ref = store.ref(`${name} ${when}`);
          let heard = 0;
          ref.subscribe(() => heard++);
          ref.value = first;
          if (when === 'stored') store.flush();
          ref.value = second;
          if (!Object.is(ref.value, second)) outcomes[name] = 'not assigned';
          (outcomes[name] ??= []).push?.(heard - 1);
        }
      }
      const list = stateRef('list');
      const seen = [];
      list.subscribe(value => seen.push(value.length));
      const value = [];
      list.value = value;
      value.push(1);
      list.value = value;
      store.flush();
      list.value = value;
      return [outcomes, seen];
    }), [{
      'same number': [0, 0], 'same text': [0, 0], NaN: [0, 0], 'same null': [0, 0], 'same undefined': [0, 0], 'equal list': [0, 0], 'equal map': [0, 0],
      'equal date': [0, 0], 'other number': [1, 1], '0 and -0': [1, 1], '1 and "1"': [1, 1], 'other list': [1, 1], 'list and object': [1, 1],
      'null and undefined': [1, 1], 'other function': [1, 1],
    }, [0, 1, 1]]);
  });

  test('-0 takes the place of a stored 0, and the other way round', async tab => {
    await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'zero' });
      store.set('a', 0).set('b', -0).flush();
      store.set('a', -0).set('b', 0);
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => ['a', 'b'].map(key => Object.is(sessionStore({ namespace: 'zero' }).get(key), -0))), [true, false]);
  });

  test('an object that was changed in place and assigned again is stored as it is then', async tab => {
    await tab.run(async ({ stateRef, nextTurn }) => {
      const list = stateRef('list', { factory: () => [] });
      await nextTurn();
      list.value.push('one');
      list.value = list.value;
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ stateRef }) => stateRef('list').value), ['one']);
  });

  test('a listener that throws is reported, and harms neither the assignment nor the others', async tab => {
    tab.expectProblem(/a listener's own error/);
    assert.deepEqual(await tab.run(({ stateRef }) => {
      const ref = stateRef('x');
      const heard = [];
      ref.subscribe(() => { throw new Error("a listener's own error"); });
      ref.subscribe(value => heard.push(value));
      ref.value = 1;
      return [ref.value, heard];
    }), [1, [1]]);
  });

  test('a listener that another stops in the same turn is not called any more, and one that comes meanwhile hears the next change', async tab => {
    assert.deepEqual(await tab.run(({ stateRef }) => {
      const ref = stateRef('x');
      const heard = [];
      let stop;
      const first = ref.subscribe(value => {
        heard.push(`first ${value}`);
        stop();
        first();
        ref.subscribe(value => heard.push(`third ${value}`));
      });
      stop = ref.subscribe(value => heard.push(`second ${value}`));
      ref.value = 1;
      ref.value = 2;
      return heard;
    }), ['first 1', 'third 2']);
  });

  test('when a listener writes, each listener still hears every change in order, and last the last', async tab => {
    assert.deepEqual(await tab.run(({ stateRef, sessionStore }) => {
      const ref = stateRef('x', { namespace: 'nested' });
      const heard = { before: [], after: [], store: [] };
      ref.subscribe((value, previous) => heard.before.push([value, previous ?? null]));
      ref.subscribe(value => { if (value < 3) ref.value = value + 1; });
      ref.subscribe((value, previous) => heard.after.push([value, previous ?? null]));
      sessionStore({ namespace: 'nested' }).subscribe((key, value, previous) => heard.store.push([value, previous ?? null]));
      ref.value = 1;
      return [heard, ref.value];
    }), [Object.fromEntries(['before', 'after', 'store'].map(who => [who, [[1, null], [2, 1], [3, 2]]])), 3]);
  });

  test('touch() tells those who listen without a change, and of an empty slot too', async tab => {
    assert.deepEqual(await tab.run(async ({ stateRef, nextTurn }) => {
      const ref = stateRef('x', { factory: () => 1 });
      await nextTurn();
      const heard = [];
      ref.subscribe((...args) => heard.push(args.map(value => value ?? null)));
      ref.touch();
      const { persisted } = ref;
      ref.clear();
      ref.touch();
      return [heard, persisted];
    }), [[[1, 1], [null, 1], [null, null]], true]);
  });

  test('persisted says whether the storage holds the value: not before the write behind, never for what has no text', async tab => {
    assert.deepEqual(await tab.run(async ({ stateRef, nextTurn }) => {
      const errors = [];
      const ref = stateRef('x', { onError: ({ code }) => errors.push(code) });
      const seen = [ref.persisted];
      for (const value of [1, () => {}, 2]) {
        ref.value = value;
        seen.push(ref.persisted);
        await nextTurn();
        seen.push(ref.persisted);
      }
      const memory = stateRef('x', { storage: 'memory', factory: () => 1 });
      await nextTurn();
      return [seen, memory.persisted, errors];
    }), [[false, false, true, false, false, false, true], false, ['not-serializable']]);
  });

  test('bad arguments are refused with invalid-argument, and the thing is named', async tab => {
    const messages = await tab.run(({ sessionStore, stateRef, thrownBy }) => {
      const store = sessionStore();
      const ref = stateRef('x', { factory: () => 1 });
      const calls = {
        'the key': [() => stateRef(), () => stateRef(5), () => stateRef(null), () => stateRef(Symbol()), () => store.get(), () => store.set(1, 1), () => store.ref({}),
          () => store.usage(1), () => store.has(null), () => store.delete()],
        options: [() => stateRef('x', null), () => stateRef('x', 5), () => sessionStore(null), () => sessionStore('name'), () => store.set('a', 1, null),
          () => store.ref('x', 'y')],
        namespace: [() => sessionStore({ namespace: 5 }), () => stateRef('x', { namespace: {} })],
        storage: [() => sessionStore({ storage: 'disk' }), () => stateRef('x', { storage: null })],
        factory: [() => stateRef('x', { factory: 5 }), () => ref.init(), () => ref.init(5)],
        type: [() => stateRef('x', { type: 'number' })],
        expiresIn: [() => stateRef('x', { expiresIn: 'soon' }), () => stateRef('x', { expiresIn: -1 }), () => sessionStore({ expiresIn: NaN }),
          () => store.set('a', 1, { expiresIn: {} })],
        version: [() => stateRef('x', { version: -1 }), () => stateRef('x', { version: 1.5 }), () => sessionStore({ version: 2 ** 32 }), () => sessionStore({ version: '1' })],
        migrate: [() => stateRef('x', { migrate: 1 }), () => sessionStore({ migrate: {} })],
        durable: [() => stateRef('x', { durable: 1 }), () => sessionStore({ durable: 'yes' }), () => store.set('a', 1, { durable: 0 })],
        enforceSerializable: [() => sessionStore({ enforceSerializable: 1 }), () => stateRef('x', { enforceSerializable: null })],
        onError: [() => sessionStore({ onError: 1 }), () => stateRef('x', { onError: {} })],
        onFork: [() => sessionStore({ onFork: 1 })],
        listener: [() => ref.subscribe(), () => store.subscribe(5)],
        reducer: [() => ref.reduce(), () => ref.reduce(5)],
      };
      return Object.entries(calls).flatMap(([name, list]) => list.map(call => [name, String(call), thrownBy(call)]));
    });
    for (const [name, call, { name: error, code, message }] of messages) {
      assert.deepEqual([error, code], ['TaskloomError', 'invalid-argument'], `${call}: ${message}`);
      assert(message.includes(name), `${call}: ${message}`);
    }
    assert(messages.length > 40);
  });

  test('every option may be undefined, which is as if it were not there', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore, stateRef }) => {
      const none = names => Object.fromEntries(names.split(' ').map(name => [name, undefined]));
      const store = sessionStore(none('namespace storage expiresIn version migrate durable enforceSerializable onError onFork'));
      const ref = stateRef('x', none('namespace storage expiresIn version migrate durable enforceSerializable onError onFork factory'));
      ref.value = 1;
      return [store.get('x'), store.namespace, store.storage, store.set('y', 2, none('expiresIn durable')).get('y')];
    }), [1, null, 'session', 2]);
  });

  test('merge gives a stored object what it lacks of the defaults, down to the last plain object, and leaves what it has', async tab => {
    assert.deepEqual(await tab.run(({ stateRef, thrownBy }) => {
      const stored = { theme: 'dark', editor: { size: 3, lines: [1] }, gone: null };
      const defaults = () => ({ theme: 'light', editor: { size: 1, lines: [9, 9], wrap: { on: true } }, gone: 5, added: [1] });
      const ref = (key, options) => stateRef(key, { factory: defaults, ...options });
      const make = (key, value) => { stateRef(key, { factory: () => value }); };
      make('a', stored);
      make('b', stored);
      make('list', [1]);
      make('whole', { ...defaults(), more: 1 });
      const heard = [];
      stateRef('whole').subscribe(value => heard.push(value));
      const seen = [ref('a', { merge: true }).value, ref('b').value, ref('list', { merge: true }).value, ref('whole', { merge: true }).value.more, ref('new', { merge: true }).value.theme, heard,
        stateRef('a').value.added, thrownBy(() => ref('a', { merge: 1 })).code, JSON.stringify(stored)];
      return seen;
    }), [
      { theme: 'dark', editor: { size: 3, lines: [1], wrap: { on: true } }, gone: null, added: [1] }, { theme: 'dark', editor: { size: 3, lines: [1] }, gone: null }, [1], 1, 'light', [],
      [1], 'invalid-argument', '{"theme":"dark","editor":{"size":3,"lines":[1]},"gone":null}',
    ]);
  });

  test('a factory takes over what another library has stored, once', async tab => {
    assert.deepEqual(await tab.run(({ stateRef }) => {
      localStorage.setItem('settings-storage', JSON.stringify({ state: { theme: 'dark' }, version: 0 }));
      const take = () => JSON.parse(localStorage.getItem('settings-storage'))?.state ?? {};
      const first = stateRef('settings', { storage: 'local', factory: () => ({ theme: 'light', size: 3, ...take() }) }).value;
      localStorage.setItem('settings-storage', 'null');
      return [first, stateRef('settings', { storage: 'local', factory: () => 'no' }).value];
    }), Array(2).fill({ theme: 'dark', size: 3 }));
  });
}
