import { sessionStore } from '../../taskloom.js';
import { h } from '../../shell/dom.js';
import { counters } from './counters.js';
import { draft } from './draft.js';
import { Journal } from './journal.js';
import { storageView } from './storage-view.js';

export const title = 'State';
export const blurb = 'Values that outlive their page: each is kept in this tab’s session storage as soon as it changes. '
  + 'Count, type, change pages, reload, crash the tab: all is there again.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'Counters', url: file('./counters.js'), region: 'counters' },
  { label: 'Draft', url: file('./draft.js'), region: 'draft' },
  { label: 'Stores', url: file('./room.js'), region: 'stores' },
  { label: 'Errors', url: file('./journal.js'), region: 'errors' },
  { label: 'Filling up', url: file('./fill.js'), region: 'fill' },
];

/** Two documents show this room; each is loaded anew when the reader goes to it. */
const page = new URLSearchParams(location.search).get('page') === '2' ? 2 : 1;

export function mount(element) {
  const journal = new Journal();

  // #region stores
  const onError = error => journal.addError(error);
  const onFork = (sessionId, originalId) => journal.addFork(sessionId, originalId);

  const stores = {
    session: sessionStore({ onError, onFork }), // without a namespace: all pages have the same
    page: sessionStore({ namespace: `page-${page}`, onError }),
    otherPage: sessionStore({ namespace: `page-${3 - page}`, onError }),
    draft: sessionStore({ namespace: 'draft', onError }),
    filler: sessionStore({ namespace: 'filler', onError: error => journal.addFirstError(error) }),
  };
  // #endregion

  const parts = [counters(stores, page), draft(stores.draft), storageView(stores, journal, { changed })];
  let frame = 0;
  let left = false;

  function changed() { frame ||= requestAnimationFrame(render); }
  function render() {
    frame = 0;
    if (left) return;
    for (const part of parts) part.render();
    journal.render();
  }

  journal.onChange = changed;
  const listening = Object.values(stores).map(store => store.subscribe(changed));
  const polling = setInterval(changed, 1000); // the storage may be changed from DevTools, and tells nobody
  const [first, second, third] = parts;
  element.append(
    h('div', { class: 'state__top' }, first.element, second.element),
    h('div', { class: 'state__below' }, third.element, journal.element));
  second.restore();
  render();
  changed(); // first values are written when this function has run

  return () => {
    left = true;
    clearInterval(polling);
    for (const stop of listening) stop();
    for (const part of parts) part.dispose?.();
    cancelAnimationFrame(frame);
    element.replaceChildren();
  };
}
