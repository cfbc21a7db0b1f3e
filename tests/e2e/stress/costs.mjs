// What one operation costs beside few and beside many live things of its kind: a round of n operations on n things must not cost more than n times as much. A round at
// 10,000 is compared with one at 1,000: 10 times as much is linear, 100 times is quadratic. No time is a limit, only the ratio, with a generous margin.

import assert from 'node:assert/strict';

const LEAST = 1; // ms: what is quicker than the clock can tell is no ground for a ratio
const MARGIN = 4;

/**
 * By name: `(library, n) => round`, run in the page. `round()` makes n things, does one operation on each, and leaves nothing.
 */
const KINDS = {
  'tasks at once': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager();
    for (let i = 0; i < n; i++) manager.submit(() => i);
    await manager.onIdle();
  },
  'waiting tasks, which start one after the other': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager({ concurrency: 1 });
    for (let i = 0; i < n; i++) manager.submit(async () => i);
    await manager.onIdle();
  },
  'waiting tasks, cancelled one by one from the middle': ({ TaskManager }, n) => () => {
    const manager = new TaskManager({ concurrency: 1 });
    manager.pause();
    const tasks = Array.from({ length: n }, () => manager.submit(() => 1));
    for (let i = 0; i < n; i++) tasks[(i + (n >> 1)) % n].cancel();
  },
  'waiting tasks whose priority is changed': ({ TaskManager }, n) => () => {
    const manager = new TaskManager({ concurrency: 1 });
    manager.pause();
    const tasks = Array.from({ length: n }, () => manager.submit(() => 1));
    for (const task of tasks) task.setPriority('background');
    manager.cancelAll();
  },
  'tasks with a priority in a bounded manager': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager({ concurrency: n });
    for (let i = 0; i < n; i++) manager.submit(() => i, { priority: 'user-visible' });
    await manager.onIdle();
  },
  'deadlines that are set and cleared': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager();
    const gates = [];
    const tasks = Array.from({ length: n }, () => manager.submit(() => new Promise(resolve => gates.push(resolve)), { timeout: '1h' }));
    await new Promise(resolve => setTimeout(resolve));
    for (const open of gates) open();
    await Promise.all(tasks);
  },
  'functions that ignore their cancel': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager({ cancelGrace: '1h' });
    const gates = [];
    const tasks = Array.from({ length: n }, () => manager.submit(() => new Promise(resolve => gates.push(resolve))));
    await new Promise(resolve => setTimeout(resolve));
    for (const task of tasks) task.cancel();
    for (const open of gates) open();
    await manager.onIdle();
  },
  'children of one parent': ({ run }, n) => () => run(async ctx => {
    await Promise.all(Array.from({ length: n }, (_, i) => ctx.run(() => i)));
  }),
  'tasks of one signal': ({ run }, n) => async () => {
    const controller = new AbortController();
    await Promise.all(Array.from({ length: n }, (_, i) => run(() => i, { signal: controller.signal })));
  },
  'tasks that ask for one key': ({ run }, n) => async () => {
    let open;
    const gate = new Promise(resolve => { open = resolve; });
    const tasks = Array.from({ length: n }, () => run(ctx => ctx.run(() => gate, { key: 'one', deduplicate: true })));
    await new Promise(resolve => setTimeout(resolve));
    open();
    await Promise.all(tasks);
  },
  'aliases and ids': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager({ maxCompleted: n });
    for (let i = 0; i < n; i++) {
      const task = manager.submit(() => i);
      manager.alias(task, `${i}`);
      manager.get(task.id);
    }
    await manager.onIdle();
  },
  'managers': ({ TaskManager }, n) => async () => {
    const managers = Array.from({ length: n }, () => new TaskManager({ concurrency: 1 }));
    await Promise.all(managers.map(manager => manager.submit(() => 1)));
    for (const manager of managers) manager[Symbol.dispose]();
  },
  'who waits for a shorter line': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager({ concurrency: 1 });
    for (let i = 0; i < n; i++) manager.submit(() => 1);
    await Promise.all(Array.from({ length: n }, (_, i) => manager.onWaitingBelow(1 + (i * 7919) % n)));
  },
  'who waits for an idle manager': ({ TaskManager }, n) => async () => {
    const manager = new TaskManager();
    manager.submit(async () => 1);
    await Promise.all(Array.from({ length: n }, () => manager.onIdle()));
  },
  'listeners of a task': ({ run }, n) => () => {
    const task = run(() => new Promise(() => {}));
    const stops = Array.from({ length: n }, () => task.subscribe(() => {}));
    for (const stop of stops) stop();
    task.cancel();
  },
  'listeners of all tasks': ({ onTask }, n) => () => {
    for (const stop of Array.from({ length: n }, () => onTask(() => {}))) stop();
  },
  'readers of progress': ({ run }, n) => async () => {
    const task = run(async ({ progress }) => { await null; progress(1); });
    await Promise.all(Array.from({ length: n }, async () => { for await (const value of task) if (value !== 1) throw value; }));
  },
  'progress values of one task': ({ run }, n) => async () => {
    const task = run(({ progress }) => { for (let i = 0; i < n; i++) progress(i); }, { progressBuffer: n });
    for await (const value of task) if (value < 0) throw value;
  },
  'turns of the event loop without a scheduler': ({ run }, n) => async () => {
    Object.defineProperty(window, 'scheduler', { value: undefined, configurable: true });
    await Promise.all(Array.from({ length: n }, (_, i) => run(() => i, { priority: 'user-blocking' })));
    delete window.scheduler;
  },
  'entries and listeners of a cache': ({ cacheData }, n) => () => {
    const cached = cacheData(i => i, { maxEntries: n });
    const stops = Array.from({ length: n }, () => cached.subscribe(() => {}));
    for (const stop of stops) stop();
    for (let i = 0; i < n; i++) cached(i);
    for (let i = 0; i < n; i++) cached.clear(i);
  },
  'listeners of a state': ({ stateRef }, n) => () => {
    const ref = stateRef('listened', { storage: 'memory', factory: () => 0 });
    const stops = Array.from({ length: n }, () => ref.subscribe(() => {}));
    for (const stop of stops) stop();
  },
};

/** The least time of a few rounds, in ms. */
async function costOf(library, { n, rounds }, kind) {
  const round = kind(library, n);
  let least = Infinity;
  for (let i = 0; i < rounds; i++) {
    const from = performance.now();
    await round();
    least = Math.min(least, performance.now() - from);
  }
  return least;
}

export default function costs(test) {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(name, async tab => {
      const body = `(library, options) => (${costOf})(library, options, ${kind})`; // run() sends the text of a function
      const cost = (n, rounds) => tab.run(body, { n, rounds });
      await cost(10, 20); // the code is warm
      let few = Infinity;
      let many = Infinity;
      // A page that others share the machine with is measured again: what is quadratic stays so.
      for (let i = 0; i < 8 && !(many <= 10 * MARGIN * Math.max(few, LEAST)); i++) {
        few = Math.min(few, await cost(1000, 5));
        many = Math.min(many, await cost(10_000, 3));
      }
      assert(many <= 10 * MARGIN * Math.max(few, LEAST), `a round of 1,000 takes ${few} ms, one of 10,000 takes ${many} ms`);
    });
  }

  test('100,000 tasks as they are completed', async tab => {
    const isLinear = ([few, many]) => many <= 10 * MARGIN * Math.max(few, 5);
    const measured = () => tab.run(async ({ asCompleted }) => {
      const costs = [];
      for (const n of [10_000, 10_000, 10_000, 100_000, 100_000, 100_000]) {
        const done = Array.from({ length: n }, (_, i) => Promise.resolve(i));
        const from = performance.now();
        let count = 0;
        for await (const { index } of asCompleted(done)) count += index >= 0;
        if (count !== n) throw count;
        costs.push(performance.now() - from);
      }
      return [Math.min(...costs.slice(0, 3)), Math.min(...costs.slice(3))];
    });
    let costs = await measured();
    for (let i = 1; i < 8 && !isLinear(costs); i++) costs = await measured().then(again => again.map((cost, i) => Math.min(cost, costs[i])));
    assert(isLinear(costs), `10,000 take ${costs[0]} ms, 100,000 take ${costs[1]} ms`);
  });
}
