// What can be shared: what session state takes, and what the platform clones.

import assert from 'node:assert/strict';
import { open } from './support.mjs';

export default function values(test) {
  test('values of all kinds are the same in another tab, and after all tabs were closed', async (tab, another) => {
    await open(tab);
    await tab.bare(async () => {
      const cycle = { name: 'cycle' };
      cycle.self = cycle;
      window.values = {
        text: 'ä\ud83d\ude00', big: 10n ** 30n, minusZero: -0, date: new Date(5), map: new Map([[{ a: 1 }, new Set([1])]]), error: new RangeError('no', { cause: 'why' }),
        bytes: new Uint8Array([1, 2, 3]), cycle, undefined, nothing: null, regexp: /a+/gi, empty: '', list: [1, , 3],
      };
      await Promise.all(Object.entries(window.values).map(([key, value]) => window.shared.set(key, value)));
    });
    const describe = each => each.bare(() => {
      const get = key => window.shared.get(key);
      const [[key, set]] = get('map');
      return [
        get('text'), String(get('big')), Object.is(get('minusZero'), -0), get('date').getTime(), key, [...set], get('error') instanceof RangeError, get('error').cause, [...get('bytes')],
        get('cycle').self === get('cycle'), window.shared.has('undefined'), get('undefined') === undefined, get('nothing') === null, String(get('regexp')), get('empty'), 1 in get('list'),
      ];
    });
    const expected = ['ä\ud83d\ude00', '1' + '0'.repeat(30), true, 5, { a: 1 }, [1], true, 'why', [1, 2, 3], true, true, true, true, '/a+/gi', '', false];
    assert.deepEqual(await describe(tab), expected);
    const other = await another();
    await open(other);
    assert.deepEqual(await describe(other), expected);
  });

  test('a Blob is shared, with what stands beside it', async (tab, another) => {
    await open(tab);
    const other = await another();
    await open(other);
    await tab.bare(() => window.shared.set('file', { name: 'a', blob: new Blob(['works']) }));
    assert.deepEqual(await other.bare(async ({ until }) => {
      await until(() => window.shared.has('file'));
      const { name, blob } = window.shared.get('file');
      return [name, await blob.text()];
    }), ['a', 'works']);
    const late = await another();
    await open(late);
    assert.equal(await late.bare(() => window.shared.get('file').blob.text()), 'works');
  });

  test('what can be neither is refused with the path to it: a function, an instance of a class', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      class Point {}
      const refused = await Promise.all([{ deep: { fn() {} } }, { point: new Point() }, { blob: new Blob([]), point: new Point() }, Symbol('a'), new WeakMap()]
        .map(value => window.shared.set('a', value).catch(describe)));
      return [refused.map(({ code }) => code), refused[0].message.includes('.deep.fn'), window.shared.has('a')];
    }), [Array(5).fill('not-serializable'), true, false]);
  });

  test('a value of a megabyte reaches the other tab, which reads it', async (tab, another) => {
    const other = await another();
    await open(tab);
    await open(other);
    await tab.bare(() => window.shared.set('big', 'x'.repeat(1_000_000)));
    assert.equal(await other.bare(({ until }) => until(() => window.shared.get('big')?.length)), 1_000_000);
  });
}
