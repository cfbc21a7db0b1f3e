import { h } from '../../shell/dom.js';
import { whole } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { toolbarButton } from '../shared/toolbar-button.js';

/** A text area that keeps its text, its caret and how far it is scrolled. */
export function draft(store) {
  const area = h('textarea', { class: 'draft__text', id: 'state-draft-text', rows: '9', spellcheck: 'false', 'data-testid': 'draft' });
  const state = h('span', { class: 'draft__state', role: 'status', 'data-testid': 'draft-state' });
  const figures = h('span', { 'data-testid': 'draft-place' });

  // #region draft
  const text = store.ref('text', { factory: () => STARTER, type: String });
  const place = store.ref('place', { factory: () => ({ start: 0, end: 0, top: 0, focused: false }) });

  function keepText() {
    text.value = area.value; // in storage before the next key
    keepPlace();
  }

  function keepPlace() {
    const { selectionStart: start, selectionEnd: end, scrollTop: top } = area;
    place.value = { start, end, top, focused: document.activeElement === area };
  }

  function restore() {
    const { start, end, top, focused } = place.value;
    area.value = text.value;
    area.setSelectionRange(start, end);
    if (focused) area.focus({ preventScroll: true });
    requestAnimationFrame(() => { area.scrollTop = top; }); // Firefox scrolls to the selection first
  }

  function render() {
    state.dataset.saved = text.persisted; // what storage holds, not what we hope
    setText(state, text.persisted ? 'Saved' : 'Not saved: only this page has it');
    setText(figures, described(area));
  }
  // #endregion

  const selected = () => { if (document.activeElement === area) keepPlace(); };
  area.addEventListener('input', keepText);
  for (const type of ['scroll', 'focus', 'blur']) area.addEventListener(type, keepPlace);
  document.addEventListener('selectionchange', selected);

  function reload() {
    place.reduce(last => ({ ...last, focused: true })); // the button has taken the focus
    location.reload();
  }

  function startOver() {
    text.clear();
    place.clear();
    restore();
  }

  const element = h('section', { class: 'panel draft', 'aria-labelledby': 'state-draft' },
    h('h2', { id: 'state-draft' }, h('label', { for: 'state-draft-text' }, 'Draft')),
    area,
    h('p', { class: 'draft__status' }, state, figures),
    h('div', { class: 'button-row' },
      toolbarButton('Reload the page', 'reload', reload),
      toolbarButton('Start over', 'start-over', startOver)),
    h('p', { class: 'muted' }, 'Or crash this tab: go to ', h('code', {}, 'chrome://crash'), ' (in Firefox ', h('code', {}, 'about:crashcontent'),
      ') by the address bar, and then back here.'));

  return { element, render, restore, dispose: () => document.removeEventListener('selectionchange', selected) };
}

function described({ value, selectionStart, selectionEnd }) {
  const before = value.slice(0, selectionStart);
  const line = before.split('\n').length;
  const selected = selectionEnd - selectionStart;
  return `${whole(value.length)} characters · line ${line}, column ${before.length - before.lastIndexOf('\n')}`
    + (selected > 0 ? ` · ${whole(selected)} selected` : '');
}

const STARTER = `Notes on a loom

Warp: the threads that are stretched first. They stay.
Weft: the thread that goes to and fro. It is what changes.

A shed is the gap that opens between raised and lowered
warp threads. The shuttle carries the weft through it, the
reed beats it against the cloth, and the shed changes over.

Write on here. Put the caret somewhere, scroll, select a
word. Then reload, or crash the tab.

To do
 - card and spin
 - wind the warp, count it twice
 - thread the heddles from the right
 - tie up the treadles
 - weave a sample, wash it, measure it again
`;
