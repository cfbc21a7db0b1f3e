// Texts under our keys that are not ours, or not whole, or meant to harm.

import assert from 'node:assert/strict';
import { reload } from './support.mjs';

const shape = (parts, leaves) => `t1*${parts};${JSON.stringify(leaves)}`;

/** Records of errors that hold each other twice over: taken at their word they are 2^40 errors. */
function doubling(levels) {
  const leaves = [];
  let parts = `[${levels + 1}`;
  const record = inner => {
    leaves.push('name', 'A', 'message', '', 'own', 'errors');
    parts += `{4ss{0${inner}`;
  };
  record('[0');
  for (let i = 1; i < levels; i++) record(`[2#${3 * i - 2}#${3 * i - 2}`);
  parts += 'E';
  record(`[2#${3 * levels - 2}#${3 * levels - 2}`);
  return shape(parts, leaves);
}

/** None of these is a value. */
const HOSTILE = {
  'the empty text': '', 'a foreign text': '{"state":{"count":1},"version":0}', 'a foreign number': '42', 'another magic': 't2:1', 'a head alone': 't1', 'a head without a body': 't1:',
  'no JSON': 't1:{', 'JSON and more': 't1:1 1', 'JSON with a comment': 't1:/**/1', 'not JSON\'s undefined': 't1:undefined', 'a cut off text': 't1:"abc', 'a head with a letter more': 't1x:1',
  'an end that is no number': 't1e:1', 'a version too large': 't1v4294967296:1', 'an end too large': 't1e99999999999999999999:1', 'a head in another order': 't1v1e1:1', 'zeros before': 't1v01:1',
  'a shape without leaves': 't1*u', 'no shape': 't1*;[]', 'an unknown tag': shape('q', []), 'a tag of another case': shape('U', []), 'two values': shape('uu', []),
  'a leaf too few': shape('[2ss', ['a']), 'a leaf too many': shape('s', ['a', 'b']), 'leaves that are no list': 't1*u;{"length":0}', 'leaves of null': 't1*u;null',
  'leaves that are no JSON': 't1*u;[', 'a number for a text': shape('s', [1]), 'a text for a number': shape('d', ['1']), 'null for a text': shape('s', [null]),
  'a list for a key': shape('{1u', [['__proto__']]), 'an object for a key': shape('{1u', [{}]), 'digits that are none': shape('b', ['0x10']), 'no digits': shape('b', ['']), 'digits with a space': shape('b', [' 1']),
  'a huge count': shape('[4294967295', []), 'a count beyond all': shape('[4294967296', []), 'a count of many digits': shape(`[${'9'.repeat(400)}`, []), 'a negative count': shape('[-1', []),
  'a huge map': shape('M4294967295', []), 'a huge set': shape('S4294967295u', []), 'more holes than places': shape('[2h3', []), 'no holes': shape('[1h0u', []), 'holes in an object': shape('{1h1', ['a']), 'holes alone': shape('h1', []),
  'a reference to nothing': shape('[1#1', []), 'a reference ahead': shape('[2#2[0', []), 'a reference far away': shape('[1#4294967295', []), 'a reference to what is not made': shape('E{1#0', ['cause']),
  'deep lists': `t1*${'[1'.repeat(200_000)}u;[]`, 'deep lists without an end': `t1*${'[1'.repeat(200_000)};[]`, 'deep JSON without an end': `t1:${'['.repeat(200_000)}`, 'deep objects': `t1*${'{1'.repeat(20_000)}u;[]`,
  'a date of a text': shape('Ds', ['2026']), 'a date of a list': shape('D[0', []), 'a box of an object': shape('O{0', []), 'a box of null': shape('On', []), 'an error of a list': shape('E[0', []), 'an error of nothing': shape('E{0', []),
  'an error with a wrong own': shape('E{2su', ['name', 'a', 'own']), 'an error with errors that are none': shape('E{4ss{0t', ['name', 'A', 'message', 'm', 'own', 'errors']),
  'a regexp that is none': shape('R', ['(', '']), 'flags that are none': shape('R', ['a', 'zz']), 'a buffer that is no base64': shape('X', ['*']), 'a view of a list': shape('V1[0', [0, 0]),
  'an unknown view': shape('V15X', [0, 0, '']), 'a view beyond all': shape('V99X', [0, 0, '']), 'a view beyond its buffer': shape('V1X', [0, 5, 'AAA=']), 'a view off its unit': shape('V7X', [1, 1, 'AAAAAAAA']),
  'a view before its buffer': shape('V1X', [-1, 1, 'AAAA']), 'a view of a huge length': shape('V1X', [0, 1e300, 'AAAA']),
  'a cycle of records': shape('E{4ss{0#1', ['name', 'A', 'message', '', 'own', 'cause']), 'errors that double': doubling(40),
};

export default function garbage(test) {
  test('a text that is no value of ours is an empty slot, reported once as corrupt, and kept aside', async tab => {
    const [wrong, count] = await tab.run(({ sessionStore }, texts) => {
      const errors = [];
      const store = sessionStore({ namespace: 'g', onError: error => errors.push(error) });
      const before = Object.getOwnPropertyNames(Object.prototype).length;
      const wrong = [];
      for (const [name, text] of Object.entries(texts)) {
        sessionStorage.setItem(`taskloom:g:${name}`, text);
        const ref = store.ref(name);
        const { length } = errors;
        const seen = [ref.isInitialized, ref.peek(), store.get(name), store.has(name), ref.persisted];
        if (seen.some(Boolean)) wrong.push(`${name}: ${seen}`);
        const [error, ...more] = errors.slice(length);
        if (error?.code !== 'corrupt' || error.name !== 'TaskloomError' || error.key !== name || error.namespace !== 'g' || more.length > 0) {
          wrong.push(`${name}: ${more.length} more, ${error?.code} ${error?.message}`);
          continue;
        }
        if (sessionStorage.getItem(error.aside) !== text) wrong.push(`${name}: not aside at ${error.aside}`);
        if (sessionStorage.getItem(`taskloom:g:${name}`) !== null) wrong.push(`${name}: is still there`);
        ref.value = 'again';
        store.flush();
        if (!ref.persisted || ref.value !== 'again' || sessionStorage.getItem(error.aside) !== text) wrong.push(`${name}: can't be used again`);
        store.delete(name);
        store.flush();
        sessionStorage.removeItem(error.aside);
      }
      if (Object.getOwnPropertyNames(Object.prototype).length !== before) wrong.push('Object.prototype was touched');
      return [wrong, Object.keys(texts).length];
    }, HOSTILE);
    assert.deepEqual(wrong, []);
    assert(count > 70);
  });

  test('what is kept aside is no value of any store, stays over reloads, and takes the place of nothing that lies there', async tab => {
    const set = () => void sessionStorage.setItem('taskloom:g:x', 'broken');
    const look = ({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'g', onError: ({ code, aside }) => errors.push([code, aside]) });
      return [store.get('x') ?? null, store.keys(), sessionStore().keys(), errors];
    };
    const asides = [];
    for (let i = 0; i < 3; i++) {
      await tab.bare(set);
      const [value, keys, others, errors] = await tab.run(look);
      assert.deepEqual([value, keys, others, errors.map(([code]) => code)], [null, [], [], ['corrupt']]);
      asides.push(errors[0][1]);
      await reload(tab);
    }
    assert.equal(new Set(asides).size, 3);
    assert.deepEqual(await tab.bare((_, asides) => asides.map(key => sessionStorage.getItem(key)), asides), ['broken', 'broken', 'broken']);
  });

  test('keys(), entries(), iteration and clear() pass over what is broken, and lose nothing that is whole', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      for (let i = 0; i < 20; i++) sessionStorage.setItem(`taskloom:g:${i}`, i % 2 ? 'broken' : `t1:${i}`);
      const codes = [];
      const store = sessionStore({ namespace: 'g', onError: ({ code }) => codes.push(code) });
      const keys = store.keys().map(Number).sort((a, b) => a - b);
      const sum = store.entries().reduce((sum, [, value]) => sum + value, 0);
      return [keys, sum, codes.length, codes.every(code => code === 'corrupt')];
    }), [[0, 2, 4, 6, 8, 10, 12, 14, 16, 18], 90, 10, true]);
  });

  test('where there is no room aside, the text stays where it is, and readers are none the wiser', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      sessionStorage.setItem('taskloom:g:x', 'broken');
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (key, text) {
        if (key.startsWith('taskloom~')) throw new DOMException('full', 'QuotaExceededError');
        setItem.call(this, key, text);
      };
      const errors = [];
      const store = sessionStore({ namespace: 'g', onError: ({ code, aside }) => errors.push([code, aside]) });
      return [store.get('x') ?? null, store.has('x'), errors, sessionStorage.getItem('taskloom:g:x')];
    }), [null, false, [['corrupt', 'taskloom:g:x']], 'broken']);
  });

  test('without onError it is reported where uncaught errors go, and what onError throws too: readers never meet it', async tab => {
    tab.expectProblem(/'x' of namespace 'g' has a stored text/);
    tab.expectProblem(/onError's own/);
    assert.deepEqual(await tab.run(({ sessionStore, stateRef }) => {
      sessionStorage.setItem('taskloom:g:x', 'broken');
      sessionStorage.setItem('taskloom:g:y', 'broken');
      const seen = [stateRef('x', { namespace: 'g', factory: () => 'made' }).value];
      seen.push(sessionStore({ namespace: 'g', onError: () => { throw new Error("onError's own"); } }).get('y') ?? null);
      return seen;
    }), ['made', null]);
  });

  test('a text with keys that pollute is data, or nothing', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }, texts) => {
      const codes = [];
      const store = sessionStore({ namespace: 'g', onError: ({ code }) => codes.push(code) });
      const own = texts.map((text, i) => {
        sessionStorage.setItem(`taskloom:g:${i}`, text);
        const value = store.get(String(i));
        if ({}.polluted !== undefined || [].polluted !== undefined || new Error('x').polluted !== undefined || (() => {}).polluted !== undefined) return 'polluted';
        return Object.keys(value ?? {}).join();
      });
      return [own, codes, Object.getPrototypeOf(store.get('1')) === Object.prototype];
    }, [
      't1:{"__proto__":{"polluted":1}}',
      shape('{1{1d', ['__proto__', 'polluted', 1]),
      shape('{1{1{1d', ['constructor', 'prototype', 'polluted', 1]),
      shape('E{3ss{1{1d', ['name', 'Error', 'message', 'm', 'own', '__proto__', 'polluted', 1]),
      shape('E{4sss{0', ['name', 'Error', 'message', 'm', 'kind', '__proto__', 'own']),
      shape('E{4sss{0', ['name', 'Error', 'message', 'm', 'kind', 'constructor', 'own']),
      shape('E{4ss{0{3ss{1d', ['name', 'Error', 'message', 'm', 'own', '__proto__', 'name', 'b', 'message', 'c', 'own', 'polluted', 1]),
      shape('M1ss', ['__proto__', 'polluted']),
    ]), [['__proto__', '__proto__', 'constructor', '__proto__', '', '', '', ''], [], true]);
  });

  test('of thousands of sound texts with a fault each none throws, hangs or harms: a value, or aside as it was', async tab => {
    const seen = await tab.run(async ({ sessionStore, nextTurn }) => {
      const { generator, seeded } = await import('/values.js');
      const random = seeded(7);
      const below = n => Math.floor(random() * n);
      const errors = [];
      const store = sessionStore({ namespace: 'g', onError: error => errors.push(error) });
      const wrong = [];
      const outcomes = { value: 0, corrupt: 0, 'version-mismatch': 0, expired: 0 };
      const faults = [
        text => text.slice(0, below(text.length)),
        text => { const at = below(text.length); return text.slice(0, at) + text.slice(at + 1 + below(3)); },
        text => { const at = below(text.length); return text.slice(0, at) + '[{MSDREOXV#nutfNIJZsdbh0129;:"\\,]}-e'[below(38)] + text.slice(at + below(2)); },
        text => { const at = below(text.length); return text.slice(0, at) + text.slice(below(text.length)); },
        text => text.replace(/\d/g, digit => random() < 0.2 ? below(10) : digit),
        text => text.replace(/\d+/, () => String(2 ** below(60))),
        text => { const at = below(text.length); const end = at + below(20); return text.slice(0, end) + text.slice(at); },
        text => text.slice(0, 3) + [...text.slice(3)].reverse().join(''),
      ];
      const before = Object.getOwnPropertyNames(Object.prototype).length;
      for (let i = 0; i < 6000 && wrong.length < 5; i++) {
        const make = generator(i);
        const key = `k${i}`;
        const where = `taskloom:g:${key}`;
        store.set('source', random() < 0.8 ? make.any(20) : make.plain(20), random() < 0.1 ? { expiresIn: '1h' } : {});
        store.flush();
        let text = sessionStorage.getItem('taskloom:g:source');
        for (let n = 1 + below(2); n > 0; n--) text = faults[below(faults.length)](text);
        sessionStorage.setItem(where, text);
        const { length } = errors;
        let value;
        let full;
        try {
          value = store.get(key);
          full = store.has(key);
        } catch (error) {
          wrong.push(`seed ${i}: ${error} for ${text}`);
          continue;
        }
        const [error, ...more] = errors.slice(length);
        if (error) {
          outcomes[error.code]++;
          if (full || more.length > 0 || !['corrupt', 'version-mismatch'].includes(error.code) || sessionStorage.getItem(error.aside) !== text) wrong.push(`seed ${i}: ${error.code} for ${text}`);
          sessionStorage.removeItem(error.aside);
        } else if (full) {
          outcomes.value++;
          // Whatever it is, it can be stored, or is refused by its type.
          try {
            sessionStore({ namespace: 'strict', storage: 'memory', enforceSerializable: true }).set('k', value);
          } catch (error) {
            if (error.code !== 'not-serializable') wrong.push(`seed ${i}: ${error} after ${text}`);
          }
        } else {
          outcomes.expired++;
        }
        store.delete(key);
        store.flush();
        if (sessionStorage.getItem(where) !== null) wrong.push(`seed ${i}: can't be removed`);
        if (i % 500 === 0) await nextTurn();
      }
      if (Object.getOwnPropertyNames(Object.prototype).length !== before) wrong.push('Object.prototype was touched');
      return { wrong, outcomes };
    });
    assert.deepEqual(seen.wrong, []);
    assert(seen.outcomes.value > 100 && seen.outcomes.corrupt > 2000, JSON.stringify(seen.outcomes));
  });
}
