// Thousands of tasks that fail, retry, have children and run out of time, cancelled at random points.

import assert from 'node:assert/strict';
import { watchTimers } from './timers.mjs';

const TASKS = 10_000;

export default function storm(test) {
  for (const seed of [7, 20_261_121]) {
    test(`${TASKS} tasks that are cancelled at random points each settle once and leave nothing behind (seed ${seed})`, async tab => {
      await watchTimers(tab);
      const report = await tab.run(async ({ run, TaskManager, RetryPolicy, onTask, nextTurn }, { count, seed }) => {
        let state = seed;
        const random = limit => { // xorshift32
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          return (state >>> 0) % limit;
        };
        const pick = list => list[random(list.length)];
        const managers = [
          new TaskManager({ concurrency: 1, maxQueue: 500 }), new TaskManager({ concurrency: 7, maxCompleted: 3 }), new TaskManager({ concurrency: 100 }),
          new TaskManager(), new TaskManager({ rateLimit: { limit: 200, per: 5 } }),
        ];
        const policies = [new RetryPolicy({ maxAttempts: 4, baseDelay: 1, jitter: 1 }), { maxAttempts: 2 }, { attemptTimeout: 3, maxAttempts: 3 }, { maxElapsed: 5, baseDelay: 2 }];
        const settled = new Map(); // what onTask says
        let submitted = 0;
        onTask(({ type, task }) => {
          if (type === 'submitted') submitted++;
          if (type === 'settled') settled.set(task, (settled.get(task) ?? 0) + 1);
        });

        const tasks = [];
        let running = 0;
        let afterSettling = 0;
        const ended = new Set(); // what the subscribers say
        const watch = task => {
          tasks.push(task);
          if (task.done) ended.add(task); // refused by a full queue, or a child of a task that is over
          task.subscribe(() => {
            if (ended.has(task) && !task.done) afterSettling++;
            if (task.done) ended.add(task);
          });
          return task;
        };
        const options = () => ({
          ...(random(3) ? {} : { retry: pick(policies) }),
          ...(random(4) ? {} : { timeout: random(12) }),
          ...(random(6) ? {} : { queueTimeout: random(20) }),
          ...(random(8) ? {} : { priority: pick(['user-blocking', 'user-visible', 'background']) }),
          ...(random(10) ? {} : { key: `key ${random(5)}` }),
        });
        const job = depth => async ctx => {
          running++;
          try {
            for (let steps = random(4); steps > 0; steps--) {
              const step = random(9);
              if (step === 0) await nextTurn();
              else if (step === 1) await ctx.checkpoint();
              else if (step === 2) throw new Error('of the job');
              else if (step === 3 && depth > 0) watch(ctx.run(job(depth - 1), options()));
              else if (step === 4 && depth > 0) await watch(ctx.run(job(depth - 1), options()));
              else if (step === 5) await new Promise(resolve => setTimeout(resolve, random(4)));
              else if (step === 6) ctx.progress(steps);
              else if (step === 7) ctx.signal.throwIfAborted();
              else await Promise.resolve();
            }
            return depth;
          } finally {
            running--;
          }
        };

        while (tasks.length < count) {
          for (let burst = random(200); burst >= 0; burst--) {
            watch(random(5) ? pick(managers).submit(job(2), options()) : run(job(2), options()));
            if (random(2)) pick(tasks).cancel(random(2) ? new Error('storm') : 'storm');
          }
          if (random(10) === 0) pick(managers).pause();
          if (random(10) === 0) pick(managers).cancelWaiting();
          if (random(30) === 0) pick(managers).cancelAll();
          managers[1].concurrency = 1 + random(20);
          for (const manager of managers) if (random(2)) manager.resume();
          if (random(2)) await nextTurn();
        }
        for (const manager of managers) manager.resume();
        // Functions that still run when their task is over may start children, which are cancelled at once: wait until there are no more.
        for (let seen = 0; seen < tasks.length;) {
          seen = tasks.length;
          await Promise.allSettled(tasks);
          await Promise.all(tasks.map(task => task.stopped));
        }
        const outcomes = await Promise.allSettled(tasks);
        await Promise.all(managers.map(manager => manager.onIdle()));
        await nextTurn();

        const states = {};
        for (const { state } of tasks) states[state] = (states[state] ?? 0) + 1;
        const stale = tasks.filter(task => task.cancel() || task.state === 'running' || task.drainProgress().length < 0 || task.timeLeft !== null).length;
        return {
          enough: tasks.length >= count, states,
          once: [tasks.every(task => settled.get(task) === 1), settled.size === submitted, tasks.every(task => ended.has(task)), afterSettling],
          agree: tasks.every((task, i) => task.done && (task.state === 'done') === (outcomes[i].status === 'fulfilled')),
          left: [running, ...managers.flatMap(manager => [manager.waiting, manager.running])], stale,
          after: [await run(() => 42), await managers[0].submit(() => 43)],
          timers: window.timers.live(),
        };
      }, { count: TASKS, seed });
      const { states, ...rest } = report;
      assert.deepEqual(rest, {
        enough: true, once: [true, true, true, 0], agree: true, left: Array(11).fill(0), stale: 0, after: [42, 43], timers: 0,
      });
      for (const state of ['done', 'error', 'cancelled']) assert(states[state] > TASKS / 20, `a storm of all kinds: ${JSON.stringify(states)}`);
    });
  }

  test('handles of tasks that are long over touch no task that has their place now', async tab => {
    assert.deepEqual(await tab.run(async ({ run, TaskManager, nextTurn }) => {
      const manager = new TaskManager();
      const stale = [];
      for (let round = 0; round < 5; round++) {
        const tasks = Array.from({ length: 1000 }, (_, i) => manager.submit(() => { if (i % 3 === 0) throw new Error('no'); return i; }));
        await Promise.allSettled(tasks);
        stale.push(...tasks);
      }
      const live = Array.from({ length: 1000 }, () => manager.submit(() => new Promise(() => {})));
      await nextTurn();
      let did = 0;
      for (const task of stale) {
        if (task.cancel('stale')) did++;
        task[Symbol.dispose]();
        task.subscribe(() => {})();
        if (task.state === 'running' || !task.done) did++;
      }
      await Promise.all(stale.map(task => task.stopped));
      const untouched = live.every(task => task.state === 'running');
      return [did, untouched, manager.cancelAll(), await run(() => 'works')];
    }), [0, true, 1000, 'works']);
  });
}
