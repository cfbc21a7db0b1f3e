// One caller's value never reaches another: nothing drops out of a key, and a value belongs to the arguments that its function saw.

import assert from 'node:assert/strict';

export default function isPrivate(test) {
  test('this is part of the key with `key` as well', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, objectId }) => {
      const { decorated } = await import('/support/memo.js');
      const seen = [];
      for (const hash of [one => one.name, objectId]) {
        for (const wrap of [x => x, async x => x]) {
          class User {
            constructor(name) { this.name = name; }
            load(x) { return wrap(this.name + x); }
          }
          decorated(cacheData({ hashFuncs: new Map([[User, hash]]), key: x => x }), User.prototype, 'load');
          const [ada, bob] = [new User('ada'), new User('bob')];
          seen.push(await ada.load(1), await bob.load(1), await ada.load(1), ada.load.stats().misses, await ada.load.with({ this: bob }).peek(1));
          ada.load.with({ this: ada }).clear(1);
          seen.push(ada.load.with({ this: ada }).has(1), ada.load.with({ this: bob }).has(1));
        }
      }
      return seen;
    }), Array(4).fill(['ada1', 'bob1', 'ada1', 2, 'bob1', false, true]).flat());
  });

  test('and with ignore, with a key that is no text, with persist, and for tasks of runInExecutor', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, runInExecutor }) => {
      class User {
        constructor(name) { this.name = name; }
      }
      const hashFuncs = () => new Map([[User, one => one.name]]);
      const load = function (x) { return this.name + x; };
      const all = [
        cacheData(load, { hashFuncs, ignore: [0] }), cacheData(load, { hashFuncs, key: x => ({ x }) }), cacheData(load, { hashFuncs, key: () => null }),
        cacheData(load, { hashFuncs, persist: 'session', name: 'mine', key: x => x }), runInExecutor(load, { cache: { hashFuncs, key: x => x } }),
        runInExecutor(load, { cache: { hashFuncs } }),
      ];
      const [ada, bob] = [new User('ada'), new User('bob')];
      const seen = [];
      for (const each of all) seen.push(await each.call(ada, 1), await each.call(bob, 1), await each.call(ada, 1));
      return seen;
    }), Array(6).fill(['ada1', 'bob1', 'ada1']).flat());
  });

  test('a function in hashFuncs for Object is for plain objects, and instances without a nearer one; what a key() makes of them is equal for equal parts', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, objectId, thrownBy }) => {
      class Point {}
      class Near {}
      const hashFuncs = new Map([[Object, objectId], [Near, () => 'near']]);
      const keyed = cacheData(x => ({ x: typeof x }), { hashFuncs, key: x => ['k', x] });
      const all = cacheData((...args) => args.length, { hashFuncs });
      const [plain, point, fn, node, list] = [{ a: 1 }, new Point(), () => {}, document.body, new (class List extends Array {})()];
      const misses = (cached, ...calls) => {
        const before = cached.stats().misses;
        calls.forEach(args => cached(...args));
        return cached.stats().misses - before;
      };
      return [
        misses(keyed, [plain], [plain], [{ a: 1 }]), misses(keyed, [point], [point], [new Point()]), misses(keyed, [new Near()], [new Near()]),
        misses(all, [[1, 2]], [[1, 2]]), misses(all, [new Map([[1, 2]])], [new Map([[1, 2]])]), misses(all, [new Set([1])], [new Set([1])]),
        misses(all, [new Date(1)], [new Date(1)]), misses(all, [/a/g], [/a/g]), misses(all, [new URL('a:b')], [new URL('a:b')]),
        misses(all, [Uint8Array.of(1)], [Uint8Array.of(1)]), misses(all, [new ArrayBuffer(1)], [new ArrayBuffer(1)]),
        misses(all, [[plain]], [[plain]], [[{ a: 1 }]]), misses(all, [fn], [fn], [() => {}]), misses(all, [node], [node]), misses(all, [list], [list]),
        thrownBy(() => all(Symbol('s'))).code,
      ];
    }), [2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 'unhashable-param']);
  });

  test('this is part of the key where hashFuncs has a function for Object, whatever it is', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, objectId }) => {
      const cached = cacheData(function () { return this.mark; }, { hashFuncs: new Map([[Object, objectId]]) });
      const make = [() => ({}), () => [], () => new Map(), () => function () {}, () => new (class Service {})(), () => class Service {}, () => document.createElement('p')];
      const all = make.flatMap(each => ['a', 'b'].map(mark => Object.assign(each(), { mark })));
      const lists = all.filter(each => !Array.isArray(each) && !(each instanceof Map)); // two empty lists are equal, as arguments are
      return lists.map(each => cached.call(each) === each.mark);
    }), Array(10).fill(true));
  });

  test('objectId() in a key that other pages share is refused: the numbers are others there', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, objectId, thrownBy, rejectionOf }) => {
      const hashFuncs = new Map([[Object, objectId]]);
      const kept = { name: 'mine', persist: 'session' };
      return [
        thrownBy(() => cacheData(x => x.a, { ...kept, hashFuncs })({ a: 1 })).code, thrownBy(() => cacheData(x => x.a, { ...kept, name: 'b', key: x => objectId(x) })({ a: 1 })).code,
        (await rejectionOf(cacheData(async x => x.a, { name: 'c', scope: 'origin', hashFuncs })({ a: 1 }))).code, cacheData(x => x.a, { hashFuncs })({ a: 1 }),
      ];
    }), ['invalid-argument', 'invalid-argument', 'invalid-argument', 1]);
  });

  test('a refresh whose arguments were changed since the call is not made under the old key', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn, until }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const seen = [];
      for (const wrap of [x => x, async x => x]) {
        const load = cacheData(query => wrap(query.user), { ttl: 1000, refresh: 'background' });
        const query = { user: 'ada' };
        seen.push(await load(query));
        clock.pass(1000);
        const stale = load(query);
        query.user = 'bob';
        seen.push(await stale);
        for (let i = 0; i < 5; i++) await nextTurn();
        seen.push(load.peek({ user: 'ada' }), load.has({ user: 'bob' }), load.stats().inFlight);
        await load({ user: 'ada' });
        await until(() => load.info({ user: 'ada' }).stale === false);
        seen.push(load.peek({ user: 'ada' }));
      }
      return seen;
    }), Array(2).fill(['ada', 'ada', 'ada', false, 0, 'ada']).flat());
  });

  test('nor one of refreshEvery', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const made = [];
      const load = cacheData(async query => {
        made.push(query.user);
        return query.user;
      }, { refreshEvery: 5 });
      const query = { user: 'ada' };
      await load(query);
      const other = { user: 'eve' };
      await load(other);
      query.user = 'bob';
      await until(() => made.length > 4);
      const seen = [load.peek({ user: 'ada' }), made.includes('bob')];
      load[Symbol.dispose]();
      return seen;
    }), ['ada', false]);
  });

  test('one who joins a refresh that is not made has one of their own', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const load = cacheData(async query => `${query.user} ${++load.runs}`, { ttl: 1000, refresh: 'background' });
      load.runs = 0;
      const query = { user: 'ada' };
      await load(query);
      clock.pass(1000);
      await Promise.all([load(query), 0].slice(0, 1).map(call => (query.user = 'bob', call)));
      return await load.refresh({ user: 'ada' });
    }), 'ada 2');
  });

  test('a function that runs later than it was called, with arguments that were changed meanwhile, has its value kept for nobody', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, cacheData, job, runInExecutor }) => {
      const seen = [];
      const run = query => query.user;
      for (const copy of ['clone', 'share']) {
        const all = [
          cacheData(job((_, query) => run(query)), { copy }), runInExecutor(run, { cache: { copy } }), runInExecutor((_, query) => run(query), { context: true, cache: { copy } }),
          runInExecutor(run, { manager: new TaskManager({ concurrency: 1 }), cache: { copy } }),
        ];
        for (const load of all) {
          const query = {};
          const calls = ['ada', 'bob', 'carol'].map(user => {
            query.user = user;
            return load(query);
          });
          const other = load({ user: 'ada' });
          await Promise.all(calls);
          seen.push(await other, ...await Promise.all(['ada', 'bob', 'carol'].map(user => load({ user }))));
        }
      }
      return seen;
    }), Array(8).fill(['ada', 'ada', 'bob', 'carol']).flat());
  });

  test('a promise of validate() is no decision: it is reported, and the object is made anew', async tab => {
    tab.expectProblem(/validate\(\) is \[object Promise\]/);
    assert.deepEqual(await tab.run(async ({ cacheResource }) => {
      let made = 0;
      const cached = cacheResource(() => ({ nth: ++made }), { validate: async () => true });
      return [cached().nth, cached().nth];
    }), [1, 2]);
  });
}
