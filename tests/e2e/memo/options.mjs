// Wrong values of options and arguments: each is refused with invalid-argument, by its name, and nothing has happened.
// A page reads the values, so they are source text.

import assert from 'node:assert/strict';

const DURATION = ['-1', 'NaN', '-Infinity', '8.64e15 + 2', '""', '" "', '"abc"', '"5"', '"-1s"', '"1s1s"', 'true', '{}', '[]', '10n', 'Symbol("s")', '() => 5',
  'new Date(5)', '{ total: () => -1 }'];
const TTL = DURATION.filter(value => value !== '() => 5'); // which may be a function of the value
const FUNCTION = ['5', '"yes"', '{}', 'true', '[]', 'Symbol("s")', '1n'];
const NUMBER = ['-1', 'NaN', '-Infinity', '"3"', 'true', '{}', '[3]', '3n', 'Symbol("s")', '0'];
const COUNT = [...NUMBER, '1.5'];
const OBJECT = ['5', '"text"', 'true', 'null', '[]', '1n'];
const WORD = ['"deep"', '""', '5', 'true', '{}', '["clone"]', 'Symbol("s")'];

const COMMON = {
  name: ['5', 'true', '{}', '[]', 'Symbol("s")', '() => "a"'], ttl: TTL,
  ttlJitter: ['-0.01', '1.01', 'NaN', 'Infinity', '"0.5"', 'true', '{}', 'Symbol("s")', '1n'],
  maxEntries: COUNT, hashFuncs: ['5', '"text"', '{}', '[]', 'true', 'new WeakMap()', 'new Set([Date])'],
  ignore: ['5', '"0"', '{}', 'true', '[-1]', '[1.5]', '["0"]', '[NaN]', '[null]', '[[0]]', 'new Set([0])'], key: FUNCTION, refresh: WORD,
  refreshEvery: [...DURATION, '0', '"0s"', 'Infinity'],
  refreshConcurrency: COUNT, staleIfError: DURATION.filter(value => value !== 'true'), errorTtl: DURATION, onEvict: FUNCTION,
  onRelease: FUNCTION, sizeOf: FUNCTION,
};
const DATA = { maxBytes: NUMBER, copy: WORD, scope: WORD, persist: WORD, version: ['-1', '1.5', 'NaN', 'Infinity', '2 ** 32', '"1"', 'true', '{}', '1n', 'Symbol("s")'] };
const RESOURCE = {
  validate: FUNCTION, maxBytes: ['-1', '0', 'NaN'], copy: ['"clone"', '"freeze"', '"share"'], persist: ['"session"', '"local"'], scope: ['"origin"', '"tab"'],
};

const all = (options, call) => Object.entries(options).map(([name, values]) => [call.replace('NAME', name), name, values]);

/** The call, the word that says in a refusal what was wrong, and the wrong values. */
const TABLE = [
  ...all({ ...COMMON, ...DATA }, 'cacheData(fn, { NAME: VALUE, other: 1 })'), ...all(COMMON, 'cacheResource(fn, { NAME: VALUE })'),
  ...all(RESOURCE, 'cacheResource(fn, { sizeOf: () => 1, NAME: VALUE })'), ...all({ ttl: TTL, copy: WORD }, 'cacheData({ NAME: VALUE })(fn, context)'),
  ['cacheData(fn, VALUE)', 'options', OBJECT.filter(value => value !== '"text"')], ['cacheResource(fn, VALUE)', 'options', OBJECT.filter(value => value !== '"text"')],
  ['cacheData(VALUE)', 'function', ['5', '"text"', 'true', 'null', 'Symbol("s")', '1n']],
  ['cacheData(VALUE, {})', 'function', ['5', '"text"', 'true', 'null', 'Symbol("s")', '1n']],
  ['cacheData(fn, { hashFuncs: new Map([[VALUE, () => 1]]) })', 'hashFuncs', ['5', '"Date"', 'null', '{}', 'Date.prototype', '() => 1', 'Symbol.iterator']],
  ['cacheData(fn, { hashFuncs: new Map([[Date, VALUE]]) })', 'hashFuncs', ['5', '"text"', 'null', 'undefined', '{}']],
  ['cacheResource(fn, { maxBytes: VALUE })', 'sizeOf', ['100']],
  ['cacheData(() => 1, { VALUE })', 'name', ['persist: "local"', 'persist: "session"', 'scope: "origin"', 'persist: "local", name: ""']],
  ['cacheData(fn, { name: "a", scope: "origin", persist: VALUE })', 'persist', ['"session"']],
  ['cacheData(fn).with(VALUE)', 'options', [...OBJECT, 'undefined', '() => 1']],
  ['cacheData(fn).with({ signal: VALUE })', 'signal', ['5', '"signal"', '{}', 'true', 'new AbortController()', '{ aborted: true }']],
  ['cacheData(fn).with({ onProgress: VALUE })', 'onProgress', FUNCTION], ['cacheData(fn).subscribe(VALUE)', 'listener', [...FUNCTION, 'undefined', 'null']],
  ['cacheData(fn).warm(VALUE)', 'warm', ['5', '{}', 'undefined', 'null', '[5]', '[[1], "text"]', '[null]', '"text"', '[{}]', '[new Set([1])]']],
  ['job(VALUE)', 'job', ['5', 'undefined', 'null', '{}', '"text"', 'true']],
];

export default function options(test) {
  test('each wrong value is refused with invalid-argument and the name of what was wrong', async tab => {
    let source = '';
    let count = 0;
    for (const [call, word, values] of TABLE) {
      for (const value of values) {
        source += `await refused(${JSON.stringify(call.replace('VALUE', () => value))}, ${JSON.stringify(word)}, () => ${call.replace('VALUE', () => value)});\n`;
        count++;
      }
    }
    const { wrong, seen } = await tab.run(`async ({ cacheData, cacheResource, job }) => {
      const wrong = [];
      let seen = 0;
      let calls = 0;
      const fn = function named() { calls++; };
      const context = { kind: 'method', name: 'named', addInitializer() {} };
      async function refused(text, word, call) {
        seen++;
        try {
          await call();
          wrong.push(text + ': accepted');
        } catch ({ code, message }) {
          if (code !== 'invalid-argument' || !message.includes(word)) wrong.push(text + ': ' + code + ': ' + message);
        }
      }
      ${source}
      if (calls > 0) wrong.push('a function was called');
      return { wrong, seen };
    }`);
    assert.deepEqual(wrong, []);
    assert.equal(seen, count);
  });

  test('right values at the edges are taken', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, cacheResource }) => {
      const options = [
        undefined, {}, { ttl: 0 }, { ttl: '1ms' }, { ttl: 8.64e15 }, { ttl: null },
        { ttl: Infinity, maxEntries: 1, maxBytes: 1, ttlJitter: 1, refreshConcurrency: 1 },
        { ttlJitter: 0, maxEntries: Infinity, maxBytes: Infinity, refreshConcurrency: Infinity },
        { maxEntries: 2 ** 32 - 1 }, { maxEntries: 1e15 }, { ignore: [] }, { ignore: [0, 1_000_000] }, { hashFuncs: new Map() },
        { hashFuncs: undefined, key: undefined, onEvict: undefined, copy: undefined, refresh: undefined }, { staleIfError: 0 }, { staleIfError: true, errorTtl: 0 },
        { version: 2 ** 32 - 1 }, { refreshEvery: 1000 }, { maxBytes: 1.5 }, { maxBytes: 2 ** 53 }, { name: '' }, Object.freeze({ ttl: 5 }), Object.create({ ttl: 5 }),
      ];
      return options.map(each => cacheData(x => x, each)(5) === 5 && cacheResource(x => x, { ...each, version: undefined, sizeOf: () => 1 })(5) === 5);
    }), Array(23).fill(true));
  });

  test('options are read once, and changing them afterwards changes nothing', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const ignore = [1];
      const hashFuncs = new Map([[Date, date => date.getUTCFullYear()]]);
      const options = { maxEntries: 2, ignore, hashFuncs, copy: 'share' };
      const cached = cacheData(x => ({ x }), options);
      Object.assign(options, { maxEntries: 1, copy: 'clone' });
      ignore.push(0);
      hashFuncs.clear();
      return [cached(1, 'a') === cached(1, 'b'), cached(2, 'a').x, cached.stats().entries, cached(new Date(0)) === cached(new Date(1))];
    }), [true, 2, 2, true]);
  });

  test('what is no function and no options is refused at once, undefined and a promise too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, run, thrownBy }) => {
      const promise = Promise.resolve(() => 1);
      const wrong = [undefined, null, promise, run(() => 1), { then() {} }, [], new Map(), 5, 'load', Symbol('s'), new Date()];
      const seen = [];
      for (const cache of [cacheData, cacheResource]) {
        for (const value of wrong) seen.push(thrownBy(() => cache(value)).code, value === undefined ? 'invalid-argument' : thrownBy(() => cache(() => 1, value)).code);
      }
      return [[...new Set(seen)], thrownBy(() => cacheData(undefined)).message, /a promise/.test(thrownBy(() => cacheData(promise)).message), typeof cacheData(), typeof cacheData({})];
    }), [['invalid-argument'], 'the function is undefined; it must be a function, or an object of options for a decorator', true, 'function', 'function']);
  });
}
