// A part of an app: a search that can be cancelled, and whose answers are remembered.

import init, { cacheData, run, stateRef } from 'taskloom';

export const ready = init();

export const lookUp = cacheFor(async word => ({ word, at: new Date(0), letters: new Set(word) }));

/** Made when it is first needed: the library has to be ready. */
function cacheFor(load) {
  let cached;
  return async (...args) => {
    await ready;
    cached ??= cacheData(load, { name: 'words', ttl: '1m', maxEntries: 100 });
    return cached(...args);
  };
}

export async function search(words, { signal } = {}) {
  await ready;
  return run(async ctx => {
    const found = [];
    for (const [index, word] of words.entries()) {
      ctx.progress({ value: index + 1, total: words.length });
      found.push(await lookUp(word));
      await ctx.checkpoint();
    }
    return found.map(({ word }) => word);
  }, { name: 'search', signal, timeout: '5s', retry: { maxAttempts: 2, baseDelay: 10 } });
}

export async function counter() {
  await ready;
  return stateRef('searches', { factory: () => 0 });
}
