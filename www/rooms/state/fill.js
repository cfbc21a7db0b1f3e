import { run } from '../../taskloom.js';

const BLOCK = 2 ** 17; // characters
const SMALLEST_BLOCK = 2 ** 14;

/** Writes until not one character more has room. A task, since a storage takes a while to fill. */
export function fill(store) {
  // #region fill
  const fits = (key, length) => {
    store.set(key, 'x'.repeat(length));
    store.flush(); // now, and not when this function has run
    return store.ref(key).persisted;
  };

  return run(async ctx => {
    let length = BLOCK;
    while (length >= SMALLEST_BLOCK) {
      const key = `block-${store.keys().length + 1}`;
      if (!fits(key, length)) {
        store.delete(key);
        length /= 2;
      }
      await ctx.checkpoint();
    }
    let rest = 0; // one that grows to the last character
    for (; length >= 1; length /= 2) {
      if (fits('rest', rest + length)) rest += length;
      await ctx.checkpoint();
    }
    if (rest > 0) fits('rest', rest);
    else store.delete('rest');
  }, { name: 'fill the storage' });
  // #endregion
}
