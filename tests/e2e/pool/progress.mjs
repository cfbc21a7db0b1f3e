// Progress of jobs, and of generators.

import assert from 'node:assert/strict';

export default function progress(test) {
  for (const turns of [true, false]) {
    test(`progress values come in order, all of them, before the result (${turns ? 'over many turns' : 'in one'})`, async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool }, turns) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
        const task = pool.api.report(50, turns);
        const seen = [];
        for await (const value of task) seen.push(value);
        return [seen.join(), task.state, await task, task.progress, task.drainProgress().length];
      }, turns), [Array.from({ length: 50 }, (_, i) => i).join(), 'done', 'reported', 49, 50]);
    });
  }

  test('a burst of progress from a synchronous job is all there when the result is', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const task = pool.run('reportAtOnce', [3000], { progressBuffer: 5000 });
      const count = await task;
      const values = task.drainProgress();
      const bounded = pool.run('reportAtOnce', [1500]);
      await bounded;
      return [count, values.length, values.every((value, i) => value === i), bounded.drainProgress()[0], bounded.droppedProgress];
    }), [3000, 3000, true, 1500 - 1024, 1500 - 1024]);
  });

  test('what generators yield is progress, what they return is the result', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      const tasks = [pool.api.generate(5), pool.api.generateAtOnce(5), pool.api.generateWithContext(2), pool.api.generate(0)];
      const seen = await Promise.all(tasks.map(async task => {
        const values = [];
        for await (const value of task) values.push(value);
        return values;
      }));
      return [seen, await Promise.all(tasks)];
    }), [[[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [[1, 0], [1, 1]], []], ['generated', 'generated at once', true, 'generated']]);
  });

  test('a long generator keeps its order', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const tasks = [pool.run('generate', [2000], { progressBuffer: 2000 }), pool.run('generateAtOnce', [2000], { progressBuffer: 2000 })];
      await Promise.all(tasks);
      return tasks.map(task => task.drainProgress().every((value, i) => value === i) && task.droppedProgress === 0);
    }), [true, true]);
  });

  test('what a generator throws is the error, after its values', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const task = pool.api.generateAndThrow();
      const seen = [];
      try {
        for await (const value of task) seen.push(value);
      } catch (error) {
        seen.push(error.name, error.message);
      }
      return [seen, task.state];
    }), [[1, 'RangeError', 'in a generator'], 'error']);
  });

  for (const job of ['generateForEver', 'generateAtOnceForEver']) {
    test(`a cancel ends ${job} at its next yield; its finally runs, and the worker goes on`, async tab => {
      assert.deepEqual(await tab.run(async ({ WorkerPool, until }, job) => {
        const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
        const me = await pool.api.me();
        const task = pool.run(job);
        await until(() => task.progress > 2);
        const did = task.cancel();
        await task.stopped;
        return [did, task.state, await pool.api.journal(), await pool.api.me() === me];
      }, job), [true, 'cancelled', ['generator closed'], true]);
    });
  }

  test('an iterator that is no generator is a value, and can\'t be sent', async tab => {
    assert.equal(await tab.run(async ({ WorkerPool, rejectionOf }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const answer = await pool.api.iterator().then(() => 'sent', error => error.code);
      return answer;
    }), 'not-serializable');
  });

  test('progress after the end, or of a cancelled call, is dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1, cancelGrace: '10s' });
      const task = pool.api.reportAfterwards();
      await task;
      const journal = await until(async () => { const entries = await pool.api.journal(); return entries.length > 0 && entries; });
      const cancelled = pool.api.generateForEver();
      await until(() => cancelled.progress !== undefined);
      cancelled.cancel();
      const atCancel = cancelled.drainProgress().length;
      await cancelled.stopped;
      await pool.api.me();
      return [journal, task.drainProgress(), cancelled.drainProgress(), atCancel > 0];
    }), [['reported late'], ['in time'], [], true]);
  });

  test('any value that can be cloned may be reported, and a task knows how long it has to go', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const seen = [];
      for (const value of [undefined, null, 0, { value: 1, total: 4 }, 'text', [1]]) {
        const task = pool.api.reportAny(value);
        await task;
        seen.push(task.drainProgress());
      }
      return JSON.stringify(seen);
    }), JSON.stringify([[undefined], [null], [0], [{ value: 1, total: 4 }], ['text'], [[1]]]));
  });

  test('progress may be moved instead of copied', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const task = pool.api.reportMoved(1 << 20);
      return [await task, task.progress.byteLength];
    }), [0, 1 << 20]);
  });

  test('a progress value that can\'t be sent is an uncaught error of the worker, and the job goes on', async tab => {
    tab.expectProblem(/the progress value\.inside\[0\]/);
    assert.deepEqual(await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const task = pool.api.reportUncloneable();
      return [await task, task.drainProgress(), await pool.api.add(1, 1), pool.stats().started];
    }), ['went on', [1, 2], 2, 1]);
  });
}
