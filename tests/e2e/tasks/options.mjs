// What run() refuses.

import assert from 'node:assert/strict';

/** Bad values by option; each must be refused with a message that names the option. As source text, since a page reads them. */
const BAD = {
  name: ['5', '{}', 'Symbol("s")'],
  signal: ['{}', '"signal"', 'new AbortController()', '5'],
  timeout: ['NaN', '-1', '"abc"', '""', '"5 parsecs"', '{}', 'true', '-Infinity', '1e300', 'Symbol("s")', '[]', '10n', '"1m1h"'],
  queueTimeout: ['NaN', '-1', '"abc"', 'false'],
  progressBuffer: ['0', '-1', '1.5', 'NaN', 'Infinity', '"10"'],
  priority: ['"urgent"', '1', '{}', '""'],
  key: ['5', '{}', 'Symbol("s")'],
  manager: ['{}', '5', '"manager"', 'class {}'],
  retry: ['5', '"often"', 'true', '() => true'],
};

const BAD_RETRY = {
  maxAttempts: ['0', '-1', 'NaN', '"3"', '1.5', '-Infinity', 'null', '3n'],
  baseDelay: ['-1', 'NaN', '"abc"', 'Infinity'],
  maxDelay: ['-1', 'NaN', '"abc"', '{}'],
  multiplier: ['0', '0.5', 'NaN', '"2"', 'Infinity'],
  jitter: ['-0.1', '1.1', 'NaN', '"0"'],
  maxElapsed: ['-1', 'NaN', '"abc"'],
  attemptTimeout: ['-1', 'NaN', '"abc"'],
  retryOn: ['5', '{}', '[5]', '[Error, {}]'],
  retryIf: ['5', '"yes"', '{}'],
  delayFrom: ['5', '{}'],
  onRetry: ['5', '{}'],
};

export default function options(test) {
  const refused = Object.entries(BAD).map(([name, values]) => [name, values.map(value => [value, `run(fn, { ${name}: ${value} })`])]);
  for (const [name, values] of Object.entries(BAD_RETRY)) {
    refused.push([name, values.flatMap(value => [
      [value, `run(fn, { retry: { ${name}: ${value} } })`], [value, `new RetryPolicy({ ${name}: ${value} })`],
    ])]);
  }
  refused.push(['the task', ['undefined', 'null', '5', '{}', '"code()"', 'Promise.resolve()'].map(value => [value, `run(${value})`])]);
  refused.push(['options', ['5', '"fast"', 'true', '() => {}'].map(value => [value, `run(fn, ${value})`])]);
  for (const name of ['concurrency', 'maxQueue', 'maxCompleted']) {
    const values = ['-1', 'NaN', '"3"', '1.5', 'null', ...(name === 'concurrency' ? ['0'] : [])];
    refused.push([name, values.map(value => [value, `new TaskManager({ ${name}: ${value} })`])]);
  }

  for (const [name, calls] of refused) {
    test(`a bad ${name} throws invalid-argument that names it, and nothing starts`, async tab => {
      const results = await tab.run(`async ({ run, RetryPolicy, TaskManager, TaskloomError, nextTurn }) => {
        let calls = 0;
        const fn = () => calls++;
        const attempt = call => {
          try {
            call();
            return 'nothing was thrown';
          } catch (error) {
            return error instanceof TaskloomError ? error.code + ': ' + error.message : 'foreign: ' + error;
          }
        };
        const results = [${calls.map(([, code]) => `attempt(() => ${code})`).join(', ')}];
        await nextTurn();
        await nextTurn();
        return { results, calls };
      }`);
      const wrong = calls.flatMap(([, code], i) => {
        const result = results.results[i];
        return result.startsWith('invalid-argument: ') && result.includes(name) ? [] : [`${code}: ${result}`];
      });
      assert.deepEqual(wrong, []);
      assert.equal(results.calls, 0);
    });
  }

  test('a refusal shows the bad value and says what is allowed', async tab => {
    const messages = await tab.run(({ run, RetryPolicy, thrownBy }) => [
      thrownBy(() => run(() => 1, { timeout: 'abc' })), thrownBy(() => run(() => 1, { timeout: -1 })),
      thrownBy(() => run(() => 1, { priority: 'urgent' })), thrownBy(() => new RetryPolicy({ jitter: 2 })),
    ].map(({ message }) => message));
    assert.match(messages[0], /abc/);
    assert.match(messages[1], /-1/);
    assert.match(messages[2], /urgent.*user-blocking.*user-visible.*background/);
    assert.match(messages[3], /2.*0.*1/);
  });

  test('an option that is undefined is one that is not given', async tab => {
    assert.equal(await tab.run(({ run }) => run(() => 42, {
      name: undefined, signal: undefined, timeout: undefined, queueTimeout: undefined, priority: undefined, retry: undefined,
      progressBuffer: undefined, key: undefined, deduplicate: undefined, manager: undefined,
    })), 42);
  });

  test('the error of an option\'s own getter comes through, and nothing starts', async tab => {
    assert.deepEqual(await tab.run(async ({ run, thrownBy, nextTurn }) => {
      let calls = 0;
      const error = thrownBy(() => run(() => calls++, { get timeout() { throw new RangeError('mine'); } }));
      await nextTurn();
      return [error.name, calls];
    }), ['RangeError', 0]);
  });

  test('frozen functions, options and policies work', async tab => {
    assert.deepEqual(await tab.run(({ run, RetryPolicy, TaskManager }) => {
      const retry = Object.freeze(new RetryPolicy(Object.freeze({ maxAttempts: 2 })));
      const manager = new TaskManager(Object.freeze({ concurrency: 1 }));
      const fn = Object.freeze(async () => Object.freeze([42]));
      return run(fn, Object.freeze({ name: 'frozen', retry, manager, timeout: 1000 }));
    }), [42]);
  });
}
