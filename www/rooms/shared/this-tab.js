const LOCK = 'taskloom-demo-tab:';
export const LETTERS = [...'ABCDEFGH'];

/**
 * Gives this tab the first letter that no other open tab has, until `signal` aborts or the tab is gone: a Web Lock holds it, so that not even a crash keeps one.
 */
export async function takeLetter(signal) {
  for (const letter of LETTERS) {
    const isOurs = await new Promise((resolve, reject) => {
      navigator.locks.request(LOCK + letter, { ifAvailable: true }, lock => {
        resolve(lock !== null);
        if (lock) return new Promise(release => (signal.aborted ? release() : signal.addEventListener('abort', release, { once: true })));
      }).catch(reject);
    });
    if (isOurs) return letter;
  }
  throw new Error('there are more tabs of this room than letters for them');
}

/** The letters of the tabs that are open. */
export async function lettersTaken() {
  const { held } = await navigator.locks.query();
  return new Set(held.filter(({ name }) => name.startsWith(LOCK)).map(({ name }) => name.slice(LOCK.length)));
}
