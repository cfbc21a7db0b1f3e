// What a job throws, on the page.

import assert from 'node:assert/strict';

/** Calls a job that fails and looks at its error in the page. */
const look = (tab, job, see, args = []) => tab.run(`async ({ WorkerPool, TaskloomError, NonRetryableError }) => {
  const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
  const task = pool.run(${JSON.stringify(job)}, ${JSON.stringify(args)});
  const error = await task.then(() => { throw new Error('it should have failed'); }, error => error);
  const alive = await pool.api.add(1, 1) === 2 && pool.stats().started === 1;
  if (task.state !== 'error' || task.error !== error || !alive) throw new Error('the task and its error differ, or the worker is gone');
  return (${see})(error, { TaskloomError, NonRetryableError });
}`);

export default function errors(test, { browser }) {
  test('class, name, message and the chain of causes are kept', async tab => {
    assert.deepEqual(await look(tab, 'throwTyped', error => [
      error instanceof TypeError, error.name, error.message, error.cause instanceof RangeError, error.cause.message, error.cause.cause,
      Object.keys(error), String(error),
    ]), [true, 'TypeError', 'no good', true, 'deeper', 'a word', [], 'TypeError: no good']);
  });

  test('own properties that can be cloned are kept, on the nearest class of the platform', async tab => {
    assert.deepEqual(await look(tab, 'throwOwn', error => [
      error instanceof SyntaxError, error.name, error.message, error.line, error.details.rows[0] === 1n, error.details.rows[1] instanceof Date, error.code, 'retry' in error,
    ]), [true, 'QueryError', 'bad query', 3, true, true, 'E_QUERY', false]);
  });

  test('a DOMException is one, with its code and what was put on it', async tab => {
    assert.deepEqual(await look(tab, 'throwDom', error => [error instanceof DOMException, error.name, error.code, error.message]), [true, 'NotFoundError', 8, 'not found']);
    assert.deepEqual(await look(tab, 'throwDomWithCause', error => [error instanceof DOMException, error.code, error.extra]), [true, 8, 1]);
  });

  test('an AggregateError is one, with its errors, and a cause that is 0', async tab => {
    assert.deepEqual(await look(tab, 'throwAggregate', error => [
      error instanceof AggregateError, error.message, error.cause, error.errors.length, error.errors[0] instanceof TypeError, error.errors[1],
      error.errors[2] instanceof AggregateError, error.errors[2].errors[0].message,
    ]), [true, 'several', 0, 3, true, 'two', true, 'three']);
  });

  test('a TaskloomError is the page\'s own', async tab => {
    assert.deepEqual(await look(tab, 'throwOurs', (error, { TaskloomError }) => [
      error instanceof TaskloomError, error.name, error.code, error.message, error.cause.message,
    ]), [true, 'TaskloomError', 'mine', 'of the app', 'below']);
  });

  test('the stacks of both sides are kept', async tab => {
    const stack = await tab.run(async ({ WorkerPool }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const callsThis = () => pool.api.fail('where?');
      return callsThis().catch(error => error.stack);
    });
    const [worker, page] = stack.split('called by the page');
    assert.match(worker, /jobs\.js/);
    assert.match(page ?? '', /callsThis/);
    if (browser.name === 'Chromium') assert.match(worker, /^Error: where\?/);
  });

  test('what is no error arrives as it is', async tab => {
    for (const value of ['text', 5, null, false, { code: 7, list: [1] }, [1]]) {
      assert.deepEqual(await look(tab, 'throwAny', error => error, [value]), value);
    }
    assert.equal(await look(tab, 'throwUndefined', error => error === undefined), true);
    assert.equal(await look(tab, 'throwNothing', error => error === undefined), true);
  });

  test('what is no error and can\'t be sent is described', async tab => {
    assert.deepEqual(await look(tab, 'throwFunction', error => [error instanceof Error, error.message.includes('=>')]), [true, true]);
    assert.deepEqual(await look(tab, 'throwSymbol', error => [error instanceof Error, error.message.includes('Symbol(odd)')]), [true, true]);
  });

  test('getters that throw cost what they give, and nothing else', async tab => {
    assert.deepEqual(await look(tab, 'throwTraps', error => [error instanceof Error, error.message, error.fine, 'explosive' in error]), [true, 'traps', 1, false]);
    assert.deepEqual(await look(tab, 'throwStackTrap', error => [error instanceof Error, error.message]), [true, 'stack trap']);
  });

  test('errors that hold themselves arrive', async tab => {
    assert.deepEqual(await look(tab, 'throwCyclic', error => [error.message, error.cause.message, error.self instanceof Error]), ['cyclic', 'cyclic', true]);
    assert.deepEqual(await look(tab, 'throwCyclicErrors', error => [error instanceof AggregateError, error.message]), [true, 'cyclic']);
    assert.deepEqual(await look(tab, 'throwManyCauses', error => {
      let depth = 0;
      for (let at = error; at.cause; at = at.cause) depth++;
      return [error.message, depth >= 10];
    }, [1000]), ['level 999', true]);
  });

  test('keys such as __proto__, constructor and then are data', async tab => {
    assert.deepEqual(await look(tab, 'throwOddKeys', error => [
      error instanceof Error, error.message, Object.getPrototypeOf(error) === Error.prototype, 'polluted' in {}, 'polluted' in error,
      Object.getOwnPropertyDescriptor(error, '__proto__')?.value.polluted, Object.getOwnPropertyDescriptor(error, 'constructor')?.value, error.then,
    ]), [true, 'odd keys', true, false, false, true, 'mine', 'mine']);
  });

  test('proxies of errors arrive as something', async tab => {
    assert.equal(await look(tab, 'throwProxy', error => error instanceof Error), true);
    assert.equal(await look(tab, 'throwRevoked', error => error instanceof Error), true);
  });

  test('a name of one\'s own is kept, a frozen error is no obstacle', async tab => {
    assert.deepEqual(await look(tab, 'throwNamed', error => [error.name, String(error)], ['MyError']), ['MyError', 'MyError: named']);
    assert.deepEqual(await look(tab, 'throwNamed', (error, { TaskloomError }) => [error.name, error instanceof TaskloomError], ['TaskloomError']), ['TaskloomError', true]);
    assert.deepEqual(await look(tab, 'throwNamed', error => [error instanceof Error], ['DataCloneError']), [true]);
    assert.deepEqual(await look(tab, 'throwFrozen', error => [error.message, error.code]), ['frozen', 7]);
  });

  test('a stack overflow or an allocation that fails is the job\'s error', async tab => {
    assert.equal(await look(tab, 'overflow', error => /stack|recursion/i.test(error.message)), true);
    assert.equal(await look(tab, 'tooLarge', error => error instanceof RangeError), true);
  });

  test('an asynchronous error is the same', async tab => {
    assert.deepEqual(await look(tab, 'failLater', error => [error.message, error.stack.includes('jobs.js')], ['later']), ['later', true]);
  });

  test('a NonRetryableError ends the retries in a worker too: the task fails with what it was made from', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, NonRetryableError }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const [fromMessage, fromError] = [[
        'of no use', false], ['of no use', true]].map(args => pool.run('failForGood', args, { retry: { maxAttempts: 5 } }));
      await Promise.allSettled([fromMessage, fromError]);
      return [fromMessage.attempt, fromMessage.error instanceof NonRetryableError, fromMessage.error.message, fromMessage.error.code,
        fromError.attempt, fromError.error instanceof RangeError, fromError.error.message];
    }), [1, true, 'of no use', 'non-retryable', 1, true, 'of no use']);
  });

  test('errors that nobody awaits are kept in their tasks, and are no unhandled rejections', async tab => {
    assert.deepEqual(await tab.run(async ({ WorkerPool, until }) => {
      const pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      const tasks = [pool.api.fail('alone'), pool.api.failLater('alone too'), pool.run('nope')];
      await until(() => tasks.every(task => task.done));
      return tasks.map(({ error }) => error.code ?? error.message);
    }), ['alone', 'alone too', 'unknown-job']);
  });
}
