// Decorators of methods, called as compilers' output calls them: by the standard's form, and by TypeScript's older one.

import assert from 'node:assert/strict';

export default function decorators(test) {
  test('the standard form decorates methods, static and private ones too, with and without options', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource }) => {
      const { decorated } = await import('/support/memo.js');
      const seen = [];
      for (const decorator of [cacheData, cacheData(), cacheData({ ttl: '1h' }), cacheResource, cacheResource({ maxEntries: 5 })]) {
        let calls = 0;
        class Service {
          load(id) { calls++; return `${this.constructor.name} ${id}`; }
          static make(id) { calls++; return `${this.name} ${id}`; }
        }
        decorated(decorator, Service.prototype, 'load');
        decorated(decorator, Service, 'make', { static: true });
        const service = new Service();
        seen.push(service.load(1), service.load(1), Service.make(2), Service.make(2), calls, service.load.stats().hits, service.load.name, service.load.length);
      }
      const secret = cacheData(async x => x, { kind: 'method', name: '#secret', static: false, private: true, access: {}, addInitializer() {}, metadata: {} });
      return [seen, await secret(1), secret.has(1)];
    }), [Array(5).fill(['Service 1', 'Service 1', 'Service 2', 'Service 2', 2, 1, 'load', 1]).flat(), 1, true]);
  });

  test('the older form gives a descriptor with the rest as it was', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, cacheResource }) => {
      const seen = [];
      for (const decorator of [cacheData, cacheData({ ttl: '1h' }), cacheResource, cacheResource({})]) {
        for (const [holder, name] of [[target => target.prototype, 'load'], [target => target, 'make'], [target => target.prototype, Symbol('by symbol')]]) {
          let calls = 0;
          class Service {}
          const target = holder(Service);
          const before = { value(id) { calls++; return { id }; }, writable: true, configurable: true, enumerable: false };
          const after = decorator(target, name, before);
          Object.defineProperty(target, name, after);
          target[name](1);
          seen.push([target[name](1).id, calls, after.writable, after.configurable, after.enumerable, after !== before, target[name].has(1)]);
        }
      }
      return seen;
    }), Array(12).fill([1, 1, true, true, false, true, true]));
  });

  test('name is the method\'s in events, unless an option says otherwise', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const { decorated } = await import('/support/memo.js');
      const names = [];
      for (const decorator of [cacheData, cacheData({ name: 'mine' })]) {
        class Service { load(x) { return x; } }
        decorated(decorator, Service.prototype, 'load');
        new Service().load.subscribe(event => names.push(event.name));
        new Service().load(1);
      }
      await nextTurn();
      return names;
    }), ['load', 'mine']);
  });

  test('this is ignored, so that all instances share their values, unless hashFuncs has a function for its class', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, objectId }) => {
      const { decorated } = await import('/support/memo.js');
      const seen = [];
      const options = [Service => ({}), Service => ({ hashFuncs: new Map([[Service, one => one.id]]) }),
        Service => ({ hashFuncs: new Map([[Service, objectId]]) }), Service => ({ hashFuncs: new Map([[Date, Number]]) })];
      for (const make of options) {
        class Service {
          constructor(id) { this.id = id; }
          load(x) { return `${this.id} ${x}`; }
        }
        class Derived extends Service {}
        decorated(cacheData(make(Service)), Service.prototype, 'load');
        seen.push([new Service('a'), new Service('a'), new Service('b'), new Derived('b')].map(one => one.load(1)), Service.prototype.load.stats().misses);
      }
      return seen;
    }), [
      Array(4).fill('a 1'), 1,
      ['a 1', 'a 1', 'b 1', 'b 1'], 2,
      ['a 1', 'a 1', 'b 1', 'b 1'], 4,
      Array(4).fill('a 1'), 1,
    ]);
  });

  test('an instance as this is another key than as the first argument', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      class Service { constructor(id) { this.id = id; } }
      const load = cacheData(function (...args) { return [this?.id ?? null, args.length]; }, { hashFuncs: new Map([[Service, one => one.id]]) });
      const one = new Service(1);
      return [load.call(one, 'a'), load(one, 'a'), load(one, 'a@'), load.call(one, 'a@'), load.call(one), load(one), load.stats().misses];
    }), [[1, 1], [null, 2], [null, 2], [1, 1], [1, 0], [null, 1], 6]);
  });

  test('the class of a static method is part of the key where hashFuncs has a function for it', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, objectId }) => {
      class Base {}
      class Derived extends Base {}
      Base.make = cacheData(function (x) { return `${this.name} ${x}`; }, { hashFuncs: new Map([[Function, objectId]]) });
      return [Base.make(1), Derived.make(1), Base.make(1)];
    }), ['Base 1', 'Derived 1', 'Base 1']);
  });

  test('with({ this }) says whose method it is to peek, has, info, clear, refresh and warm', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { decorated } = await import('/support/memo.js');
      class Service {
        constructor(id) { this.id = id; }
        load(x) { return `${this.id} ${x}`; }
      }
      decorated(cacheData({ hashFuncs: new Map([[Service, one => one.id]]) }), Service.prototype, 'load');
      const [a, b] = [new Service('a'), new Service('b')];
      const [ofA, ofB] = [a, b].map(one => one.load.with({ this: one }));
      a.load(1);
      const seen = [ofA.peek(1), ofA.has(1), ofB.has(1), ofB.info(1) === undefined, a.load.has(1), ofB(1), ofB.refresh(2), b.load(2)];
      const warmed = (await ofA.warm([[1], [3]])).map(({ value }) => value);
      ofA.clear(1);
      return [seen, warmed, ofA.has(1), ofB.has(1), ofA.has(3)];
    }), [['a 1', true, false, true, false, 'b 1', 'b 2', 'b 2'], ['a 1', 'a 3'], false, true, true]);
  });

  test('a refresh that runs behind has the instance as this', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const { decorated, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      class Service {
        calls = 0;
        async load() { return ++this.calls; }
      }
      decorated(cacheData({ ttl: 1000, refresh: 'background' }), Service.prototype, 'load');
      const service = new Service();
      const seen = [await service.load()];
      clock.pass(1000);
      seen.push(await service.load());
      await until(() => service.calls === 2);
      return [...seen, await service.load()];
    }), [1, 1, 2]);
  });

  test('what is no method is refused', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, cacheResource, thrownBy }) => {
      const context = kind => ({ kind, name: 'x', addInitializer() {} });
      const calls = ['class', 'getter', 'setter', 'field', 'accessor'].flatMap(kind => [() => cacheData(() => 1, context(kind)), () => cacheResource({})(() => 1, context(kind))]);
      calls.push(() => cacheData({}, 'x', { get: () => 1 }), () => cacheData({})({}, 'x', { value: 5 }), () => cacheData({}, 'field'));
      return [...new Set(calls.map(call => thrownBy(call).code))];
    }), ['invalid-argument']);
  });
}
