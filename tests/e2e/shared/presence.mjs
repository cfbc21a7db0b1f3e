// Who is there.

import assert from 'node:assert/strict';
import { open, openIn } from './support.mjs';

/** The tabs that a page sees, itself first. */
const untilSees = (tab, count) => tab.bare(({ until }, count) => until(() => {
  const { tabs } = window.presence ??= window.shared.presence();
  return tabs.length === count && tabs.map(({ id, self }) => [id, self]);
}), count);

export default function presence(test) {
  test('each tab sees all that have the store open, also when one comes, is closed or is killed', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await open(tab, {}, 'app');
    const [seen, theirs] = [await untilSees(tab, 2), await untilSees(other, 2)];
    assert.deepEqual(seen.map(([id]) => id), theirs.map(([id]) => id));
    assert.deepEqual(seen.filter(([, self]) => self).map(([id]) => id), [await tab.bare(() => window.shared.id)]);
    await tab.bare(() => {
      window.changes = 0;
      window.presence.subscribe(() => { window.changes++; });
    });
    const third = await another();
    await open(third, {}, 'another store');
    await open(third);
    await untilSees(tab, 3);
    assert.equal(await third.bare(() => window.shared.presence().tabs.length), 3, 'who is there is known when it is open');
    await third.page.close();
    await untilSees(tab, 2);
    await other.bare(() => window.shared.close());
    await untilSees(tab, 1);
    assert.deepEqual(await tab.bare(() => [window.changes, window.presence.connected]), [3, true]);
  });
}
