// Pages that lack what others have, or whose platform fails the pool.

import assert from 'node:assert/strict';

export default function platforms(test, { isolated }) {
  if (isolated) {
    test('an isolated page without shared memory has a pool that goes by messages', async tab => {
      await tab.bare(() => { delete globalThis.SharedArrayBuffer; });
      assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: 30 });
        const sums = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.api.add(i, 1)));
        const stuck = pool.api.spin();
        await until(() => stuck.state === 'running');
        stuck.cancel();
        await stuck.stopped;
        return [crossOriginIsolated, typeof SharedArrayBuffer, sums.every((sum, i) => sum === i + 1), await pool.api.add(1, 2), pool.stats().started];
      }), [true, 'undefined', true, 3, 2]);
    });

    test('a pool goes by messages where there is no more shared memory to be had', async tab => {
      await tab.bare(() => { globalThis.SharedArrayBuffer = class { constructor() { throw new RangeError('out of memory'); } }; });
      assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
        return [await pool.api.add(1, 2), pool.stats().started];
      }), [3, 1]);
    });
  }

  test('what the platform throws while a pool greets its worker is the reason that the calls are given', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      navigator.locks.request = () => { throw new Error('no locks today'); };
      const { code, message } = await rejectionOf(new WorkerPool('/workers/jobs.js', { size: 1 }).api.add(1, 2));
      delete navigator.locks.request;
      return [code, message.includes('no locks today'), await new WorkerPool('/workers/jobs.js', { size: 1 }).api.add(1, 2)];
    }), ['worker-load-failed', true, 3]);
  });

  test('what the page\'s side of a worker throws later ends that worker, is told to its calls, and harms no others', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const me = await pool.api.me();
      // A worker that says a second time that it is ready, and in another way.
      const failing = pool.api.postAndWait([1952543595, 1, 1, 0, null, null]);
      const behind = pool.api.me();
      const error = await rejectionOf(failing);
      return [error.code, error.cause.name, error.message.includes(error.cause.message), await behind !== me, pool.stats().started];
    }), ['worker-lost', 'TypeError', true, true, 2]);
  });

  test('a URL that a Trusted Types policy has made is taken, and one of another frame', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const policy = globalThis.trustedTypes?.createPolicy('workers', { createScriptURL: url => url }) ?? { createScriptURL: url => url };
      const frame = document.body.appendChild(document.createElement('iframe'));
      const pools = [policy.createScriptURL('/workers/jobs.js'), new frame.contentWindow.URL('/workers/jobs.js', location.href)].map(url => new WorkerPool(url, { size: 1 }));
      return Promise.all(pools.map(pool => pool.api.add(1, 2)));
    }), [3, 3]);
  });
}
