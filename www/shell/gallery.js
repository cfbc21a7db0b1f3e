import { h } from './dom.js';
import { failureNotice } from './notice.js';
import { snippetPanel } from './snippet-panel.js';
import { rooms } from '../rooms/rooms.js';

/**
 * Shows the room that the address names (`#/tasks`) and a link to each.
 *
 * A room's module exports `title`, `blurb`, `snippets` (see snippet-panel.js), `stylesheet` (a URL)
 * and `mount(element)`, which returns a function that stops all it started.
 */
export function startGallery({ nav, room }) {
  const links = new Map(rooms.map(({ id, title }) => [id, h('a', { href: `#/${id}` }, title)]));
  const list = h('ul', {}, ...[...links.values()].map(link => h('li', {}, link)));
  nav.append(list);

  let shown = null;
  let dispose = () => {};
  let stylesheet = null;

  async function show({ moveFocus }) {
    const { hash } = location;
    if (shown && !hash.startsWith('#/')) return; // an anchor within the page
    const entry = rooms.find(({ id }) => hash === `#/${id}`) ?? rooms[0];
    if (entry === shown) return;
    shown = entry;
    dispose();
    dispose = () => {};
    for (const [id, link] of links) {
      if (id === entry.id) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    bringIntoView(list, links.get(entry.id));
    try {
      const module = await entry.load();
      const loaded = await loadStylesheet(module.stylesheet);
      if (shown !== entry) return loaded.remove(); // the reader went on meanwhile
      stylesheet?.remove();
      stylesheet = loaded;
      stylesheet.media = 'all';
      present(entry, module, moveFocus);
    } catch (error) {
      if (shown !== entry) return;
      room.replaceChildren(failureNotice({
        title: entry.title, text: 'This room could not be opened. Reload the page to try again.', error, testid: 'room-failed',
      }));
    }
  }

  function present(entry, { title, blurb, snippets, mount }, moveFocus) {
    const heading = h('h1', { tabindex: '-1' }, title);
    const stage = h('div', { class: 'room__stage' });
    room.replaceChildren(h('article', { class: 'room', 'data-testid': `room-${entry.id}` },
      h('header', { class: 'room__header' }, heading, h('p', { class: 'room__blurb' }, blurb)),
      stage,
      snippetPanel(snippets)));
    document.title = `${title} · taskloom`;
    dispose = mount(stage);
    if (moveFocus) heading.focus();
  }

  addEventListener('hashchange', () => show({ moveFocus: true }));
  show({ moveFocus: false });
}

/** Loads a stylesheet which applies to nothing yet: what a room looks like must not reach the one that is still shown. */
function loadStylesheet(url) {
  return new Promise((resolve, reject) => {
    const link = h('link', {
      rel: 'stylesheet',
      href: url,
      media: 'not all',
      onload: () => resolve(link),
      onerror: () => {
        link.remove();
        reject(new Error(`The stylesheet ${url} could not be loaded.`));
      },
    });
    document.head.append(link);
  });
}

/** Scrolls a list sideways until one of its items is in its middle, and the page not at all. */
function bringIntoView(list, item) {
  const room = list.getBoundingClientRect();
  const place = item.getBoundingClientRect();
  list.scrollLeft += place.left + place.width / 2 - room.left - room.width / 2;
}
