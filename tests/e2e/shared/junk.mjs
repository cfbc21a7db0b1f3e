// What other scripts of the origin say on our channel and write into our store harms nobody.

import assert from 'node:assert/strict';
import { get, hold, letGo, open, openIn, untilIs } from './support.mjs';

const JUNK = [null, 5, 'text', [], {}, { v: 1 }, { v: 2, born: 1, from: 1, to: 1, by: 1, changes: [] }, { v: 1, born: 'x', from: 1, to: 2, by: 1, changes: [] },
  { v: 1, asks: true }, { v: 1, hello: -1, stays: 1 }, { v: 1, asks: false, key: 'n', token: 1, holder: 0, holds: true }, { v: 1, asks: true, key: 'n', token: -1, holder: 1, holds: false }];

export default function junk(test) {
  test('junk on the channel harms nobody', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => window.shared.set('n', 1));
    await untilIs(other, 'n', 1);
    await other.bare(async (_, junk) => {
      const { born } = (await window.rows()).find(({ key }) => key === '');
      const channel = new BroadcastChannel(`taskloom-shared:${born}:app`);
      const forged = { v: 1, born, by: 1 };
      const value = { form: 0, body: '"forged"' };
      for (const data of [
        ...junk,
        { ...forged, from: 1, to: 1, changes: [{ key: 'n', seq: 1, quiet: false, gone: false, value }] }, // known already
        { ...forged, from: 0, to: 9, changes: [{ key: 'n', seq: 9, quiet: false, gone: false, value }] },
        { ...forged, from: 5, to: 4, changes: [] },
        { ...forged, from: 2, to: 9, changes: [{ key: 'n', seq: 99, quiet: false, gone: false, value }] },
        { ...forged, from: 2, to: 9, changes: [{ key: '', seq: 9, quiet: false, gone: false, value }] },
        { ...forged, from: 2, to: 9, changes: [{ key: 'n', seq: 9, quiet: false, gone: false, value: { form: 7, body: 1 } }] },
        { ...forged, from: 2, to: 9, changes: { length: 1 } },
        { ...forged, born: born + 1, from: 1, to: 9, changes: [] }, // another incarnation
      ]) channel.postMessage(data);
      channel.close();
    }, JUNK);
    await tab.bare(() => Promise.all(Array.from({ length: 10 }, () => window.shared.update('n', n => n + 1))));
    for (const each of [tab, other]) await untilIs(each, 'n', 11);
  });

  test('a forged notice of a version that is not there is undone when the tab looks', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => window.shared.set('n', 1));
    await untilIs(other, 'n', 1);
    await tab.bare(async () => {
      const { born } = (await window.rows()).find(({ key }) => key === '');
      const channel = new BroadcastChannel(`taskloom-shared:${born}:app`);
      channel.postMessage({ v: 1, born, by: 1, from: 2, to: 1000, changes: [{ key: 'n', seq: 1000, quiet: false, gone: false, value: { form: 0, body: '"forged"' } }] });
      channel.close();
    });
    await untilIs(other, 'n', 'forged');
    for (const each of [tab, other]) {
      await each.bare(() => dispatchEvent(new Event('focus')));
      await untilIs(each, 'n', 1);
    }
    await tab.bare(() => window.shared.update('n', n => n + 1));
    for (const each of [tab, other]) await untilIs(each, 'n', 2);
  });

  test('a forged notice takes no lock from its holder', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => window.shared.set('n', 1));
    await untilIs(other, 'n', 1);
    await hold(other, 'n');
    await tab.bare(async () => {
      const { born } = (await window.rows()).find(({ key }) => key === '');
      const channel = new BroadcastChannel(`taskloom-shared:${born}:app`);
      channel.postMessage({ v: 1, born, by: 1, from: 2, to: 1000, changes: [{ key: 'n', seq: 1000, quiet: false, gone: false, value: { form: 0, body: '"forged"' } }] });
      channel.close();
    });
    await untilIs(other, 'n', 'forged');
    await other.bare(() => dispatchEvent(new Event('focus')));
    await untilIs(other, 'n', 1);
    await other.bare(() => window.context.set(2));
    assert.equal(await letGo(other), 'held');
    await untilIs(other, 'n', 2);
  });

  test('records in the store that are none of ours count as missing, and are written over', async (tab, another) => {
    await open(tab);
    await tab.bare(async () => {
      await window.shared.set('kept', 1);
      const marks = [];
      const sound = { seq: 1, token: 0, holder: 0, lease: 0, by: 1, marks };
      await window.put(
        { name: 'app', key: 'a' }, { name: 'app', key: 'b', ...sound, seq: 'x', form: 0, body: '1' }, { name: 'app', key: 'c', ...sound, form: 0, body: 5 },
        { name: 'app', key: 'd', ...sound, seq: -1, form: 0, body: '1' }, { name: 'app', key: 5, ...sound, form: 0, body: '1' }, { name: 'app', key: 'e', ...sound, token: NaN, gone: true },
        { name: 'app', key: 'damaged', ...sound, form: 0, body: '{{{' },
      );
    });
    const late = await another();
    await open(late);
    assert.deepEqual(await late.bare(async ({ nextTurn }) => {
      const { shared } = window;
      const before = ['a', 'b', 'c', 'd', 'e', 'damaged'].map(key => shared.get(key) ?? null);
      await nextTurn();
      const told = [...window.told];
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map(key => shared.update(key, value => (value ?? 0) + 1)));
      await shared.set('damaged', 1);
      return [before, told, ['a', 'b', 'c', 'd', 'e', 'damaged', 'kept'].map(key => shared.get(key))];
    }), [Array(6).fill(null), ['corrupt'], Array(7).fill(1)]);
    for (const key of ['a', 'e', 'damaged']) await untilIs(tab, key, 1);
  });

  test('a head that is none of ours is written anew, and what is stored stays', async (tab, another) => {
    await open(tab);
    await tab.bare(async () => {
      await window.shared.set('a', 1);
      await window.put({ name: 'app', key: '', seq: 'many' });
      await window.shared.update('a', a => a + 1);
    });
    const late = await another();
    await open(late);
    assert.equal(await get(late, 'a'), 2);
    await untilIs(tab, 'a', 2);
    await late.bare(() => window.shared.update('a', a => a + 1));
    await untilIs(tab, 'a', 3);
  });
}
