// Functions of the page that a job may call, as long as its call is open.

import assert from 'node:assert/strict';

/** In the page: a pool with the jobs of workers/callbacks.js. */
const look = (tab, see) => tab.run(`library => (${see})({ ...library, pool: new library.WorkerPool('/workers/callbacks.js', { size: 1, cancelGrace: '10s' }) })`);

export default function callbacks(test) {
  test('a job calls a function of the page and gets what it gives, sync or async, one by one and at once', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback }) => [
      await pool.api.each(callback(i => i * 2), 5),
      await pool.api.each(callback(async i => ({ i, map: new Map([[i, 1]]).size })), 2),
      await pool.api.atOnce(callback(async i => { await null; return -i; }), 50).then(all => all.every((value, i) => value === -i)),
      await pool.api.told(callback(() => undefined)),
      await pool.api.told(callback((...args) => args), 1, 'two', { three: [3] }),
    ]), [[0, 2, 4, 6, 8], [{ i: 0, map: 1 }, { i: 1, map: 1 }], true, ['returned', null], ['returned', [1, 'two', { three: [3] }]]]);
  });

  test('what the function throws is thrown in the job, with its class and code', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback, TaskloomError }) => Promise.all([
      () => { throw new RangeError('not that far'); }, async () => { throw new TaskloomError('mine', 'of the app'); }, () => Promise.reject(new DOMException('gone', 'NotFoundError')),
    ].map(fn => pool.api.told(callback(fn))))), [
      ['thrown', 'RangeError', 'not that far', null], ['thrown', 'TaskloomError', 'of the app', 'mine'], ['thrown', 'NotFoundError', 'gone', 8],
    ]);
  });

  test('values that can\'t be sent, either way, are an error in the job, and the call goes on', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback }) => [
      (await pool.api.told(callback(() => () => {})))[3], (await pool.api.tellFunction(callback(() => 1)))[3], await pool.api.add(1, 2),
    ]), ['not-serializable', 'not-serializable', 3]);
  });

  test('several functions in one call, beside other arguments, and one function in several calls', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback }) => {
      const log = [];
      const note = callback(value => log.push(value));
      const two = await pool.api.two(callback(a => a + 1), 10, callback(a => a - 1));
      const lengths = await Promise.all([pool.api.each(note, 2), pool.api.each(note, 2)]);
      return [two, lengths, log, await note('on the page')];
    }), [[11, 9], [[1, 2], [3, 4]], [0, 1, 0, 1, 'on the page'], 5]);
  });

  test('calls that are not waited for arrive in order, and before the result', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback }) => {
      const log = [];
      const count = await pool.api.unheard(callback(i => { log.push(i); }), 20);
      return [count, log.length, log.every((value, i) => value === i)];
    }), [20, 20, true]);
  });

  test('after the call has settled the job\'s function rejects with callback-released', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback, until }) => {
      const heard = [];
      await pool.api.keep(callback(value => heard.push(value)));
      const late = await pool.api.callKept();
      const cancelled = pool.api.untilAborted(callback(value => heard.push(value)));
      await until(() => heard.length === 1);
      cancelled.cancel();
      await cancelled.stopped;
      return [late[3], (await pool.api.callKept())[3], heard, pool.stats().started];
    }), ['callback-released', 'callback-released', ['begun'], 1]);
  });

  test('a function that the job waits for rejects with callback-released when the call is cancelled or out of time, and the worker lives', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback, until }) => {
      const seen = [];
      for (const [job, count] of [['block', 1], ['blockAll', 3], ['blockInContext', 1], ['blockInGenerator', 1], ['callWhenAborted', 2]]) {
        for (const way of ['cancel', 'signal', 'timeout', 'cancelAll']) {
          let isCalled = false;
          const controller = new AbortController();
          const block = callback(() => { isCalled = true; return new Promise(() => {}); });
          const task = pool.run(job, [block], way === 'timeout' ? { timeout: 200 } : { signal: controller.signal });
          task.catch(() => {});
          if (way !== 'timeout') await until(() => isCalled);
          if (way === 'cancel') task.cancel();
          if (way === 'signal') controller.abort();
          if (way === 'cancelAll') pool.cancelAll();
          await task.stopped;
          const codes = await pool.api.codes();
          // In a page that is slow its time is over before the job starts.
          if (isCalled && (codes.length !== count || !codes.every(code => code === 'callback-released'))) seen.push([job, way, codes]);
        }
      }
      return [seen, pool.stats().started, pool.stats().lost];
    }), [[], 1, 0]);
  });

  test('of an attempt that is out of time only its own waiting calls are released', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback }) => {
      await pool.warm();
      return [
        await pool.run('blockOnce', [callback(() => new Promise(() => {}))], { retry: { maxAttempts: 2, attemptTimeout: 200 } }), await pool.api.codes(), pool.stats().started,
      ];
    }), [2, ['callback-released'], 1]);
  });

  test('each attempt of a call may call it: after an error, and in another worker', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback }) => {
      const heard = [];
      const note = callback(attempt => { heard.push(attempt); });
      return [
        await pool.run('again', [note, 3], { retry: { maxAttempts: 3 } }), await pool.run('dieOnce', [note], { retry: { maxAttempts: 2 } }), heard, pool.stats().started,
      ];
    }), [3, 'the second time', [1, 2, 3, 1, 2], 2]);
  });

  test('what is no function is refused at once, and a plain function is still not serializable', async tab => {
    assert.deepEqual(await look(tab, async ({ pool, callback, thrownBy, rejectionOf }) => [
      [undefined, null, 1, {}].map(value => thrownBy(() => callback(value)).code), (await rejectionOf(pool.api.told(() => {}))).code,
    ]), [Array(4).fill('invalid-argument'), 'not-serializable']);
  });
}
