// `task.promise`, and what others may write on a task.

import assert from 'node:assert/strict';

export default function promise(test) {
  test('promise is one native promise of the result, always the same, before and after the end', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, race }) => {
      const gate = deferred();
      const task = run(() => gate.promise);
      const { promise } = task;
      const awaited = task.then(value => value);
      const real = [promise instanceof Promise, promise.constructor === Promise, promise === task.promise, 'then' in task];
      gate.resolve('value');
      real.push(await promise, await awaited, task.promise === promise);
      const late = run(() => 'late');
      await late.stopped;
      real.push(late.promise === late.promise, await Promise.race([late.promise, new Promise(() => {})]));
      return real;
    }), [true, true, true, true, 'value', 'value', true, true, 'late']);
  });

  test('a failure or a cancel rejects the promise; reading it without awaiting it is no unhandled rejection', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn, rejectionOf }) => {
      const failing = run(() => { throw new RangeError('no'); });
      const cancelled = run(() => new Promise(() => {}));
      const both = [failing.promise, cancelled.promise];
      cancelled.cancel();
      await nextTurn();
      await nextTurn();
      const late = run(() => { throw new SyntaxError('late'); });
      await late.stopped;
      late.promise;
      await nextTurn();
      return [...await Promise.all([...both, late.promise].map(rejectionOf))].map(({ name }) => name);
    }), ['RangeError', 'AbortError', 'SyntaxError']);
  });

  test('a derived promise that nobody handles is an unhandled rejection, as of any promise', async tab => {
    tab.expectProblem(/derived/);
    await tab.run(async ({ run, nextTurn }) => {
      run(() => { throw new Error('derived'); }).promise.then(() => {});
      await nextTurn();
      await nextTurn();
    });
  });

  test('what React writes on a thenable stays, and harms nothing: a task has no status, value or reason of its own', async tab => {
    assert.deepEqual(await tab.run(async ({ run, WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js');
      const seen = [];
      for (const task of [run(() => 42), pool.run('add', [40, 2])]) {
        seen.push(['status', 'value', 'reason'].filter(name => name in task), Object.isExtensible(task));
        // As React's trackUsedThenable() does it.
        task.status = 'pending';
        task.then(value => { task.status = 'fulfilled'; task.value = value; }, reason => { task.status = 'rejected'; task.reason = reason; });
        seen.push(task.state, await task, task.state, task.result, task.status, task.value);
      }
      return seen;
    }), [[], true, 'pending', 42, 'done', 42, 'fulfilled', 42, [], true, 'pending', 42, 'done', 42, 'fulfilled', 42]);
  });
}
