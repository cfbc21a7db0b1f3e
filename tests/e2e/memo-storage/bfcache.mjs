// Pages with stored and shared caches in the back/forward cache, in a browser that has it switched on.

import assert from 'node:assert/strict';
import { sibling } from '../state/support.mjs';
import { begin, ending, open, openGate, openShared, reached, untilUnlocked, untilWaiting } from './support.mjs';

export default function bfcache(test) {
  test('a page with such caches enters it, and sees what has changed meanwhile when it comes back', async (tab, site) => {
    const run = crypto.randomUUID();
    await open(tab, { persist: 'local', name: 'local' });
    await tab.bare(() => {
      for (const key of ['kept', 'cleared', 'changed']) window.load(key);
      window.local = window.load;
      addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; });
    });
    await openShared(tab, 'one', { run });
    for (const key of ['kept', 'cleared', 'changed']) await begin(tab, key).then(() => ending(tab));
    await untilUnlocked(tab);
    const other = await sibling(tab, site);
    try {
      await tab.page.goto(`${tab.page.url()}?elsewhere`);
      await open(other, { persist: 'local', name: 'local' });
      await other.bare(async ({ nextTurn }) => {
        window.load.clear('cleared');
        window.load.refresh('changed');
        await nextTurn();
      });
      await openShared(other, 'two', { run });
      await other.bare(async () => {
        window.load.clear('cleared');
        await window.load.refresh('changed');
      });
      await untilUnlocked(other);
    } finally {
      await other.page.close();
    }
    await tab.page.goBack({ waitUntil: 'commit' });
    await tab.page.waitForFunction(() => document.readyState === 'complete');
    assert.deepEqual(await tab.page.evaluate(() => [
      window.persisted === true, performance.getEntriesByType('navigation')[0].notRestoredReasons?.reasons?.map(({ reason }) => reason) ?? [],
    ]), [true, []]);
    const calls = await tab.bare(() => window.calls.length);
    assert.deepEqual(await tab.bare(() => [window.local('kept').nth, window.local.has('cleared'), window.local('changed').nth, window.calls.length]), [1, false, 1, calls]);
    const makers = [];
    for (const key of ['kept', 'changed', 'cleared']) makers.push(await begin(tab, key).then(() => ending(tab)));
    assert.deepEqual(makers, ['one', 'two', 'one']);
    // It hears again of what happens.
    const late = await sibling(tab, site);
    try {
      await openShared(late, 'three', { run });
      await late.bare(() => window.load.clear('kept'));
      await tab.bare(({ until }) => until(() => !window.load.has('kept')));
    } finally {
      await late.page.close();
    }
  });

  /** A test with another tab, and how this one is left and comes back: as it was or afresh, as the browser likes; then `window.load` is made again. */
  const testLeaving = (name, body, options) => test(name, async (tab, site) => {
    const other = await sibling(tab, site);
    const ids = { run: crypto.randomUUID(), gate: crypto.randomUUID() };
    const { page } = tab;
    const leave = () => page.goto(`${page.url()}?elsewhere`);
    const comeBack = async () => {
      await page.goBack({ waitUntil: 'commit' });
      await page.waitForFunction(() => document.readyState === 'complete');
      if (await tab.bare(() => 'load' in window)) return;
      await openShared(tab, 'afresh', ids);
      await begin(tab);
    };
    try {
      await body(tab, other, { ...ids, leave, comeBack });
    } finally {
      await other.page.close();
    }
  }, options);

  testLeaving('a page that is left while it computes holds up no tab that waits', async (tab, other, { run, gate, leave, comeBack }) => {
    await openShared(tab, 'one', { run, gate });
    await openShared(other, 'two', { run });
    await begin(tab);
    await reached(tab, gate);
    await begin(other);
    await untilWaiting(other, 1);
    await leave();
    assert.equal(await ending(other), 'two');
    await openGate(other, gate);
    await comeBack();
    await tab.bare(({ until }) => until(async () => (await window.load('a')).by === 'two'));
  });

  testLeaving('a page that is left while it waits for another has its value when it comes back', async (tab, other, { run, gate, leave, comeBack }) => {
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run, gate });
    await begin(other);
    await reached(other, gate);
    await begin(tab);
    await untilWaiting(other, 1);
    await leave();
    await comeBack();
    await openGate(other, gate);
    assert.deepEqual([await ending(other), await ending(tab)], ['two', 'two']);
  });
}
