// A worker may talk to its page about other things; the pool does not mind.

import assert from 'node:assert/strict';

export default function foreign(test) {
  test('messages that are none of the pool\'s are ignored by it, both ways, and reach whom they are for', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const heard = [];
      const workers = [];
      const pool = new WorkerPool(() => {
        const worker = new Worker('/workers/chatty.js', { type: 'module' });
        worker.addEventListener('message', ({ data }) => heard.push(data));
        return workers[workers.push(worker) - 1];
      }, { size: 1 });
      await pool.warm();
      const atStart = heard.filter(data => !Array.isArray(data) || typeof data[0] !== 'number' || data[0] < 100).length;
      for (const message of ['hello', 7, null, [], [1, 2], { kind: 1 }, ['taskloom', 1, 2, 0]]) workers[0].postMessage(message);
      const said = await pool.api.talk();
      const toWorker = await pool.api.heard();
      await until(() => heard.filter(data => data === 'hello').length === 2); // answers through shared memory come sooner than messages
      return [atStart === said, toWorker.length, pool.stats().started];
    }), [true, 7, 1]);
  });

  test('a job may post messages of its own', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const heard = [];
      const pool = new WorkerPool(() => {
        const worker = new Worker('/workers/jobs.js', { type: 'module' });
        worker.onmessage = ({ data }) => { if (data?.mine) heard.push(data.mine); };
        return worker;
      }, { size: 1 });
      await Promise.all([1, 2, 3].map(mine => pool.api.post({ mine })));
      await until(() => heard.length === 3);
      return [heard, await pool.api.add(1, 1)];
    }), [[1, 2, 3], 2]);
  });
}
