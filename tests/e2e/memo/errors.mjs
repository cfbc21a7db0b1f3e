// Errors as values: each caller's copy has all that the error had, or the call fails.

import assert from 'node:assert/strict';

export default function errors(test) {
  test('name, code, status and all else of an error is in each copy, wherever the error stands', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskloomError, cacheData }) => {
      class HttpError extends TypeError {
        constructor(message, options) {
          super(message, options);
          this.name = 'HttpError';
          Object.assign(this, { code: 'E_HTTP', status: 404, headers: new Map([['a', { b: 1 }]]), errors: { name: 'required' } });
          Object.defineProperty(this, 'hidden', { value: 5 });
        }
      }
      const make = () => new HttpError('no', { cause: new RangeError('why') });
      const look = error => [error.name, error.message, error.code, error.status, error.headers?.get('a').b, error.errors?.name, error.hidden,
        error instanceof TypeError, error.cause?.name, error.cause?.message, Object.keys(error).includes('hidden'), typeof error.stack];
      const places = [
        [error => error, value => value], [error => ({ error }), value => value.error], [error => [[error]], value => value[0][0]],
        [error => new Map([['e', error]]), value => value.get('e')], [error => new Set([error]), value => [...value][0]],
        [error => new Error('outer', { cause: error }), value => value.cause], [error => Object.assign(new Error('outer'), { inner: [error] }), value => value.inner[0]],
        [error => new AggregateError([error], 'all'), value => value.errors[0]],
      ];
      const wrong = [];
      const expected = JSON.stringify(look(make()));
      for (const [index, [put, take]] of places.entries()) {
        for (const copy of ['clone', 'freeze']) {
          for (const wrap of [value => value, async value => value]) {
            const cached = cacheData(() => wrap(put(make())), { copy });
            for (let i = 0; i < 3; i++) {
              const got = look(take(await cached()));
              if (JSON.stringify(got) !== expected) wrong.push([index, copy, i, got]);
            }
            if (look(take(cached.peek())).join() !== look(make()).join()) wrong.push([index, 'peek']);
          }
        }
      }
      const shared = new TaskloomError('queue-full', 'mine');
      shared.self = shared;
      const cached = cacheData(() => [shared, shared, new AggregateError([1], 'all')]);
      cached();
      const [one, two] = [cached(), cached()];
      return [wrong, one[0] === one[1], one[0].self === one[0], one[0] === two[0], one[0] instanceof TaskloomError, one[0].code, one[2] instanceof AggregateError, one[2].errors];
    }), [[], true, true, false, true, 'queue-full', true, [1]]);
  });

  test('an error with a part that can not be copied fails the call with not-serializable and the path', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      class Point {}
      const parts = { retry() {}, symbol: Symbol('s'), point: new Point() };
      return Object.entries(parts).flatMap(([name, part]) => [error => error, error => ({ error }), error => new Error('outer', { cause: error })].map(put => {
        const { code, message } = thrownBy(() => cacheData(() => put(Object.assign(new Error('no'), { [name]: part })))());
        return code === 'not-serializable' && message.includes(`.${name} can't be copied`);
      }));
    }), Array(9).fill(true));
  });

  test('in storage an error is whole, or the value is not stored and the path is told', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, cacheData }) => {
      const told = [];
      const store = sessionStore({ namespace: 'errors', onError: ({ code, message }) => told.push([code, /would lose [\w.[\]]+/.exec(message)?.[0]]) });
      const wrong = { own: Object.assign(new Error('no'), { retry() {} }), cause: new Error('a', { cause: Object.assign(new Error('b'), { f() {} }) }),
        errors: new AggregateError([1, Object.assign(new Error('c'), { g() {} })]), value: new Error('d', { cause: () => {} }) };
      let deep = new Error('first');
      for (let i = 0; i < 20; i++) deep = new Error('outer', { cause: deep });
      for (const [key, value] of Object.entries({ ...wrong, deep })) store.set(key, value);
      store.flush();
      store.set('good', Object.assign(new Error('no'), { name: 'HttpError', code: 'E', status: 404, errors: { name: 'required' } }));
      const cached = cacheData(() => ({ error: Object.assign(new Error('no'), { name: 'HttpError', code: 'E', status: 404 }) }), { persist: 'session', name: 'errors' });
      cached();
      store.flush();
      return [told, store.keys().length, Object.keys(sessionStorage).filter(key => key.startsWith('taskloom:errors')), sessionStorage.getItem('taskloom:errors:good').includes('required'),
        ['HttpError', 'E', '404'].every(part => Object.entries(sessionStorage).some(([key, text]) => key.includes('cache.errors') && text.includes(part)))];
    }), [[
      ['not-serializable', 'would lose retry'], ['not-serializable', 'would lose cause.f'], ['not-serializable', 'would lose errors[1].g'],
      ['not-serializable', 'would lose cause'], ['not-serializable', `would lose ${Array(17).fill('cause').join('.')}`],
    ], 6, ['taskloom:errors:good'], true, true]);
  });
}
