// Priorities where the platform has no scheduler, as in all of Safari: three lanes of our own. Runs in Chromium, whose scheduler is taken away.

import assert from 'node:assert/strict';

/** Takes away, before the library is there, what Safari has not. */
const without = (...names) => tab => tab.bare((_, names) => {
  for (const name of names) Object.defineProperty(window, name, { value: undefined, configurable: true });
}, names);

export default function lanes(test) {
  for (const [where, prepare] of [['scheduler', without('scheduler')], ['scheduler and requestIdleCallback', without('scheduler', 'requestIdleCallback')]]) {
    test(`without ${where}: the urgent begin first, then the visible, then the background, whatever the order of submitting`, async tab => {
      await prepare(tab);
      assert.deepEqual(await tab.run(async ({ run }) => {
        const order = [];
        const start = priority => run(() => order.push(priority), { priority }).then();
        await Promise.all(['background', 'user-visible', 'user-blocking', 'background', 'user-visible', 'user-blocking'].map(start));
        return order;
      }), ['user-blocking', 'user-blocking', 'user-visible', 'user-visible', 'background', 'background']);
    });

    for (const loop of ['tasks', 'checkpoints']) {
      test(`without ${where}: under a loop of visible ${loop} the background waits for about a second, and then begins`, async tab => {
        await prepare(tab);
        const waits = await tab.run(async ({ run }, loop) => {
          const asked = performance.now();
          const waits = [];
          const tasks = [1, 2, 3].map(() => run(() => waits.push(performance.now() - asked), { priority: 'background' }));
          const isOver = () => waits.length === 3;
          if (loop === 'tasks') while (!isOver()) await run(() => {}, { priority: 'user-visible' });
          else await run(async ({ checkpoint }) => { while (!isOver()) await checkpoint(); }, { priority: 'user-visible' });
          await Promise.all(tasks);
          return waits;
        }, loop);
        assert(waits.every(wait => wait >= 990), String(waits));
      });
    }

    test(`without ${where}: the background begins when nothing else does, and each of many gets its turn`, async tab => {
      await prepare(tab);
      assert.deepEqual(await tab.run(async ({ run }) => {
        const priorities = ['background', 'user-visible', 'user-blocking'];
        const values = await Promise.all(Array.from({ length: 300 }, (_, i) => run(() => i, { priority: priorities[i % 3] })));
        return values.every((value, i) => value === i);
      }), true);
    });

    test(`without ${where}: a stream of urgent tasks lets a visible one through`, async tab => {
      await prepare(tab);
      const before = await tab.run(async ({ run }) => {
        let over = false;
        let before = 0;
        const visible = run(() => { over = true; }, { priority: 'user-visible' });
        const urgent = [];
        for (let i = 0; i < 1000; i++) urgent.push(run(() => { if (!over) before++; }, { priority: 'user-blocking' }));
        await Promise.all([visible, ...urgent]);
        return before;
      });
      assert(before <= 16, `${before} went ahead`);
    });

    test(`without ${where}: what many starts do afterwards does not hold up timers and frames`, async tab => {
      await prepare(tab);
      const ticks = await tab.run(async ({ run }) => {
        const busy = span => { for (const until = performance.now() + span; performance.now() < until;); };
        let ticks = 0;
        const timer = setInterval(() => { ticks++; });
        await Promise.all(Array.from({ length: 150 }, () => run(async () => {
          await null;
          busy(4);
        }, { priority: 'user-visible' })));
        clearInterval(timer);
        return ticks;
      });
      assert(ticks >= 10, `${ticks} timers in 600 ms of work`);
    });
  }

  test('a priority is a class of the queue too: 5,000 tasks without one do not keep an urgent one waiting', async tab => {
    for (const options of [{ concurrency: 2 }, { concurrency: 2, rateLimit: { limit: 100_000, per: '1m' } }, { rateLimit: { limit: 50, per: 1 } }]) {
      const place = await tab.run(async ({ TaskManager }, options) => {
        const manager = new TaskManager(options);
        const order = [];
        for (let i = 0; i < 5000; i++) manager.submit(() => order.push(i));
        const urgent = manager.submit(() => order.push('urgent'), { priority: 'user-blocking' });
        await urgent;
        manager.cancelAll();
        return order.indexOf('urgent');
      }, options);
      assert(place <= (options.concurrency ?? 100), `${place} went ahead with ${JSON.stringify(options)}`);
    }
  });

  test('no class is overtaken more than 16 times in a row by tasks that need no turn', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskManager }) => {
      const places = [];
      for (const priority of ['user-visible', 'background']) {
        const manager = new TaskManager({ concurrency: 2 });
        const order = [];
        const posted = manager.submit(() => order.push('posted'), { priority });
        for (let i = 0; i < 5000; i++) manager.submit(() => order.push(i));
        await posted;
        await manager.onIdle();
        places.push(order.indexOf('posted') <= 17);
      }
      return places;
    }), [true, true]);
  });
}
