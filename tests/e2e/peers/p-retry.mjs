// p-retry 7, by its readme.

import assert from 'node:assert/strict';

export default function pRetry(test) {
  test('a function is called again until it succeeds or the retries are used up, then its last error comes through', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const calls = [];
      const attempt = (succeedsAt, retries) => run(async ctx => {
        calls.push(ctx.attempt);
        if (ctx.attempt < succeedsAt) throw new Error(`attempt ${ctx.attempt}`);
        return 'unicorn';
      }, { retry: { maxAttempts: retries + 1 } }).catch(error => error.message);
      return [await attempt(3, 5), await attempt(9, 2), await attempt(2, 0), calls];
    }), ['unicorn', 'attempt 3', 'attempt 1', [1, 2, 3, 1, 2, 3, 1]]);
  });

  test('a function that gives a plain value, and one that throws at once, are fine', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => [
      await run(() => 'plain', { retry: {} }), await run(() => { throw new Error('at once'); }, { retry: { maxAttempts: 1 } }).catch(error => error.message),
    ]), ['plain', 'at once']);
  });

  test('AbortError(error) and AbortError(message) have their like in NonRetryableError: no callback is asked', async tab => {
    assert.deepEqual(await tab.run(async ({ run, NonRetryableError }) => {
      const asked = [];
      const retry = { maxAttempts: 9, retryIf: () => asked.push('retryIf'), onRetry: () => asked.push('onRetry') };
      const original = new RangeError('not found');
      const wrapped = run(() => { throw new NonRetryableError(original); }, { retry });
      const worded = run(() => { throw new NonRetryableError('not found'); }, { retry });
      return [await wrapped.catch(error => error === original), await worded.catch(error => error.message), wrapped.attempt, worded.attempt, asked];
    }), [true, 'not found', 1, 1, []]);
  });

  test('the callback before a retry hears the error, the number of the attempt and the wait', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const heard = [];
      const onRetry = (error, { attempt, delay }) => heard.push([attempt, error.message, delay > 0 && delay <= 10 * 2 ** (attempt - 1)]);
      const task = run(ctx => { throw new Error(`error ${ctx.attempt}`); }, { retry: { maxAttempts: 4, baseDelay: 10, onRetry } });
      return [await task.catch(error => error.message), heard];
    }), ['error 4', [1, 2, 3].map(attempt => [attempt, `error ${attempt}`, true])]);
  });

  test('what the callback before a retry throws is reported, and ends nothing', async tab => {
    tab.expectProblem(/from the callback/);
    assert.deepEqual(await tab.run(async ({ run }) => {
      const task = run(ctx => { throw new Error(`error ${ctx.attempt}`); }, { retry: { maxAttempts: 3, onRetry() { throw new RangeError('from the callback'); } } });
      return [await task.catch(error => error.message), task.attempt];
    }), ['error 3', 3]);
  });

  test('the callback that decides is asked after the rules on errors, sync or async, and what it throws ends the retries', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      class CustomError extends Error {}
      const failing = (error, retryIf) => {
        const task = run(() => { throw error; }, { retry: { maxAttempts: 3, retryIf } });
        return task.catch(() => [task.error.message, task.attempt]);
      };
      const unlessCustom = error => !(error instanceof CustomError);
      return [
        await failing(new CustomError('custom'), unlessCustom), await failing(new Error('other'), unlessCustom),
        await failing(new CustomError('custom'), async error => unlessCustom(error)), await failing(new Error('x'), () => { throw new Error('from the callback'); }),
      ];
    }), [['custom', 1], ['other', 3], ['custom', 1], ['from the callback', 1]]);
  });

  test('factor, minTimeout and maxTimeout make the waits', async tab => {
    assert.deepEqual(await tab.run(({ RetryPolicy }) => {
      const policy = new RetryPolicy({ baseDelay: 1000, multiplier: 2, maxDelay: 5000 });
      return [0, 1, 2, 3, 4].map(index => policy.delayForAttempt(index));
    }), [1000, 2000, 4000, 5000, 5000]);
  });

  test('a signal ends the retries with its reason, before the first attempt and between two', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      let calls = 0;
      const failing = signal => run(() => { calls++; throw new Error('no'); }, { signal, retry: { maxAttempts: 9, baseDelay: '1h' } });
      const before = await failing(AbortSignal.abort(new Error('User clicked'))).catch(error => error.message);
      const controller = new AbortController();
      const between = failing(controller.signal);
      await nextTurn();
      controller.abort(new Error('User clicked'));
      return [before, await between.catch(error => error.message), calls];
    }), ['User clicked', 'User clicked', 1]);
  });

  test('a function made retriable passes its arguments on, and retries each call', async tab => {
    assert.deepEqual(await tab.run(async ({ runInExecutor }) => {
      let calls = 0;
      const load = runInExecutor(async (...args) => { if (++calls % 2) throw new Error('no'); return args; }, { retry: { maxAttempts: 2 } });
      return [await load('a', 1), await load('b'), calls];
    }), [['a', 1], ['b'], 4]);
  });
}
