// p-memoize 8, by its readme and its tests.

import assert from 'node:assert/strict';

export default function pMemoize(test) {
  test('a call with the same argument is served the value of the first', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let i = 0;
      const memoized = cacheData(async () => i++);
      return [await memoized(), await memoized(), await memoized('foo'), await memoized('foo'), await memoized('bar')];
    }), [0, 0, 1, 1, 2]);
  });

  test('all arguments count, by value; what cacheKey does is key\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let i = 0;
      const memoized = cacheData(async () => i++);
      const first = cacheData(async () => i++, { key: argument => argument });
      return [await memoized('a', 1), await memoized('a', 2), await memoized({ b: [1] }), await memoized({ b: [1] }), await first('a', 1), await first('a', 2)];
    }), [0, 1, 2, 2, 3, 3]);
  });

  test('calls before the first has resolved share it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const gate = deferred();
      let i = 0;
      const memoized = cacheData(async () => { i++; await gate.promise; return { i }; }, { copy: 'share' });
      const calls = [memoized('a'), memoized('a')];
      gate.resolve();
      const [one, two] = await Promise.all(calls);
      return [one === two, i];
    }), [true, 1]);
  });

  test('cache: false shares concurrent calls and keeps nothing, as ttl 0 does', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let i = 0;
      const memoized = cacheData(async () => i++, { ttl: 0 });
      return [await Promise.all([memoized(), memoized(), memoized()]), await memoized(), await memoized()];
    }), [[0, 0, 0], 1, 2]);
  });

  test('a rejection is not cached', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf }) => {
      let i = 0;
      const memoized = cacheData(async () => { if (i++ === 0) throw new Error('first'); return i; });
      return [(await rejectionOf(memoized())).message, await memoized(), await memoized()];
    }), ['first', 2, 2]);
  });

  test('undefined and null are values', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let i = 0;
      const memoized = cacheData(async value => { i++; return value; });
      const values = [await memoized(undefined), await memoized(undefined), await memoized(null), await memoized(null)];
      return [values.map(value => String(value)), i];
    }), [['undefined', 'undefined', 'null', 'null'], 2]);
  });

  test('pMemoizeClear: after it all is made anew, and what is under way is not kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let i = 0;
      const memoized = cacheData(async () => i++);
      const seen = [await memoized(), await memoized()];
      memoized.clear();
      seen.push(await memoized());
      const running = memoized('other');
      memoized.clear();
      return [...seen, await running, memoized.has('other')];
    }), [0, 0, 1, 2, false]);
  });

  test('the function\'s name is kept, and its this', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const object = { i: 5, memoized: cacheData(async function foo() { return this.i; }) };
      return [object.memoized.name, await object.memoized()];
    }), ['foo', 5]);
  });

  test('pMemoizeDecorator: by instance where hashFuncs tells instances apart', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, objectId }) => {
      const { decorated } = await import('/support/memo.js');
      class Alpha {
        i = 0;
        async foo() { return this.i++; }
      }
      class Beta extends Alpha {
        async foo() { return this.i++; }
      }
      decorated(cacheData, Alpha.prototype, 'foo');
      decorated(cacheData({ hashFuncs: new Map([[Beta, objectId]]) }), Beta.prototype, 'foo');
      const [a, b] = [new Beta(), new Beta()];
      await a.foo();
      b.i = 10;
      const shared = [new Alpha(), Object.assign(new Alpha(), { i: 10 })];
      return [await a.foo(), await b.foo(), await a.foo(), await shared[0].foo(), await shared[1].foo()];
    }), [0, 10, 0, 0, 0]);
  });
}
