// What is left in memory. Counted by the DevTools protocol after a collection, so in Chromium only.

import assert from 'node:assert/strict';

const MIB = 2 ** 20;
const TASKS = 100_000;

/** Returns a function that collects garbage and tells how many bytes the page's JavaScript and the library's wasm take. */
export async function measuring(tab) {
  await tab.bare(() => {
    const { Instance } = WebAssembly;
    WebAssembly.Instance = class extends Instance {
      constructor(...args) {
        super(...args);
        window.wasmMemory ??= Object.values(this.exports).find(each => each instanceof WebAssembly.Memory);
      }
    };
  });
  const devtools = await tab.page.context().newCDPSession(tab.page);
  return async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    return { heap: usedSize, wasm: await tab.bare(() => window.wasmMemory?.buffer.byteLength ?? 0) };
  };
}

export default function memory(test) {
  test(`after ${TASKS} tasks through one manager at once the heap is what it was, and more of them need no more wasm memory`, async tab => {
    const measure = await measuring(tab);
    const round = () => tab.run(async ({ TaskManager }, count) => {
      window.manager ??= new TaskManager({ concurrency: 10 });
      let sum = 0;
      for (let i = 0; i < count; i++) window.manager.submit(i % 2 ? () => { sum++; } : async () => { sum++; });
      await window.manager.onIdle();
      window.manager.cleanup();
      return [sum, [...window.manager].length];
    }, TASKS);
    assert.deepEqual(await round(), [TASKS, 256]);
    const first = await measure();
    assert.deepEqual(await round(), [TASKS, 256]);
    const second = await measure();
    assert(first.wasm > 0 && first.wasm < 40 * MIB, `${first.wasm / MIB} MiB of wasm memory`);
    assert.equal(second.wasm, first.wasm, 'the second round needs more wasm memory');
    assert(second.heap - first.heap < MIB, `${(second.heap - first.heap) / MIB} MiB are left`);
  });

  test(`${TASKS} tasks one piece after the other, each with options, an id, an alias and an end of its own, leave nothing`, async tab => {
    const measure = await measuring(tab);
    const round = count => tab.run(async ({ TaskManager }, count) => {
      window.manager ??= new TaskManager({ concurrency: 50, maxQueue: 1000, maxCompleted: 10 });
      const { manager } = window;
      window.controller ??= new AbortController();
      for (let i = 0; i < count; i++) {
        if (i % 500 === 0) await manager.onWaitingBelow(400);
        const task = manager.submit(async ctx => {
          ctx.progress(i);
          if (i % 5 === 0) throw new Error('no');
          if (i % 7 === 0) ctx.run(() => i);
        }, { name: `task ${i}`, signal: window.controller.signal, timeout: '1h', retry: i % 10 ? undefined : { maxAttempts: 2 } });
        if (i % 3 === 0) manager.alias(task, `alias ${i % 100}`);
        if (i % 4 === 0) void task.id;
        if (i % 11 === 0) task.cancel();
      }
      await manager.onIdle();
      manager.cleanup();
      return [manager.waiting, manager.running, [...manager].length];
    }, count);
    assert.deepEqual(await round(20_000), [0, 0, 10]);
    const before = await measure();
    assert.deepEqual(await round(TASKS), [0, 0, 10]);
    const after = await measure();
    assert(after.wasm - before.wasm <= MIB, `${(after.wasm - before.wasm) / MIB} MiB more wasm memory`);
    assert(after.heap - before.heap < MIB, `${(after.heap - before.heap) / MIB} MiB are left`);
  });

  test('a handle that asks for its id late, or that was refused, is held by nobody', async tab => {
    const measure = await measuring(tab);
    assert.equal(await tab.run(async ({ run, TaskManager }) => {
      window.manager = new TaskManager({ maxCompleted: 0, concurrency: 1, maxQueue: 0 });
      window.references = [];
      const look = task => {
        void task.id;
        window.references.push(new WeakRef(task));
      };
      for (let round = 0; round < 50; round++) {
        let over = window.manager.submit(() => 1);
        const refused = window.manager.submit(() => 1);
        await over;
        window.manager.cleanup();
        look(over);
        look(refused);
        over = undefined;
      }
      window.manager.cleanup();
      await run(() => 1);
      return window.references.length;
    }), 100);
    await tab.bare(() => new Promise(resolve => setTimeout(resolve)));
    await measure();
    assert.equal(await tab.bare(() => window.references.filter(reference => reference.deref()).length), 0);
  });

  test('managers that nobody holds any more are collected, in the engine too', async tab => {
    const measure = await measuring(tab);
    const round = () => tab.run(async ({ TaskManager }) => {
      const references = [];
      for (let i = 0; i < 2000; i++) {
        const manager = new TaskManager({ concurrency: 2 });
        await manager.submit(() => i);
        if (i % 2) manager[Symbol.dispose]();
        references.push(new WeakRef(manager));
      }
      window.references = references;
    });
    await round();
    await measure();
    await tab.bare(() => new Promise(resolve => setTimeout(resolve, 10))); // finalizers run in a task of their own
    const first = await measure();
    assert.equal(await tab.bare(() => window.references.filter(reference => reference.deref()).length), 0);
    await round();
    const second = await measure();
    assert(second.wasm - first.wasm <= MIB / 4, `${second.wasm - first.wasm} bytes more wasm memory`);
  });
}
