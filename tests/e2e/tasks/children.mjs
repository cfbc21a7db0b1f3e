// Tasks that a task starts.

import assert from 'node:assert/strict';

export default function children(test) {
  test('a child is cancelled with its parent, for the parent\'s reason, and the grandchild too', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted }) => {
      let child, grandchild;
      const parent = run(async ctx => {
        child = ctx.run(async inner => {
          grandchild = inner.run(untilAborted);
          return grandchild;
        });
        return child;
      });
      await new Promise(resolve => setTimeout(resolve));
      const reason = new Error('enough');
      parent.cancel(reason);
      return [parent, child, grandchild].map(task => [task.state, task.error === reason]);
    }), Array(3).fill(['cancelled', true]));
  });

  test('a child that its parent does not wait for is cancelled when the parent is done, and when it fails', async tab => {
    assert.deepEqual(await tab.run(async ({ run, untilAborted }) => {
      const children = [];
      await run(ctx => { children.push(ctx.run(untilAborted)); });
      const failure = new Error('no');
      await run(async ctx => {
        children.push(ctx.run(untilAborted));
        await ctx.checkpoint();
        throw failure;
      }).catch(() => {});
      return [children.map(task => task.state), children[0].error.name, children[1].error === failure];
    }), [['cancelled', 'cancelled'], 'AbortError', true]);
  });

  test('a child that is started when its parent is over is cancelled at once', async tab => {
    assert.deepEqual(await tab.run(async ({ run, nextTurn }) => {
      let calls = 0;
      const context = await run(ctx => [ctx]);
      const child = context[0].run(() => calls++);
      const state = child.state;
      await nextTurn();
      return [state, child.error.name, calls];
    }), ['cancelled', 'AbortError', 0]);
  });

  test('a child that fails does not harm a parent that handles it', async tab => {
    assert.equal(await tab.run(({ run }) => run(async ctx => {
      const error = await ctx.run(() => { throw new Error('of the child'); }).catch(error => error);
      return `handled: ${error.message}`;
    })), 'handled: of the child');
  });

  test('a task in a full manager can wait for its children', async tab => {
    assert.equal(await tab.run(async ({ TaskManager }) => {
      const manager = new TaskManager({ concurrency: 1 });
      return manager.submit(async ctx => {
        const parts = [ctx.run(() => 20), ctx.run(ctx => ctx.run(() => 22))];
        return await parts[0] + await parts[1];
      });
    }), 42);
  });
}
