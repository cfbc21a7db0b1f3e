// Priorities, with the platform's scheduler and without it.

import assert from 'node:assert/strict';

const NAMES = ['user-blocking', 'user-visible', 'background'];

export default function priorities(test) {
  test('a task of each priority runs', async tab => {
    assert.deepEqual(await tab.run(({ run }, names) => Promise.all(names.map(priority => run(() => priority, { priority }))), NAMES), NAMES);
  });

  test('without scheduler.postTask each priority runs too, and a job in checkpoints lets a timer through', async tab => {
    assert.deepEqual(await tab.run(async ({ run }, names) => {
      Object.defineProperty(window, 'scheduler', { value: undefined, configurable: true });
      const all = await Promise.all(names.map(priority => run(() => priority, { priority })));
      let fired = false;
      setTimeout(() => { fired = true; });
      await run(async ({ checkpoint }) => {
        while (!fired) await checkpoint();
      }, { timeout: '10s' });
      return [...all, fired];
    }, NAMES), [...NAMES, true]);
  });

  test('many jobs at once share the slice, and frames come through', async tab => {
    const seen = await tab.run(async ({ run }) => {
      let frames = 0;
      let over = false;
      const draw = () => {
        frames++;
        if (!over) requestAnimationFrame(draw);
      };
      requestAnimationFrame(draw);
      await Promise.all(Array.from({ length: 8 }, () => run(async ({ checkpoint }) => {
        while (frames < 10) await checkpoint();
      }, { timeout: '12s' })));
      over = true;
      return frames;
    });
    assert(seen >= 10, `${seen} frames`);
  });
}
