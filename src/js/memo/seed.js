// Seeds of the keys' hashes: nobody who chooses the data knows them, and so can choose data that collide.

const KEY = 'taskloom-seed';

let ofPage;

/** As good as the page: two numbers of 32 bits. */
export const pageSeed = () => (ofPage ??= [...crypto.getRandomValues(new Uint32Array(2))]);

/** One for all pages of the origin, so that they find what another has stored; the page's own where it can't be stored. */
export function originSeed() {
  try {
    const read = () => /^(\d+)\.(\d+)$/.exec(localStorage.getItem(KEY))?.slice(1).map(Number);
    const seed = read();
    if (seed) return seed;
    localStorage.setItem(KEY, pageSeed().join('.'));
    return read() ?? pageSeed();
  } catch {
    return pageSeed();
  }
}
