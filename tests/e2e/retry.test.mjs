// Retries: which failures are tried again, after which wait, and what a failed attempt leaves behind.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { watchTimers } from './stress/timers.mjs';
import { browsers } from './support/browsers.mjs';
import { ofCore } from './support/matrix.mjs';
import { inPage } from './support/suite.mjs';

for (const browser of browsers) {
  describe(`retries in ${browser.name}`, () => {
    const test = inPage(browser);
    const core = ofCore(test, browser);
    describe('waits', () => waits(core));
    describe('what servers ask for', () => servers(core));
    describe('which errors', () => whichErrors(core));
    describe('limits', () => limits(core));
    describe('attempts', () => attempts(test));
  });
}

function waits(test) {
  test('a wait is baseDelay times multiplier to the power of the failure\'s index, at most maxDelay', async tab => {
    assert.deepEqual(await tab.run(({ RetryPolicy }) => {
      const waits = (options, indexes) => indexes.map(index => new RetryPolicy(options).delayForAttempt(index));
      return [
        waits({ baseDelay: 100, multiplier: 3, maxDelay: 1000 }, [0, 1, 2, 3, 50, 2 ** 32, 1e15]),
        waits({ baseDelay: 250 }, [0, 1, 2, 7, 8]),
        waits({ baseDelay: 5, multiplier: 1 }, [0, 9, 2 ** 31]),
        waits({ baseDelay: '1s', maxDelay: '500ms' }, [0, 1]),
        waits({}, [0, 1, 1e9]),
      ];
    }), [[100, 300, 900, 1000, 1000, 1000, 1000], [250, 500, 1000, 32_000, 60_000], [5, 5, 5], [500, 500], [0, 0, 0]]);
  });

  test('jitter moves a wait up and down alike, by no more than its part, and never beyond maxDelay', async tab => {
    const { half, whole, capped } = await tab.run(({ RetryPolicy }) => {
      const sample = options => {
        const policy = new RetryPolicy({ baseDelay: 1000, ...options });
        const delays = Array.from({ length: 4000 }, () => policy.delayForAttempt(0));
        return { least: Math.min(...delays), most: Math.max(...delays), mean: delays.reduce((sum, delay) => sum + delay) / delays.length };
      };
      return { half: sample({ jitter: 0.5 }), whole: sample({ jitter: 1 }), capped: sample({ jitter: 1, maxDelay: 1000 }) };
    });
    assert(half.least >= 500 && half.least < 550 && half.most > 1450 && half.most <= 1500, JSON.stringify(half));
    assert(Math.abs(half.mean - 1000) < 25, JSON.stringify(half));
    assert(whole.least >= 0 && whole.least < 100 && whole.most > 1900 && whole.most <= 2000, JSON.stringify(whole));
    assert(capped.most <= 1000, JSON.stringify(capped));
  });

  test('delayForAttempt() refuses what is no index', async tab => {
    const errors = await tab.run(({ RetryPolicy, thrownBy }) => {
      const policy = new RetryPolicy();
      return [-1, 1.5, NaN, Infinity, '1', null, undefined, 1n, {}].map(index => thrownBy(() => policy.delayForAttempt(index)));
    });
    for (const { code, message } of errors) {
      assert.equal(code, 'invalid-argument');
      assert.match(message, /index/);
    }
  });

  test('the wait that a task makes is its policy\'s', async tab => {
    await watchTimers(tab);
    const delays = await tab.run(async ({ run }) => {
      const before = window.timers.delays.length;
      const tasks = [
        run(() => { throw new Error('no'); }, { retry: { baseDelay: '20h', maxDelay: '30h' } }),
        run(() => { throw new Error('no'); }, { retry: { baseDelay: '10h', maxDelay: '30h' } }),
        run(() => { throw new Error('no'); }, { retry: { baseDelay: '10h', maxDelay: '5h' } }),
      ];
      await Promise.resolve();
      await Promise.resolve();
      for (const task of tasks) task.cancel();
      return window.timers.delays.slice(before);
    });
    // One timer for all: it is armed for the wait that ends first.
    assert(Math.abs(Math.min(...delays) - 5 * 3_600_000) < 60_000, String(delays));
  });

  test('delayFrom asks for a wait of its own, which maxDelay does not shorten', async tab => {
    await watchTimers(tab);
    const { delays, asked, states } = await tab.run(async ({ run, nextTurn }) => {
      const before = window.timers.delays.length;
      const asked = [];
      const busy = Object.assign(new Error('busy'), { retryAfter: '2h' });
      const task = run(() => { throw busy; }, {
        retry: { maxDelay: 1, delayFrom: error => { asked.push(error === busy); return error.retryAfter; } },
      });
      await nextTurn();
      const states = [task.state, task.attempt];
      task.cancel();
      return { delays: window.timers.delays.slice(before), asked, states };
    });
    assert.deepEqual([asked, states], [[true], ['running', 1]]);
    assert(delays.some(delay => Math.abs(delay - 7_200_000) < 60_000), String(delays));
  });

  test('delayFrom without an answer leaves the wait to the policy', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = [];
      for (const answer of [undefined, null]) {
        const task = run(() => { throw new Error('no'); }, { retry: { maxAttempts: 3, baseDelay: 1, delayFrom: () => answer } });
        await task.catch(() => {});
        attempts.push(task.attempt);
      }
      return attempts;
    }), [3, 3]);
  });

  test('a bad answer of delayFrom is an invalid-argument that names it, and ends the retries; what it throws is the task\'s error', async tab => {
    const errors = await tab.run(async ({ run, rejectionOf }) => {
      const failing = delayFrom => rejectionOf(run(() => { throw new Error('no'); }, { retry: { maxAttempts: 9, delayFrom } }));
      return Promise.all([
        ...[-1, NaN, Infinity, 'soon', {}, true, 10n, Symbol('s')].map(answer => failing(() => answer)), failing(() => { throw new RangeError('mine'); }),
      ]);
    });
    assert.deepEqual(errors.pop().name, 'RangeError');
    for (const { code, message } of errors) {
      assert.equal(code, 'invalid-argument');
      assert.match(message, /delayFrom/);
    }
  });

  test('a cancel ends the wait at once, whoever cancels, and leaves no timer', async tab => {
    await watchTimers(tab);
    assert.deepEqual(await tab.run(async ({ run, TaskManager, nextTurn, rejectionOf, untilAborted }) => {
      const failing = () => { throw new Error('no'); };
      const retry = { maxAttempts: 9, baseDelay: '1h' };
      const manager = new TaskManager();
      const controller = new AbortController();
      let child;
      const byHandle = run(failing, { retry });
      const bySignal = run(failing, { retry, signal: controller.signal });
      const byManager = manager.submit(failing, { retry });
      const parent = run(ctx => { child = ctx.run(failing, { retry }); return untilAborted(ctx); });
      await nextTurn();
      const during = [byHandle, bySignal, byManager, child].map(task => [task.state, task.attempt]);
      byHandle.cancel(new Error('by handle'));
      controller.abort(new Error('by signal'));
      manager.cancelAll(new Error('by manager'));
      parent.cancel(new Error('by parent'));
      const tasks = [byHandle, bySignal, byManager, child];
      const states = tasks.map(task => task.state);
      const messages = (await Promise.all(tasks.map(rejectionOf))).map(({ message }) => message);
      await Promise.all([parent, ...tasks].map(task => task.stopped));
      return { during, states, messages, timers: window.timers.live() };
    }), {
      during: Array(4).fill(['running', 1]), states: Array(4).fill('cancelled'), messages: ['by handle', 'by signal', 'by manager', 'by parent'], timers: 0,
    });
  });
}

function servers(test) {
  test('retryAfter() takes a whole number of seconds or an HTTP date in its three forms, and nothing else', async tab => {
    assert.deepEqual(await tab.run(({ retryAfter }) => {
      const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
      const [, day, month, year, time] = soon.toUTCString().split(' '); // 'Sun, 06 Nov 1994 08:49:37 GMT'
      const name = soon.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
      const dates = [
        soon.toUTCString(), soon.toUTCString().toLowerCase(), `${name}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
        `${name.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
      ];
      const isAnHour = delay => delay > 3_590_000 && delay <= 3_601_000;
      return {
        seconds: ['0', '120', ' 5 ', '007'].map(retryAfter),
        long: retryAfter('9'.repeat(400)),
        dates: dates.map(text => isAnHour(retryAfter(text))),
        past: ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'].map(retryAfter),
        neither: [
          '10, 10', '1.5', '-1', '+5', '1e3', '0x10', '5s', '', ' ', 'soon', 'NaN', 'Infinity', '2030-01-01', '2030-01-01T00:00:00Z', 'Nov 6 2030', '1/2/2030',
          'Sun, 06 Nov 2030 08:49:37', 'Sun, 06 Nov 2030 08:49:37 +0100', 'Sun, 06 Nov 2030 25:49:37 GMT', 'Sun, 06 Foo 2030 08:49:37 GMT', '10 Sun, 06 Nov 2030 08:49:37 GMT',
        ].filter(text => retryAfter(text) !== undefined),
        sources: [new Headers({ 'retry-after': '7' }), new Response('', { headers: { 'Retry-After': '7' } }), new Headers(), new Response(''), null, undefined, {}, 5]
          .map(source => retryAfter(source) ?? 'none'),
        twice: retryAfter(new Headers([['Retry-After', '10'], ['Retry-After', '10']])) ?? 'none',
      };
    }), {
      seconds: [0, 120_000, 5000, 7000], long: 8.64e15, dates: Array(4).fill(true), past: [0, 0, 0], neither: [],
      sources: [7000, 7000, 'none', 'none', 'none', 'none', 'none', 'none'], twice: 'none',
    });
  });
}

function whichErrors(test) {
  test('retryOn takes classes with their subclasses, codes and names, alone or together', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      class HttpError extends Error {}
      class Busy extends HttpError {
        name = 'Busy';
        code = 'E_BUSY';
      }
      const attempts = async (error, retryOn) => {
        const task = run(() => { throw error; }, { retry: { maxAttempts: 2, retryOn } });
        await task.catch(() => {});
        return task.attempt;
      };
      const tried = rules => Promise.all(rules.map(rule => attempts(new Busy('no'), rule)));
      return {
        again: await tried([Busy, HttpError, Error, 'Busy', 'E_BUSY', [TypeError, 'E_BUSY'], ['x', HttpError]]),
        notAgain: await tried([TypeError, 'HttpError', 'E_OTHER', [], ['x', TypeError], 'busy']),
      };
    }), { again: Array(7).fill(2), notAgain: Array(6).fill(1) });
  });

  test('an AbortError is not tried again unless retryOn names it', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = async retryOn => {
        const task = run(() => { throw new DOMException('enough', 'AbortError'); }, { retry: { retryOn, maxAttempts: 2 } });
        await task.catch(() => {});
        return task.attempt;
      };
      return [await attempts(undefined), await attempts('NetworkError'), await attempts('AbortError'), await attempts([TypeError, 'AbortError'])];
    }), [1, 1, 2, 2]);
  });

  test('a policy is what it was when it was made', async tab => {
    assert.deepEqual(await tab.run(async ({ run, RetryPolicy }) => {
      const rules = ['busy'];
      const options = { maxAttempts: 2, retryOn: rules };
      const policy = new RetryPolicy(options);
      rules.length = 0;
      Object.assign(options, { maxAttempts: 9, retryOn: undefined, retryIf: () => false });
      const task = run(() => { throw Object.assign(new Error('no'), { code: 'busy' }); }, { retry: policy });
      await task.catch(() => {});
      return [policy.maxAttempts, task.attempt];
    }), [2, 2]);
  });

  test('retryIf is asked only about errors that retryOn lets through, and not when no attempt is left', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const asked = [];
      const retryIf = (error, { attempt }) => asked.push([error.name, attempt]) > 0;
      const failing = error => run(() => { throw error; }, { retry: { maxAttempts: 3, retryOn: RangeError, retryIf } }).catch(() => {});
      await failing(new TypeError('no'));
      await failing(new RangeError('no'));
      return asked;
    }), [['RangeError', 1], ['RangeError', 2]]);
  });

  test('whatever is falsy from retryIf ends the retries, and the error stays that of the attempt', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const ends = [];
      for (const answer of [false, 0, '', null, undefined]) {
        for (const retryIf of [() => answer, async () => answer]) {
          const task = run(() => { throw new Error('mine'); }, { retry: { maxAttempts: 5, retryIf } });
          ends.push(await task.catch(error => [error.message, task.attempt]));
        }
      }
      return ends;
    }), Array(10).fill(['mine', 1]));
  });

  test('retryIf may answer by any thenable, such as a task', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const failing = retryIf => run(() => { throw new Error('no'); }, { retry: { maxAttempts: 3, retryIf } });
      const tasks = [failing(() => run(() => false)), failing(() => ({ then: resolve => resolve(false) })), failing(() => run(() => true))];
      await Promise.allSettled(tasks);
      return tasks.map(task => task.attempt);
    }), [1, 1, 3]);
  });

  test('a cancel and the task\'s timeout do not wait for a retryIf, whose answer is dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, nextTurn, rejectionOf }) => {
      const gates = [deferred(), deferred(), deferred()];
      let calls = 0;
      const failing = (gate, options) => run(() => { calls++; throw new Error('no'); }, { ...options, retry: { maxAttempts: 9, retryIf: () => gate.promise } });
      const cancelled = failing(gates[0]);
      const other = failing(gates[1]);
      const limited = failing(gates[2], { timeout: 10 });
      await nextTurn();
      cancelled.cancel(new Error('enough'));
      other.cancel(new Error('enough'));
      const names = [(await rejectionOf(cancelled)).message, (await rejectionOf(limited)).name];
      gates[0].resolve(true);
      gates[1].reject(new Error('late'));
      gates[2].resolve(true);
      await Promise.all([cancelled, other, limited].map(task => task.stopped));
      await nextTurn();
      return [names, [cancelled, other, limited].map(task => task.state), calls];
    }), [['enough', 'TimeoutError'], ['cancelled', 'cancelled', 'error'], 3]);
  });

  test('NonRetryableError gives the task the Error that it was made from, on whichever attempt and with whatever policy', async tab => {
    assert.deepEqual(await tab.run(async ({ run, NonRetryableError }) => {
      const reason = Object.assign(new RangeError('hopeless'), { status: 404 });
      const on = (attempt, retry) => {
        const task = run(async ctx => {
          if (ctx.attempt === attempt) throw new NonRetryableError(reason);
          throw new Error('again');
        }, { retry });
        return task.catch(error => [error === reason, task.attempt, task.error === reason]);
      };
      return [
        await on(1, { maxAttempts: 9 }), await on(2, { maxAttempts: 9, retryIf: () => true, retryOn: Error }), await on(3, { maxAttempts: 3 }),
        await on(1, { maxAttempts: 1 }), await on(1, undefined),
      ];
    }), [[true, 1, true], [true, 2, true], [true, 3, true], [true, 1, true], [true, 1, true]]);
  });

  test('that of taskloom/worker, which is a library of its own, stops a task of the page too', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }, url) => {
      const { NonRetryableError } = await import(url);
      const task = run(() => { throw new NonRetryableError('enough'); }, { retry: { maxAttempts: 3, baseDelay: 0 } });
      const { code, message } = await rejectionOf(task);
      return [code, message, task.attempt];
    }, '/node_modules/taskloom/worker.js'), ['non-retryable', 'enough', 1]);
  });

  test('NonRetryableError made from anything else is the task\'s error itself, with its cause', async tab => {
    assert.deepEqual(await tab.run(async ({ run, NonRetryableError, TaskloomError }) => {
      const cause = new Error('below');
      const made = [new NonRetryableError('in words', { cause }), new NonRetryableError(), new NonRetryableError(404)];
      return Promise.all(made.map(error => run(() => { throw error; }, { retry: { maxAttempts: 9 } })
        .catch(got => [got === error, got instanceof TaskloomError, got.code, got.message.length > 0, got.cause === cause])));
    }), [[true, true, 'non-retryable', true, true], ...Array(2).fill([true, true, 'non-retryable', true, false])]);
  });

  test('NonRetryableError asks none of the policy\'s functions', async tab => {
    assert.deepEqual(await tab.run(async ({ run, NonRetryableError }) => {
      const calls = [];
      await run(() => { throw new NonRetryableError('no'); }, {
        retry: { retryIf: () => calls.push('retryIf'), delayFrom: () => calls.push('delayFrom'), onRetry: () => calls.push('onRetry') },
      }).catch(() => {});
      return calls;
    }), []);
  });

  test('onRetry is called before each further attempt, and only if there is one', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const log = async retry => {
        const calls = [];
        await run(ctx => { calls.push(`attempt ${ctx.attempt}`); throw new Error(`error ${ctx.attempt}`); }, {
          retry: { maxAttempts: 3, ...retry, onRetry: (error, { attempt }) => calls.push(`${error.message} of ${attempt}`) },
        }).catch(() => {});
        return calls.join(', ');
      };
      return [
        await log({}), await log({ retryIf: () => false }), await log({ retryOn: TypeError }), await log({ maxAttempts: 1 }),
        await log({ baseDelay: '1h', maxDelay: '1h', maxElapsed: '1m' }),
      ];
    }), ['attempt 1, error 1 of 1, attempt 2, error 2 of 2, attempt 3', 'attempt 1', 'attempt 1', 'attempt 1', 'attempt 1']);
  });
}

function limits(test) {
  test('a wait that would end after maxElapsed is not begun: the task fails at once with its error', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = async retry => {
        const task = run(() => { throw new Error('mine'); }, { retry: { maxAttempts: 9, ...retry } });
        return [await task.catch(error => error.message), task.attempt];
      };
      return [
        await attempts({ baseDelay: '1h', maxDelay: '1h', maxElapsed: '1m' }), await attempts({ maxElapsed: '1m', delayFrom: () => '2m' }),
        await attempts({ maxElapsed: '1m' }),
      ];
    }), [['mine', 1], ['mine', 1], ['mine', 9]]);
  });

  test('maxElapsed ends even endless attempts', async tab => {
    const [message, attempts] = await tab.run(async ({ run }) => {
      const task = run(() => { throw new Error('mine'); }, { retry: { maxAttempts: Infinity, baseDelay: 1, multiplier: 1, maxElapsed: 60 } });
      return [await task.catch(error => error.message), task.attempt];
    });
    assert.equal(message, 'mine');
    assert(attempts > 1 && attempts <= 61, String(attempts));
  });

  test('the task\'s timeout counts the waits in', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      let calls = 0;
      const task = run(() => { calls++; throw new Error('no'); }, { timeout: 20, retry: { maxAttempts: 9, baseDelay: '1h' } });
      return [(await rejectionOf(task)).name, task.state, calls];
    }), ['TimeoutError', 'error', 1]);
  });

  test('each attempt that takes longer than attemptTimeout is aborted with a TimeoutError, and the last one\'s is the task\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const signals = [];
      const task = run(ctx => {
        signals.push(ctx.signal);
        return new Promise(() => {});
      }, { retry: { maxAttempts: 3, attemptTimeout: 10 } });
      const error = await task.catch(error => error);
      return [error.name, error instanceof DOMException, task.state, task.attempt, signals.map(({ aborted, reason }) => [aborted, reason.name])];
    }), ['TimeoutError', true, 'error', 3, Array(3).fill([true, 'TimeoutError'])]);
  });

  test('stopped waits for the functions of all attempts, and what they give later is dropped', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred, nextTurn }) => {
      const gates = [deferred(), deferred(), deferred()];
      const late = [];
      const task = run(ctx => {
        late.push(ctx);
        return gates[ctx.attempt - 1].promise;
      }, { retry: { maxAttempts: 3, attemptTimeout: 10 } });
      let stopped = false;
      task.stopped.then(() => { stopped = true; });
      const name = await task.catch(error => error.name);
      const seen = [];
      gates[1].resolve('late');
      await nextTurn();
      seen.push(stopped);
      gates[2].reject(new Error('late'));
      await nextTurn();
      seen.push(stopped);
      late[0].progress('late');
      gates[0].resolve('late');
      await nextTurn();
      seen.push(stopped);
      return [name, seen, task.state, task.progress ?? null];
    }), ['TimeoutError', [false, false, true], 'error', null]);
  });

  test('an attempt that has timed out reports no progress and starts no child any more', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      let first, child;
      let calls = 0;
      const second = deferred();
      const task = run(ctx => {
        first ??= ctx;
        if (ctx.attempt === 1) return new Promise(() => {});
        second.resolve();
        return new Promise(resolve => setTimeout(resolve, 0, 'second'));
      }, { retry: { attemptTimeout: 15, maxAttempts: 2 } });
      await second.promise;
      first.progress('of the first');
      child = first.run(() => calls++);
      const value = await task;
      return [value, task.drainProgress(), child.state, calls];
    }), ['second', [], 'cancelled', 0]);
  });

  test('an attempt\'s timeout is an error like any other to retryOn', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const attempts = async retryOn => {
        const task = run(() => new Promise(() => {}), { retry: { maxAttempts: 2, attemptTimeout: 5, retryOn } });
        return [await task.catch(error => error.name), task.attempt];
      };
      return [await attempts('TimeoutError'), await attempts(DOMException), await attempts(RangeError)];
    }), [['TimeoutError', 2], ['TimeoutError', 2], ['TimeoutError', 1]]);
  });
}

function attempts(test) {
  test('ctx.attempt and task.attempt count from 1; the task stays running through its waits, and has started once', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const seen = [];
      let started;
      const task = run(async ctx => {
        started ??= task.startedAt.getTime();
        seen.push([ctx.attempt, task.attempt, task.state, task.startedAt.getTime() === started]);
        await nextTurn();
        if (ctx.attempt < 3) throw new Error('no');
      }, { retry: { baseDelay: 1 } });
      const before = task.attempt;
      const states = new Set();
      while (!task.done) {
        states.add(task.state);
        await nextTurn();
      }
      return [before, seen, [...states]];
    }), [0, [1, 2, 3].map(attempt => [attempt, attempt, 'running', true]), ['pending', 'running']]);
  });

  test('each attempt has a signal of its own, and a cancel aborts that of the running one', async tab => {
    assert.deepEqual(await tab.run(async ({ run, deferred }) => {
      const signals = [];
      const third = deferred();
      const task = run(ctx => {
        signals.push(ctx.signal);
        if (ctx.attempt < 3) throw new Error('no');
        third.resolve();
        return new Promise(() => {});
      }, { retry: {} });
      await third.promise;
      task.cancel();
      return [new Set(signals).size, signals[2].aborted];
    }), [3, true]);
  });

  test('the children of a failed attempt are cancelled before the next one starts', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted, deferred, nextTurn }) => {
      const children = [];
      const seen = [];
      const third = deferred();
      const task = run(async ctx => {
        seen.push(children.map(child => child.state));
        const child = ctx.run(inner => inner.run(untilAborted));
        children.push(child);
        await ctx.checkpoint();
        if (ctx.attempt < 3) throw new Error('no');
        await third.promise;
        return child.state;
      }, { retry: {} });
      while (children.length < 3) await nextTurn();
      third.resolve();
      return [await task, seen, children.map(child => child.error?.name)];
    }), ['running', [[], ['cancelled'], ['cancelled', 'cancelled']], ['AbortError', 'AbortError', 'AbortError']]);
  });

  test('one policy serves any number of tasks at once', async tab => {
    assert.deepEqual(await tab.run(async ({ run, RetryPolicy }) => {
      const policy = new RetryPolicy({ maxAttempts: 4, baseDelay: 1, jitter: 1 });
      const tasks = Array.from({ length: 300 }, (_, i) => run(ctx => {
        if (ctx.attempt <= i % 5) throw new Error('no');
        return i;
      }, { retry: policy }));
      await Promise.allSettled(tasks);
      return tasks.every((task, i) => (i % 5 < 4
        ? task.state === 'done' && task.result === i && task.attempt === i % 5 + 1
        : task.state === 'error' && task.attempt === 4));
    }), true);
  });

  test('maxAttempts is 3 if not given, and Infinity is a number of attempts', async tab => {
    assert.deepEqual(await tab.run(async ({ run, RetryPolicy }) => {
      const plain = run(() => { throw new Error('no'); }, { retry: {} });
      await plain.catch(() => {});
      const endless = run(ctx => { if (ctx.attempt < 50) throw new Error('no'); }, { retry: { maxAttempts: Infinity } });
      await endless;
      return [plain.attempt, new RetryPolicy().maxAttempts, endless.attempt];
    }), [3, 3, 50]);
  });

  test('a task without a policy is tried once', async tab => {
    assert.deepEqual(await tab.run(async ({ run }) => {
      const task = run(() => { throw new Error('no'); });
      await task.catch(() => {});
      return [task.attempt, task.state];
    }), [1, 'error']);
  });
}
