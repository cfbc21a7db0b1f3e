// A task that would wait for itself fails, instead of waiting for ever.

import assert from 'node:assert/strict';

export default function recursion(test) {
  test('a task that asks for its own key fails with recursive-call, and so does a chain that leads back to it', async tab => {
    const errors = await tab.run(async ({ TaskManager, run, rejectionOf }) => {
      const m = new TaskManager();
      const again = { key: 'k', deduplicate: true };
      const g = () => 'never called';
      return {
        itself: await rejectionOf(m.submit(async ctx => ctx.run(g, again), { key: 'k' })),
        later: await rejectionOf(m.submit(async ctx => { await null; return ctx.run(g, again); }, { key: 'k' })),
        submitted: await rejectionOf(m.submit(async () => m.submit(g, again), { key: 'k', name: 'the outer' })),
        byRun: await rejectionOf(run(async () => run(g, again), { key: 'k' })),
        child: await rejectionOf(m.submit(ctx => ctx.run(async inner => inner.run(g, again)), { key: 'k' })),
        grandchild: await rejectionOf(m.submit(async ctx => ctx.run(async one => one.run(async two => two.run(g, again))), { key: 'k' })),
        cycle: await rejectionOf(m.submit(ctx => ctx.run(inner => inner.run(g, again), { key: 'inner' }), { key: 'k' })),
      };
    });
    for (const [name, { code }] of Object.entries(errors)) assert.equal(code, 'recursive-call', name);
    assert.match(errors.submitted.message, /the outer.*'k'/);
  });

  test('two tasks that ask for each other by key: the second to ask fails, the first with it', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred, rejectionOf }) => {
      const m = new TaskManager();
      const [both, asked] = [deferred(), deferred()];
      const a = m.submit(async ctx => {
        await both.promise;
        const b = ctx.run(() => 'never', { key: 'b', deduplicate: true });
        asked.resolve();
        return b;
      }, { key: 'a' });
      const b = m.submit(async ctx => { await asked.promise; return ctx.run(() => 'never', { key: 'a', deduplicate: true }); }, { key: 'b' });
      both.resolve();
      return [(await rejectionOf(b)).code, (await rejectionOf(a)).code];
    }), ['recursive-call', 'recursive-call']);
  });

  test('a task that returns itself, or one that returns it, fails: by its handle, its id, an alias or its name', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, run, sessionTasks, rejectionOf }) => {
      const m = new TaskManager();
      const codes = {};
      const code = async task => (await rejectionOf(task)).code;
      const own = run(() => own);
      codes.own = await code(own);
      const first = run(() => second);
      const second = run(() => first);
      codes.pair = [await code(first), await code(second)];
      const byId = m.submit(() => m.get(byId.id));
      codes.byId = await code(byId);
      const aliased = m.submit(() => m.get('global:me'));
      m.alias(aliased, 'me');
      codes.alias = await code(aliased);
      const parent = m.submit(ctx => ctx.run(() => parent));
      codes.parent = await code(parent);
      const names = sessionTasks('recursion');
      codes.get = await code(names.getOrRun('get', () => run(() => names.get('get'))));
      const load = () => names.getOrRun('load', () => run(async () => { await load(); }));
      codes.named = await code(load());
      const one = () => names.getOrRun('one', () => run(async () => { await two(); }));
      const two = () => names.getOrRun('two', () => run(async () => { await one(); }));
      codes.chain = await code(one());
      return codes;
    }), {
      own: 'recursive-call', pair: ['recursive-call', 'recursive-call'], byId: 'recursive-call', alias: 'recursive-call', parent: 'recursive-call', get: 'recursive-call',
      named: 'recursive-call', chain: 'recursive-call',
    });
  });

  test('who waits for others, and is not waited for by them, gets what they give', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager, deferred }) => {
      const m = new TaskManager();
      const gate = deferred();
      let calls = 0;
      const config = ctx => ctx.run(() => { calls++; return gate.promise; }, { key: 'config', deduplicate: true });
      const users = Array.from({ length: 300 }, () => m.submit(async ctx => config(ctx), { key: 'user' }));
      const family = m.submit(async ctx => [await ctx.run(config), await ctx.run(config)]);
      await null;
      gate.resolve('value');
      const values = await Promise.all(users);
      // An attempt that has failed waits for nobody any more.
      let tried = 0;
      const slow = m.submit(async ctx => { await null; await null; return ctx.run(() => 'another', { key: 'tried', deduplicate: true }); }, { key: 'slow' });
      const trying = m.submit(async ctx => {
        if (++tried === 1) { ctx.run(() => 'never', { key: 'slow', deduplicate: true }); throw new Error('first'); }
        return 'second attempt';
      }, { key: 'tried', retry: { maxAttempts: 2 } });
      return [calls, new Set(values).size, values[0], await family, await trying, await slow];
    }), [1, 1, 'value', ['value', 'value'], 'second attempt', 'second attempt']);
  });
}
