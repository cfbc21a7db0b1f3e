import { h } from '../../shell/dom.js';
import { bytes } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { damage, entries, remove } from './entries.js';
import { fill } from './fill.js';

/** What Chromium and Firefox give an origin in each tab: 5 Mi units of UTF-16. */
const QUOTA = 10 * 2 ** 20;

const KINDS = {
  id: ['Session id', 'Which session this tab is'],
  json: ['JSON', 'Plain data: the engine’s own JSON'],
  shape: ['Shape', 'What JSON can’t say: dates, maps, sets, bytes, shared references'],
  aside: ['Kept aside', 'A text that could not be read. Nothing is thrown away'],
  damaged: ['Damaged', 'Will be kept aside when it is next read'],
  foreign: ['Not taskloom’s', 'Somebody else’s'],
};

/** The tab's storage with sizes, and ways to bring it into trouble. */
export function storageView(stores, journal, { changed }) {
  const { session, filler } = stores;
  const id = h('code', { 'data-testid': 'session-id' });
  const used = h('span', { class: 'storage__used', 'data-testid': 'used' });
  const bar = h('div', {
    class: 'storage__bar', role: 'meter', 'aria-label': 'Storage used', 'aria-valuemin': '0', 'aria-valuemax': String(QUOTA), 'data-testid': 'storage-bar',
  });
  const body = h('tbody');
  const table = h('table', { class: 'entries', 'aria-labelledby': 'state-storage', 'data-testid': 'entries' },
    h('thead', {}, h('tr', {}, ...['Key', 'Text', 'Bytes'].map(name => h('th', { scope: 'col' }, name)),
      h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Try')))),
    body);
  let filling = null;
  let drawn = '';

  async function fillUp() {
    journal.armFirstError();
    filling = fill(filler);
    render();
    try {
      await filling;
      journal.add('full', 'The storage is full to the last character. Type in the draft, or count to ten, and see.');
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    } finally {
      filling = null;
      changed();
    }
  }

  function makeRoom() {
    filler.clear();
    journal.add('room', 'There is room again. What had none is written now, without anybody asking.');
  }

  function duplicate() {
    journal.add('copy', `A copy of this tab was opened. It begins as session ${short(session.sessionId)} too, and finds out within a second that this one is taken.`);
    open(location.href); // with an opener, so that the browser copies the storage
  }

  function damageAndReload(raw) {
    session.flush();
    damage(raw);
    location.reload(); // who has the value in memory is not harmed; who reads it anew is
  }

  const fillButton = toolbarButton('Fill the storage', 'fill', fillUp);
  const roomButton = toolbarButton('Make room', 'make-room', makeRoom);
  const element = h('section', { class: 'panel storage', 'aria-labelledby': 'state-storage' },
    h('div', { class: 'storage__head' },
      h('h2', { id: 'state-storage' }, 'This tab’s storage'),
      h('p', { class: 'muted' }, 'Session ', id)),
    h('div', { class: 'storage__gauge' }, bar, h('p', { class: 'muted' }, used, ` of ${bytes(QUOTA)}`)),
    h('div', { class: 'button-row' }, fillButton, roomButton, toolbarButton('Duplicate this tab', 'duplicate', duplicate)),
    table,
    h('p', { class: 'muted' }, 'JSON is plain data. A shape with its leaves is what JSON can’t say: the visits have dates in them.'));

  function render() {
    const rows = grouped(entries());
    const total = rows.reduce((sum, row) => sum + row.bytes, 0);
    setText(id, short(session.sessionId));
    setText(used, bytes(total));
    bar.setAttribute('aria-valuenow', String(total));
    bar.setAttribute('aria-valuetext', `${bytes(total)} of ${bytes(QUOTA)}`);
    element.dataset.full = String(total > QUOTA * 0.999);
    setText(fillButton, filling ? 'Filling…' : 'Fill the storage');
    setEnabled(fillButton, !filling);
    setEnabled(roomButton, !filling && filler.usage() > 0);
    const now = JSON.stringify(rows);
    if (now === drawn) return; // a button that is replaced loses the focus
    drawn = now;
    bar.replaceChildren(...rows.map(row => {
      const part = h('span', { class: 'storage__part', 'data-hue': hue(row) });
      part.style.setProperty('--share', row.bytes / QUOTA);
      return part;
    }));
    const { testid } = document.activeElement?.dataset ?? {};
    body.replaceChildren(...rows.map(rowOf));
    if (testid && !document.activeElement?.dataset.testid) body.querySelector(`[data-testid="${CSS.escape(testid)}"]`)?.focus();
  }

  function rowOf(row) {
    const { raw, namespace, key, kind, bytes: size, count } = row;
    const [name, title] = KINDS[kind];
    return h('tr', { 'data-key': raw, 'data-kind': kind, 'data-bytes': size },
      h('th', { scope: 'row', class: 'entry__key', 'data-hue': hue(row) },
        h('span', { class: 'entry__name' }, count ? `${count} keys` : key),
        namespace === null ? null : h('span', { class: 'entry__space' }, namespace)),
      h('td', { class: 'entry__kind', title }, name),
      h('td', { class: 'entry__bytes' }, size.toLocaleString('en')),
      h('td', { class: 'entry__try' }, action(row)));
  }

  function action({ raw, key, namespace, kind, count }) {
    if (count || kind === 'id' || kind === 'foreign' || kind === 'damaged') return null;
    const of = h('span', { class: 'visually-hidden' }, ` ${key}${namespace ? ` of ${namespace}` : ''}`);
    const isAside = kind === 'aside';
    return h('button', {
      class: 'button button--small', type: 'button', 'data-testid': `${isAside ? 'remove' : 'damage'}-${raw}`,
      title: isAside ? 'Removes what was kept' : 'Changes a character of the stored text, and reloads the page',
      onclick: () => { if (isAside) remove(raw); else damageAndReload(raw); changed(); },
    }, isAside ? 'Remove' : 'Damage', of);
  }

  return { element, render, dispose: () => filling?.cancel() };
}

/** The filler's blocks are one row. */
function grouped(all) {
  const blocks = all.filter(({ namespace, kind }) => namespace === 'filler' && kind === 'json');
  const rest = all.filter(entry => !blocks.includes(entry));
  if (blocks.length === 0) return rest;
  return [...rest, { raw: 'filler', namespace: 'filler', kind: 'json', count: blocks.length, bytes: blocks.reduce((sum, each) => sum + each.bytes, 0) }];
}

const hue = ({ namespace, kind }) => (kind === 'aside' || kind === 'damaged' ? 'aside' : kind === 'id' || kind === 'foreign' ? 'id' : namespace ?? 'session');
const short = sessionId => sessionId.slice(0, 8);
