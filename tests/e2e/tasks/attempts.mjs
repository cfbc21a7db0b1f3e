// What is left over of an attempt, or of a task, does not live on.

import assert from 'node:assert/strict';

export default function attempts(test) {
  test('a loop that a failed attempt has left running ends at its next checkpoint', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      const ended = [];
      const task = run(async ctx => {
        if (ctx.attempt === 1) {
          (async () => {
            for (;;) {
              await nextTurn();
              await ctx.checkpoint();
            }
          })().catch(error => ended.push(error.message, ctx.signal.aborted));
          throw new Error('first');
        }
        while (ended.length === 0) await nextTurn();
        return 'second';
      }, { retry: { maxAttempts: 2 } });
      return [await task, ended];
    }), ['second', ['first', true]]);
  });

  test('a child that a failed attempt starts late is cancelled, and so is one of a task that is over', async tab => {
    assert.deepEqual(await tab.run(async ({ run, rejectionOf }) => {
      const contexts = [];
      const task = run(ctx => {
        contexts.push(ctx);
        if (ctx.attempt === 1) throw new Error('first');
        return rejectionOf(contexts[0].run(() => 'never')).then(({ name }) => name);
      }, { retry: { maxAttempts: 2 } });
      return [await task, (await rejectionOf(contexts[1].run(() => 'never'))).name, await rejectionOf(contexts[1].checkpoint()).then(e => e.name)];
    }), ['AbortError', 'AbortError', 'AbortError']);
  });

  test('a task that waits for itself fails', async tab => {
    assert.equal((await tab.run(async ({ run, rejectionOf }) => {
      const task = run(() => task);
      return rejectionOf(task);
    })).code, 'recursive-call');
  });

  test('the dates of a task are in order, however it ended', async tab => {
    assert.equal(await tab.run(async ({ run, nextTurn, untilAborted }) => {
      const never = run(() => 1);
      never.cancel();
      const cancelled = run(untilAborted);
      const done = run(async () => nextTurn());
      const named = run(() => 1, { timeout: '1m' });
      await Promise.all([done, named]);
      cancelled.cancel();
      await new Promise(resolve => setTimeout(resolve, 20));
      return [never, cancelled, done, named].every(({ createdAt, startedAt, finishedAt }) =>
        createdAt <= (startedAt ?? createdAt) && (startedAt ?? createdAt) <= finishedAt);
    }), true);
  });

  test('a deduplicated task ends when the last of its callers has had enough, and not before', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted, nextTurn }) => {
      const callers = [new AbortController(), new AbortController()];
      const [first, second] = callers.map(({ signal }) => run(untilAborted, { key: 'one', deduplicate: true, signal }));
      await nextTurn();
      callers[0].abort();
      const after = first.state;
      callers[1].abort();
      const forever = run(untilAborted, { key: 'two', deduplicate: true });
      const passing = new AbortController();
      run(untilAborted, { key: 'two', deduplicate: true, signal: passing.signal });
      passing.abort();
      const kept = forever.done;
      forever.cancel();
      return [first === second, after, first.state, kept];
    }), [true, 'running', 'cancelled', false]);
  });

  test('a reason that can\'t even be looked at cancels all the same', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted, nextTurn, rejectionOf }) => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const task = run(async ctx => {
        ctx.run(untilAborted);
        await untilAborted(ctx);
      });
      await nextTurn();
      const cancelled = task.cancel(proxy);
      return [cancelled, task.state, await task.catch(error => error.name), await run(() => 'alive')];
    }), [true, 'cancelled', 'AbortError', 'alive']);
  });
}
