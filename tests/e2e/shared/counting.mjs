// Many tabs count at once, and some are killed.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';
import { get, open, openIn, untilIs } from './support.mjs';

const EACH = everything ? 1000 : 250;

export default function counting(test, { browser }) {
  test(`eight pages with ${EACH} increments each count exactly ${8 * EACH}`, async (tab, another) => {
    const all = [tab];
    while (all.length < 8) all.push(await another());
    await openIn(all);
    await Promise.all(all.map(each => each.bare(async (_, count) => {
      for (let i = 0; i < count; i++) await window.shared.update('n', n => (n ?? 0) + 1);
    }, EACH)));
    for (const each of all) await untilIs(each, 'n', 8 * EACH);
  }, { timeout: 240_000 });

  test('four pages with 500 increments each at once count exactly 2,000, with async functions too', async (tab, another) => {
    const all = [tab, await another(), await another(), await another()];
    await openIn(all);
    await Promise.all(all.map(each => each.bare(() => Promise.all([
      ...Array.from({ length: 495 }, () => window.shared.update('n', n => (n ?? 0) + 1)),
      ...Array.from({ length: 5 }, () => window.shared.update('n', async n => (n ?? 0) + 1)),
    ]))));
    for (const each of all) await untilIs(each, 'n', 2000);
  }, { timeout: 120_000 });

  if (browser.name !== 'Chromium') return;

  test('of six pages that count three are killed: confirmed <= stored <= confirmed + one for each of them', async (tab, another) => {
    const living = [tab, await another(), await another()];
    const doomed = [await another(), await another(), await another()];
    const all = [...living, ...doomed];
    await openIn(all);
    const confirmed = new Map();
    for (const each of all) {
      confirmed.set(each, 0);
      // Each waits for the receipt of one update before the next.
      await each.page.exposeFunction('confirm', () => { confirmed.set(each, confirmed.get(each) + 1); });
      await each.bare(() => {
        window.isOver = false;
        window.counting = (async () => {
          for (; !window.isOver; await window.confirm()) await window.shared.update('n', n => (n ?? 0) + 1);
        })();
      });
    }
    const total = () => [...confirmed.values()].reduce((a, b) => a + b);
    for (const [i, each] of doomed.entries()) {
      while (total() < 60 * (i + 1)) await new Promise(resolve => setTimeout(resolve, 10));
      each.isDead = true;
      const crashed = new Promise(resolve => each.page.once('crash', resolve));
      const cdp = await each.page.context().newCDPSession(each.page);
      cdp.send('Page.crash').catch(() => {}); // nobody is left to answer
      await crashed;
    }
    while (total() < 300) await new Promise(resolve => setTimeout(resolve, 10));
    await Promise.all(living.map(each => each.bare(async () => {
      window.isOver = true;
      await window.counting;
    })));
    const late = await another();
    await open(late);
    const stored = await get(late, 'n');
    for (const each of living) await untilIs(each, 'n', stored);
    assert(total() <= stored && stored <= total() + doomed.length, `${total()} were confirmed, ${stored} are stored`);
  }, { timeout: 180_000 });
}
