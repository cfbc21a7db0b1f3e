// Retries, as far as they are seen from outside; the delays are core's tests.

import assert from 'node:assert/strict';

export default function retrying(test) {
  test('a failed attempt is made again until one succeeds', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = [];
      const task = run(ctx => {
        attempts.push(ctx.attempt);
        if (ctx.attempt < 3) throw new Error('not yet');
        return 'third time lucky';
      }, { retry: { maxAttempts: 5, baseDelay: 1 } });
      return [await task, attempts, task.attempt, task.state];
    }), ['third time lucky', [1, 2, 3], 3, 'done']);
  });

  test('the last error is the task\'s when the attempts are used up', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      const task = run(ctx => { throw new Error(`attempt ${ctx.attempt}`); }, { retry: { maxAttempts: 3 } });
      return [(await rejectionOf(task)).message, task.attempt];
    }), ['attempt 3', 3]);
  });

  test('a cancel during the wait ends it at once, and no further attempt is made', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn, rejectionOf }) => {
      let calls = 0;
      const task = run(() => { calls++; throw new Error('no'); }, { retry: { maxAttempts: 9, baseDelay: '1h' } });
      await nextTurn();
      const during = task.state;
      task.cancel(new Error('enough'));
      await task.stopped;
      return [during, (await rejectionOf(task)).message, calls];
    }), ['running', 'enough', 1]);
  });

  test('a retry that is due in the same turn in which another task\'s end cancels it is not made', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      let calls = 0;
      const retried = run(() => { calls++; throw new Error('no'); }, { retry: { maxAttempts: 9, baseDelay: 40 } });
      const limited = run(({ signal }) => new Promise(() => {
        signal.addEventListener('abort', () => retried.cancel(new Error('the group has failed')));
      }), { timeout: 20 });
      await nextTurn();
      const due = performance.now() + 80;
      while (performance.now() < due); // so that one timer finds both deadlines passed
      await limited.catch(() => {});
      await nextTurn();
      return [retried.state, retried.done, retried.error?.message, retried.attempt, calls];
    }), ['cancelled', true, 'the group has failed', 1, 1]);
  });

  test('only errors that retryOn names are tried again', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = async (error, retryOn) => {
        const task = run(() => { throw error; }, { retry: { retryOn } });
        await task.catch(() => {});
        return task.attempt;
      };
      const coded = Object.assign(new Error('busy'), { code: 'busy' });
      return [
        await attempts(new RangeError('no'), RangeError), await attempts(new TypeError('no'), RangeError),
        await attempts(coded, 'busy'), await attempts(coded, ['other', RangeError]), await attempts(new RangeError('no'), 'RangeError'),
        await attempts(new DOMException('no', 'AbortError'), undefined), await attempts('a string', undefined), await attempts(null, 'busy'),
      ];
    }), [3, 1, 3, 1, 3, 1, 3, 1]);
  });

  test('NonRetryableError ends the retries with the error that it was made from', async tab => {
    assert.deepEqual(await tab.run(async ({ run, NonRetryableError }) => {
      const reason = new RangeError('hopeless');
      const task = run(() => { throw new NonRetryableError(reason); }, { retry: { maxAttempts: 9 } });
      const other = run(() => { throw new NonRetryableError('in words'); }, { retry: { maxAttempts: 9 } });
      return [await task.catch(error => error === reason), task.attempt, await other.catch(error => [error.code, error.message])];
    }), [true, 1, ['non-retryable', 'in words']]);
  });

  test('retryIf has the last word, may be async, and what it throws is the task\'s error', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      const seen = [];
      const failing = retryIf => run(ctx => { throw new Error(`attempt ${ctx.attempt}`); }, { retry: { maxAttempts: 9, retryIf } });
      const errors = [
        await rejectionOf(failing((error, { attempt }) => { seen.push(error.message); return attempt < 2; })),
        await rejectionOf(failing(async (error, { attempt }) => attempt < 3)),
        await rejectionOf(failing(() => { throw new RangeError('sync'); })),
        await rejectionOf(failing(async () => { throw new RangeError('async'); })),
      ];
      return [errors.map(({ message }) => message), seen];
    }), [['attempt 2', 'attempt 3', 'sync', 'async'], ['attempt 1', 'attempt 2']]);
  });

  test('onRetry hears of each further attempt and its delay, and what it throws harms nobody; a bad answer of delayFrom is the task\'s error', async tab => {
    tab.expectProblem(/from onRetry/);
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      const seen = [];
      const failing = retry => run(() => { throw new Error('no'); }, { retry: { maxAttempts: 3, ...retry } });
      const log = await rejectionOf(failing({ onRetry: (error, { attempt, delay }) => seen.push(attempt, delay), delayFrom: () => '1ms' }));
      const thrown = await rejectionOf(failing({ onRetry: () => { throw new RangeError('from onRetry'); } }));
      const bad = await rejectionOf(failing({ delayFrom: () => 'soon' }));
      return [log.message, seen, thrown.message, bad.code, /delayFrom/.test(bad.message), bad.cause.message];
    }), ['no', [1, 1, 2, 1], 'no', 'invalid-argument', true, 'no']);
  });

  test('an attempt that takes longer than attemptTimeout is aborted and made again, and its late result dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const late = deferred();
      const signals = [];
      const task = run(ctx => {
        signals.push(ctx.signal);
        return ctx.attempt === 1 ? late.promise : new Promise(resolve => setTimeout(() => {
          late.resolve('too late');
          setTimeout(resolve, 0, 'second');
        }));
      }, { retry: { attemptTimeout: 20 } });
      return [await task, task.attempt, signals.map(signal => signal.aborted), signals[0].reason.name];
    }), ['second', 2, [true, false], 'TimeoutError']);
  });

  test('a task whose error can\'t be looked at still settles', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const hostile = Object.defineProperties({}, {
        name: { get() { throw new Error('from the getter'); } }, code: { get() { throw new Error('from the getter'); } },
      });
      const tasks = [undefined, 'busy'].map(retryOn => run(() => { throw hostile; }, { retry: { maxAttempts: 2, retryOn } }));
      await nextTurn();
      await nextTurn();
      return tasks.map(task => task.state);
    }), ['error', 'error']);
  });

  test('a retryOn rule that is no class is refused, or at least lets the task settle', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn, TaskloomError }) => {
      try {
        // A natural mistake: a predicate, where retryIf takes one.
        const task = run(() => { throw new Error('no'); }, { retry: { retryOn: error => error.status === 503 } });
        await nextTurn();
        await nextTurn();
        return task.done;
      } catch (error) {
        return error instanceof TaskloomError && error.code === 'invalid-argument' && error.message.includes('retryOn');
      }
    }), true);
  });
}
