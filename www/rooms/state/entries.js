// What is in this tab's session storage, seen from outside: as DevTools would show it.

const ENTRY = /^taskloom([:~])([^:]*):(.*)$/s;
/** A stored text begins with its format, and whether JSON or a shape follows (src/core/state/entry.rs). */
const HEAD = /^t1(?:e\d+)?(?:v\d+)?([:*])/;

/** All entries: `{ raw, namespace, key, kind, bytes }`, the filler’s last. */
export function entries() {
  const all = [];
  for (let i = 0; i < sessionStorage.length; i++) {
    const raw = sessionStorage.key(i);
    const text = sessionStorage.getItem(raw);
    // Two bytes for each unit of UTF-16, as `usage()` counts, and as browsers do.
    all.push({ raw, ...named(raw), kind: kindOf(raw, text), bytes: 2 * (raw.length + text.length) });
  }
  return all.sort((a, b) => order(a) - order(b) || a.raw.localeCompare(b.raw, 'en', { numeric: true }));
}

/** Changes the last character of a text, behind the library's back: it is JSON no more. */
export function damage(raw) {
  sessionStorage.setItem(raw, `${sessionStorage.getItem(raw).slice(0, -1)}¿`);
}

export const remove = raw => sessionStorage.removeItem(raw);

function named(raw) {
  const [, mark, namespace, key] = ENTRY.exec(raw) ?? [];
  if (!mark) return { namespace: null, key: raw };
  return { namespace: namespace === '' ? null : decodeURIComponent(namespace), key };
}

function kindOf(raw, text) {
  if (raw === 'taskloom-session') return 'id';
  const [, mark] = ENTRY.exec(raw) ?? [];
  if (!mark) return 'foreign';
  if (mark === '~') return 'aside';
  const [, body] = HEAD.exec(text) ?? [];
  return body === ':' ? 'json' : body === '*' ? 'shape' : 'damaged';
}

const ORDER = ['id', 'json', 'shape', 'damaged', 'aside', 'foreign'];
const order = ({ kind, namespace }) => (namespace === 'filler' ? 10 : kind === 'shape' ? 1 : ORDER.indexOf(kind));
