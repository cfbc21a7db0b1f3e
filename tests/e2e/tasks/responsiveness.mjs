// A long job with checkpoints lets everything else on the page through. Nothing here measures time: a job goes on until all that it
// must let through has come through, and gives up after far longer than that takes.

import assert from 'node:assert/strict';

const GIVE_UP_MS = 8_000;

/**
 * Starts `jobs` tasks with these options that work until `seen` says that all has come, and resolves to what came while they ran.
 * `expected` names what to wait for: a count for each.
 */
async function workUntilSeen({ run }, { jobs, options, expected, giveUpAfter }) {
  const seen = { timer: 0, message: 0, frame: 0, fetch: 0, click: 0, key: 0 };
  const all = () => Object.entries(expected).every(([name, count]) => seen[name] >= count);
  const giveUpAt = performance.now() + giveUpAfter;
  let running = jobs;
  const during = name => () => { if (running > 0) seen[name]++; };

  const tasks = Array.from({ length: jobs }, () => run(async ctx => {
    let rounds = 0;
    try {
      for (; !all() && performance.now() < giveUpAt; rounds++) {
        for (let i = 0; i < 2_000; i++) Math.sqrt(i);
        await ctx.checkpoint();
      }
      return rounds;
    } finally {
      running--;
    }
  }, options));

  // Each goes on only as far as it must: a page that is never idle would starve a background job, and rightly so.
  const repeat = (name, next) => next(function again() {
    during(name)();
    if (running > 0 && seen[name] < expected[name]) next(again);
  });
  repeat('timer', again => setTimeout(again));
  const { port1, port2 } = new MessageChannel();
  repeat('message', again => {
    port1.onmessage = again;
    port2.postMessage(0);
  });
  repeat('frame', requestAnimationFrame);
  fetch('/fixture.js').then(response => response.text()).then(during('fetch'));
  document.getElementById('button').onclick = during('click');
  document.getElementById('text').oninput = during('key');

  window.work = (async () => {
    const rounds = await Promise.all(tasks.map(task => task.then()));
    port1.close();
    return { missing: Object.keys(expected).filter(name => seen[name] < expected[name]), worked: rounds.every(count => count > 0) };
  })();
}

export default function responsiveness(test) {
  const background = { timer: 3, message: 3, frame: 3, fetch: 1 };

  test('timers, messages, frames and fetches are handled while a job works', async tab => {
    await tab.run(workUntilSeen, { jobs: 1, expected: background, giveUpAfter: GIVE_UP_MS });
    assert.deepEqual(await tab.bare(() => window.work), { missing: [], worked: true });
  });

  test('they are handled while twenty jobs work at once', async tab => {
    await tab.run(workUntilSeen, { jobs: 20, expected: background, giveUpAfter: GIVE_UP_MS });
    assert.deepEqual(await tab.bare(() => window.work), { missing: [], worked: true });
  });

  for (const priority of ['user-blocking', 'user-visible', 'background']) {
    test(`they are handled while a job of priority ${priority} works`, async tab => {
      await tab.run(workUntilSeen, { jobs: 1, options: { priority }, expected: background, giveUpAfter: GIVE_UP_MS });
      assert.deepEqual(await tab.bare(() => window.work), { missing: [], worked: true });
    });
  }

  test('real clicks and keys are handled while a job works', async tab => {
    await tab.run(workUntilSeen, { jobs: 1, expected: { click: 2, key: 4, frame: 3 }, giveUpAfter: GIVE_UP_MS });
    await tab.page.click('#button');
    await tab.page.click('#text');
    await tab.page.keyboard.type('loom');
    await tab.page.click('#button');
    assert.deepEqual(await tab.bare(() => window.work), { missing: [], worked: true });
    assert.equal(await tab.bare(() => document.getElementById('text').value), 'loom');
  });

  test('a checkpoint costs no turn of the event loop while the time slice lasts', async tab => {
    assert.deepEqual(await tab.run(({ run, nextTurn }) => run(async ctx => {
      await nextTurn();
      let turns = 0;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => turns++;
      for (let i = 0; i < 50; i++) {
        port2.postMessage(0);
        await ctx.checkpoint();
      }
      const during = turns;
      await nextTurn();
      port1.close();
      return [during < 25, turns > 0];
    })), [true, true]);
  });
}
