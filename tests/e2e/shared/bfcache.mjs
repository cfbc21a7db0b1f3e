// Pages with shared state in the back/forward cache, in a browser that has it switched on.

import assert from 'node:assert/strict';
import { hold, open, openIn, untilIs, wait } from './support.mjs';

const leave = ({ page }) => page.goto(`${page.url()}?elsewhere`);

async function comeBack({ page }) {
  await page.goBack({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.deepEqual(await page.evaluate(() => [
    window.persisted === true, performance.getEntriesByType('navigation')[0].notRestoredReasons?.reasons?.map(({ reason }) => reason) ?? [],
  ]), [true, []], 'it was kept');
}

const note = tab => tab.bare(() => addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; }));

export default function bfcache(test) {
  test('a page with shared state enters it, is current when it comes back although others wrote meanwhile, and goes on', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await note(tab);
    await tab.bare(() => Promise.all(['kept', 'changed', 'deleted'].map(key => window.shared.set(key, 1))));
    await tab.bare(() => window.shared.presence().tabs);
    await untilIs(other, 'deleted', 1);
    await leave(tab);
    await other.bare(async () => {
      await window.shared.update('changed', n => n + 1);
      await window.shared.delete('deleted');
      await window.shared.lock('kept', ({ value, set }) => set(value)); // nobody holds it
    });
    await comeBack(tab);
    await untilIs(tab, 'changed', 2);
    await tab.bare(({ until }) => until(() => !window.shared.has('deleted')));
    await tab.bare(() => window.shared.update('kept', n => n + 1));
    await untilIs(other, 'kept', 2);
    await other.bare(() => window.shared.set('kept', 5));
    await untilIs(tab, 'kept', 5);
  });

  test('a page that holds a lock gives it up, and goes on with it if nobody wanted it', async tab => {
    await open(tab);
    await note(tab);
    await hold(tab, 'a');
    await leave(tab);
    await comeBack(tab);
    assert.deepEqual(await tab.bare(async () => {
      await window.context.set('mine');
      window.letGo();
      return [await window.ended, window.shared.get('a')];
    }), ['held', 'mine']);
  });

  test('a page that holds a lock holds up nobody while it is away, and finds that it has lost it', async (tab, another) => {
    const other = await another();
    await openIn([tab, other], { lease: '1h' });
    await note(tab);
    await hold(tab, 'a');
    await leave(tab);
    await wait(other, 'a');
    assert.equal(typeof await other.bare(() => window.waited), 'number');
    await other.bare(() => window.shared.set('a', 'theirs'));
    await comeBack(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => [(await window.ended).code, (await window.context.set('late').catch(describe)).code]), ['lease-lost', 'lease-lost']);
    await untilIs(tab, 'a', 'theirs');
  });

  test('a page that waits for a lock waits again when it comes back', async (tab, another) => {
    const other = await another();
    await openIn([tab, other], { lease: '1h' });
    await note(tab);
    await hold(other, 'a');
    await wait(tab, 'a');
    await leave(tab);
    await comeBack(tab);
    assert.equal(await tab.bare(() => window.hasLock), false);
    await other.bare(() => window.letGo());
    assert.equal(typeof await tab.bare(() => window.waited), 'number');
  });
}
