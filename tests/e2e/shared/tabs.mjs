// Several tabs: they see each other's changes, in order, and a late one begins with what is stored.

import assert from 'node:assert/strict';
import { patient } from '../support/patience.mjs';
import { get, open, openIn, untilIs } from './support.mjs';

export default function tabs(test) {
  test('each of two tabs sees what the other writes, and who has written it', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => window.shared.set('a', 1));
    await untilIs(other, 'a', 1);
    assert.deepEqual(await other.bare(({ until }) => until(() => window.seen.length > 0 && window.seen.map(({ key, value, self }) => [key, value, self]))), [['a', 1, false]]);
    await other.bare(() => window.shared.update('a', a => a + 1));
    await untilIs(tab, 'a', 2);
    await other.bare(() => window.shared.delete('a'));
    await tab.bare(({ until }) => until(() => !window.shared.has('a')));
    assert.equal(await tab.bare(() => window.seen.at(-1).version), 0);
  });

  test('versions of a key rise in each tab, whoever writes, and all tabs end with the same', async (tab, another) => {
    const all = [tab, await another(), await another()];
    await openIn(all);
    for (const each of all) {
      await each.bare(() => {
        window.versions = [];
        window.shared.subscribe('n', ({ version }) => window.versions.push(version));
      });
    }
    await Promise.all(all.map(each => each.bare(async () => {
      for (let i = 0; i < 50; i++) await window.shared.update('n', n => (n ?? 0) + 1);
    })));
    for (const each of all) await untilIs(each, 'n', 150);
    for (const each of all) {
      const versions = await each.bare(({ until }) => until(() => window.versions.at(-1) === window.shared.getVersion('n') && window.versions));
      assert.deepEqual(versions, [...versions].sort((a, b) => a - b));
      assert.equal(new Set(versions).size, versions.length);
    }
  });

  test('a late tab begins with what is stored, and overwrites nothing', async (tab, another) => {
    await open(tab);
    await tab.bare(async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => window.shared.set(`k${i}`, i)));
      await window.shared.delete('k5');
    });
    const late = await another();
    await open(late);
    assert.deepEqual(await late.bare(() => [window.shared.keys().length, window.shared.get('k99'), window.shared.has('k5'), window.seen.length]), [99, 99, false, 0]);
    assert.equal(await get(tab, 'k99'), 99);
  });

  test('a tab that opens while others write misses nothing', async (tab, another) => {
    await open(tab);
    await tab.bare(() => {
      window.isWriting = true;
      window.writing = (async () => {
        for (let i = 0; window.isWriting; i++) await window.shared.set(`k${i % 20}`, i);
      })();
    });
    const late = await another();
    await open(late);
    await tab.bare(async () => {
      window.isWriting = false;
      await window.writing;
    });
    const all = await tab.bare(() => [...window.shared.keys()].sort().map(key => [key, window.shared.get(key)]));
    await late.bare(({ until }, text) => until(() => JSON.stringify([...window.shared.keys()].sort().map(key => [key, window.shared.get(key)])) === text), JSON.stringify(all));
  });

  test('quiet changes are told as quiet in other tabs', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => window.shared.noRerun(() => window.shared.set('a', 1)));
    assert.deepEqual(await other.bare(({ until }) => until(() => window.seen.length > 0 && window.seen.map(({ value, quiet }) => [value, quiet]))), [[1, true]]);
  });

  test('clear() in one tab empties all', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => Promise.all(Array.from({ length: 200 }, (_, i) => window.shared.set(`k${i}`, i))));
    await other.bare(({ until }) => until(() => window.shared.keys().length === 200));
    await other.bare(() => window.shared.clear());
    await tab.bare(({ until }) => until(() => window.shared.keys().length === 0));
  });

  test('stores of other names are other stores', async (tab, another) => {
    const other = await another();
    await open(tab, {}, 'one');
    await open(other, {}, 'two');
    await tab.bare(() => window.shared.set('a', 1));
    await other.bare(() => window.shared.set('b', 2));
    assert.deepEqual([await tab.bare(() => window.shared.keys()), await other.bare(() => window.shared.keys())], [['a'], ['b']]);
  });

  test('notices that were lost are made up for when the tab is seen again, without a write of anybody', async (tab, another) => {
    const other = await another();
    await open(tab);
    await other.bare(() => { window.BroadcastChannel = class { postMessage() {} close() {} }; });
    await open(other);
    await tab.bare(async () => {
      await window.shared.set('a', 1);
      await window.shared.set('b', 2);
      await window.shared.delete('b');
    });
    assert.equal(await other.bare(() => window.shared.has('a')), false);
    await other.bare(() => dispatchEvent(new Event('focus')));
    await untilIs(other, 'a', 1);
  });

  test('what a tab has written last is known in the others soon after it is gone, although it did not live to tell', async (tab, another) => {
    const writer = await another();
    await openIn([tab, writer]);
    await writer.bare(() => {
      BroadcastChannel.prototype.postMessage = () => {};
      return window.shared.set('last', 'words');
    });
    await writer.page.close();
    const begun = Date.now();
    await untilIs(tab, 'last', 'words');
    assert(Date.now() - begun < patient(20_000), 'before it looks by itself');
  });
}
