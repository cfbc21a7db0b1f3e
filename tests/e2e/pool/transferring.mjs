// Moving instead of copying, both ways; shared memory; ports and streams.

import assert from 'node:assert/strict';

const SIZE = 16 << 20;

export default function transferring(test, { isolated }) {
  test('16 MiB are moved to the worker and back: gone at the end that sent them', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, transfer }, size) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const seen = [];
      for (let round = 0; round < 3; round++) {
        const buffer = new ArrayBuffer(size);
        new Uint8Array(buffer)[size - 1] = 7 + round;
        const task = pool.run('giveBack', [buffer], { transfer: [buffer] });
        const back = await task;
        seen.push([buffer.byteLength, back.byteLength, new Uint8Array(back)[size - 1]]);
      }
      const marked = new Uint8Array(size);
      const length = await pool.api.size(transfer(marked, [marked.buffer]));
      const made = await pool.api.make(size);
      return [seen, length, marked.byteLength, made.byteLength, made[5], await pool.api.keptSize()];
    }, SIZE), [[7, 8, 9].map(last => [0, SIZE, last]), SIZE, 0, SIZE, 7, 0]);
  });

  test('nothing is moved that is not listed', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const buffer = new ArrayBuffer(1000);
      return [await pool.api.size(buffer), buffer.byteLength, (await pool.api.echo(buffer)).byteLength, await pool.run('size', [buffer], { transfer: [] }), buffer.byteLength];
    }), [1000, 1000, 1000, 1000, 1000]);
  });

  test('of many calls at once each moves its own', async tab => {
    assert.equal(await tab.run(async ({ WorkerPool, transfer }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      await Promise.all(Array.from({ length: 20 }, () => pool.api.size(new ArrayBuffer(1)))); // it learns that they are short
      const buffers = Array.from({ length: 200 }, (_, i) => new ArrayBuffer(i + 1));
      const sizes = await Promise.all(buffers.map((buffer, i) => (i % 2 ? pool.api.size(transfer(buffer, [buffer])) : pool.run('size', [buffer], { transfer: [buffer] }))));
      const back = await Promise.all(sizes.map(size => pool.api.make(size)));
      return sizes.every((size, i) => size === i + 1) && buffers.every(buffer => buffer.byteLength === 0) && back.every(({ length }, i) => length === i + 1);
    }), true);
  });

  test('an object that is listed twice, or is gone already, fails its own call only', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      await Promise.all(Array.from({ length: 20 }, () => pool.api.size(new ArrayBuffer(1))));
      const [twice, gone] = [new ArrayBuffer(8), new ArrayBuffer(8)];
      structuredClone(gone, { transfer: [gone] });
      const good = new ArrayBuffer(9);
      const tasks = [pool.run('size', [twice], { transfer: [twice, twice] }), pool.run('size', [gone], { transfer: [gone] }),
        pool.run('size', [good], { transfer: [good] }), pool.api.doubleTransfer(4), pool.api.add(1, 1)];
      const outcomes = await Promise.allSettled(tasks);
      return [outcomes.map(({ value, reason }) => reason?.code ?? value), twice.byteLength, good.byteLength, pool.stats().started];
    }), [['not-serializable', 'not-serializable', 9, 'not-serializable', 2], 8, 0, 1]);
  });

  test('a call that moves something is made once: its own error arrives, and its policy is not asked', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, transfer, rejectionOf, RetryPolicy }) => {
      const pool = new WorkerPool('/workers/callbacks.js', { size: 1, cancelGrace: 0 });
      await pool.warm();
      const seen = [];
      const rules = { maxAttempts: 3, onRetry: () => seen.push('onRetry'), retryIf: () => { seen.push('retryIf'); return true; } };
      for (const retry of [rules, new RetryPolicy(rules), { ...rules, maxElapsed: '1m' }]) {
        for (const own of [true, false]) { // among its arguments or not
          const buffer = new ArrayBuffer(8);
          const error = await rejectionOf(pool.run('failWith', own ? [buffer] : [], { transfer: [buffer], retry }));
          seen.push([error.name, error.code, error.message, buffer.byteLength]);
        }
        const marked = new Uint8Array(4);
        const error = await rejectionOf(pool.run('failWith', [transfer(marked, [marked.buffer])], { retry }));
        seen.push([error.name, error.code, error.message, marked.byteLength]);
      }
      const [late, lost, free] = [1, 2, 3].map(size => new ArrayBuffer(size));
      const errors = [
        await rejectionOf(pool.run('never', [late], { transfer: [late], retry: { ...rules, attemptTimeout: 50 } })),
        await rejectionOf(pool.run('die', [lost], { transfer: [lost], retry: rules })),
      ];
      return [seen.filter(one => typeof one === 'string'), new Set(seen.map(one => JSON.stringify(one))).size, seen[0], errors.map(({ name, code }) => (name === 'TimeoutError' ? name : code)),
        await pool.run('succeedAt', [2, free], { retry: { maxAttempts: 3 } }), free.byteLength];
    }), [[], 3, ['RangeError', 'OWN', 'attempt 1 of 8 bytes', 0], ['TimeoutError', 'worker-lost'], 2, 3]);
  });

  test('message ports go both ways', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const heardFrom = port => new Promise(resolve => { port.onmessage = ({ data }) => resolve(data); });
      const { port1, port2 } = new MessageChannel();
      await pool.run('reply', [port2], { transfer: [port2] });
      const first = heardFrom(port1);
      port1.postMessage('one');
      const { port } = await pool.api.openPort();
      const second = heardFrom(port);
      port.postMessage('two');
      return Promise.all([first, second]);
    }), ['worker heard one', 'worker heard two']);
  });

  test('streams go both ways where the platform moves them', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const stream = new ReadableStream({
        start(controller) {
          for (const part of ['a', 'b', { c: 1 }]) controller.enqueue(part);
          controller.close();
        },
      });
      const read = await pool.run('readStream', [stream], { transfer: [stream] });
      const back = await pool.api.makeStream(3);
      const values = [];
      const reader = back.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) values.push(part.value);
      return [read, values];
    }), [['a', 'b', { c: 1 }], [0, 1, 2]]);
  });

  if (isolated) {
    test('shared memory is shared, with a worker that runs and from one that has', async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
        const shared = new Int32Array(new SharedArrayBuffer(16));
        const looking = [pool.api.waitForShared(shared.buffer), pool.api.waitForShared(shared.buffer)];
        await until(() => Atomics.load(shared, 1) === 2); // both loop at the same time
        Atomics.store(shared, 0, 1);
        const seen = await Promise.all(looking);
        await pool.api.write(shared.buffer, 3, 99);
        const made = await pool.api.shared();
        return [seen, shared[3], made instanceof SharedArrayBuffer, new Int32Array(made)[1], await pool.api.typeOf(shared.buffer)];
      }), [['seen', 'seen'], 99, true, 42, '[object SharedArrayBuffer]']);
    });
  } else {
    test('shared memory, which this page may not share, fails its own call', async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool, describe }) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
        const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
        const tasks = [pool.api.add(1, 1), pool.api.echo(buffer), pool.api.unshareable(), pool.api.add(2, 2)];
        const outcomes = await Promise.allSettled(tasks);
        return [outcomes.map(({ value, reason }) => reason?.code ?? value), pool.stats().started];
      }), [[2, 'not-serializable', 'not-serializable', 4], 1]);
    });
  }
}
