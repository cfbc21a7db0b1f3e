// Tabs whose wall clocks are set.

import { assertOnce, block, now, randomOf, schedule, shiftClock, untilLeads, untilRun } from './support.mjs';

const HOUR = 3_600_000;
const JOB = { jobId: 'job', every: 200, lease: 500 };

export default function clocks(test) {
  for (const hours of [-4, -1, 1, 4]) {
    test(`a tab whose clock is set by ${hours} h while another leads, and then leads itself, runs no tick again`, async (tab, another) => {
      const other = await another();
      await schedule(tab, 'tab', JOB);
      await untilLeads(tab);
      await schedule(other, 'other', JOB);
      await untilRun(tab, 'job', await now(tab));
      await shiftClock(other, hours * HOUR);
      await tab.bare(() => new Promise(resolve => setTimeout(resolve, 1500)));
      await tab.bare(() => window.job.cancel());
      await untilLeads(other);
      if (hours > 0) await untilRun(other, 'job', await now(other), ['other']);
      await shiftClock(other, 0);
      await schedule(tab, 'tab again', JOB);
      await tab.bare(() => new Promise(resolve => setTimeout(resolve, 1500)));
      await assertOnce(tab, 'job');
    });
  }

  test('a clock that is set back by seconds, again and again, runs no tick twice, and the job goes on when the time is reached again', async tab => {
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    for (const shift of [0, -700, -1500, 800, -300, 400]) {
      await shiftClock(tab, shift);
      await untilRun(tab, 'job', await now(tab));
    }
    await assertOnce(tab, 'job');
  });

  test('three tabs whose clocks are set at random, and which are blocked, run no tick twice', async (tab, another) => {
    const random = randomOf(48_611);
    const tabs = [tab, await another(), await another()];
    for (const [i, each] of tabs.entries()) await schedule(each, `tab${i}`, { ...JOB, missed: ['skip', 'once', 'all'][i], maxQueue: 20 });
    for (let round = 0; round < 40; round++) {
      const each = tabs[Math.floor(random() * 3)];
      const what = random();
      if (what < 0.7) await shiftClock(each, [0, 0, -HOUR, HOUR, 2 * HOUR, -2 * HOUR, -5 * HOUR, 5 * HOUR][Math.floor(random() * 8)]);
      else await block(each, Math.floor(random() * 1200));
      await tab.page.evaluate(span => new Promise(resolve => setTimeout(resolve, span)), random() * 400);
    }
    await assertOnce(tab, 'job');
  });
}
