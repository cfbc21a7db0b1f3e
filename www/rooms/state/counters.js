import { h } from '../../shell/dom.js';
import { clockTime, whole } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { toolbarButton } from '../shared/toolbar-button.js';

const NAMES = [undefined, 'Page one', 'Page two'];
const SHOWN = 5;
const KEPT = 50;
let counted = false;

/** A counter of this page, one of the whole session, and the pages that the session has seen. */
export function counters(stores, page) {
  // #region counters
  const here = stores.page.ref('count', { factory: () => 0, type: Number });
  const everywhere = stores.session.ref('count', { factory: () => 0, type: Number });

  function count(by) {
    here.value += by;
    everywhere.reduce((sum, more) => sum + more, by);
  }

  const visits = stores.session.ref('visits', { factory: () => [] }); // a Date in it is a Date again after a reload
  function visited(how) {
    visits.reduce(list => [...list, { page, how, at: new Date() }].slice(-KEPT));
  }
  // #endregion

  if (!counted) visited(performance.getEntriesByType('navigation')[0]?.type);
  counted = true; // once a document, however often the room is entered

  const other = stores.otherPage.ref('count');
  const hereShown = h('output', { class: 'counter__value', 'data-testid': 'page-count', 'aria-labelledby': 'state-here' });
  const everywhereShown = h('output', { class: 'counter__value', 'data-testid': 'session-count', 'aria-labelledby': 'state-everywhere' });
  const otherShown = h('p', { class: 'muted', 'data-testid': 'other-count' });
  const list = h('ol', { class: 'visits', 'aria-label': 'The latest documents of this session', 'data-testid': 'visits' });
  let drawn = null;

  const tab = number => h('a', {
    class: 'page-tab', href: `?page=${number}#/state`, 'aria-current': number === page ? 'page' : null, 'data-testid': `page-${number}`,
  }, NAMES[number]);

  const element = h('section', { class: 'panel counters', 'aria-labelledby': 'state-counters' },
    h('h2', { id: 'state-counters' }, 'Counters'),
    h('nav', { class: 'page-tabs', 'aria-label': 'Two pages' }, tab(1), tab(2)),
    h('div', { class: 'counters__values' },
      h('div', { class: 'counter counter--page' }, h('p', { class: 'field__label', id: 'state-here' }, `On ${NAMES[page].toLowerCase()}`), hereShown),
      h('div', { class: 'counter counter--session' }, h('p', { class: 'field__label', id: 'state-everywhere' }, 'In the session'), everywhereShown)),
    h('div', { class: 'button-row' },
      toolbarButton('Count', 'count', () => count(1), { primary: true }),
      toolbarButton('Back to 0', 'reset', () => count(-here.value))),
    otherShown,
    h('h3', { class: 'counters__visits' }, 'Documents loaded in this session'),
    list);

  function render() {
    setText(hereShown, whole(here.value));
    setText(everywhereShown, whole(everywhere.value));
    const others = other.peek();
    setText(otherShown, others === undefined
      ? `${NAMES[3 - page]} is another document, and has a count of its own: go there and come back.`
      : `${NAMES[3 - page]} stands at ${whole(others)}.`);
    if (drawn === visits.value) return;
    drawn = visits.value;
    list.replaceChildren(...drawn.slice(-SHOWN).reverse().map((visit, i) => h('li', { class: 'visit', 'data-page': visit.page },
      h('span', { class: 'visit__page' }, NAMES[visit.page]), h('span', {}, `${said(visit.how)}${i === 0 ? ', this one' : ''}`),
      h('time', { class: 'visit__time', datetime: visit.at.toISOString() }, clockTime(visit.at)))));
  }

  return { element, render };
}

const said = how => ({ reload: 'reloaded', back_forward: 'by back or forward' }[how] ?? 'opened');
