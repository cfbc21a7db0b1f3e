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
  nav.append(h('ul', {}, ...[...links.values()].map(link => h('li', {}, link))));

  let shown = null;
  let dispose = () => {};

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
    try {
      const module = await entry.load();
      await addStylesheet(module.stylesheet);
      if (shown === entry) present(entry, module, moveFocus); // else the reader went on meanwhile
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

function addStylesheet(url) {
  if (document.querySelector(`link[href="${url}"]`)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    document.head.append(h('link', {
      rel: 'stylesheet',
      href: url,
      onload: () => resolve(),
      onerror: () => reject(new Error(`The stylesheet ${url} could not be loaded.`)),
    }));
  });
}
