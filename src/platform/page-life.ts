// When the page goes away, comes back, and is seen again.

export interface PageLife {
  /** It goes away, and may come back from the back/forward cache. */
  away(): void;
  /** It is back from there. */
  back(): void;
  /** It is seen again, or the network is there again. */
  seen(): void;
}

/** Listens to what becomes of the page, until what it returns is called. In a worker nothing does. */
export function followPage(life: PageLife): () => void {
  if (typeof addEventListener !== 'function') return () => {};
  const stop = new AbortController();
  const { signal } = stop;
  addEventListener('pagehide', () => life.away(), { signal });
  addEventListener('pageshow', ({ persisted }) => { if (persisted) life.back(); }, { signal });
  addEventListener('focus', () => life.seen(), { signal });
  addEventListener('online', () => life.seen(), { signal });
  globalThis.document?.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') life.seen(); }, { signal });
  return () => stop.abort();
}
