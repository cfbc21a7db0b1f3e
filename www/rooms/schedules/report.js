import { h } from '../../shell/dom.js';
import { clockTime, seconds } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { FATES, times } from './words.js';

const CHIPS = 10;
const ORDER = ['ran', 'late', 'folded', 'left', 'skipped', 'waiting', 'due'];
const SAID = {
  ran: () => 'ran on time',
  late: () => 'ran late',
  folded: count => (count === 1 ? 'was made up for by the run after it' : 'were made up for by the run after them'),
  left: count => (count === 1 ? 'was left out' : 'were left out'),
  skipped: count => `${count === 1 ? 'was' : 'were'} skipped, since a run was under way`,
  waiting: count => (count === 1 ? 'waits for a run to end' : 'wait for a run to end'),
  due: count => (count === 1 ? 'is not seen to yet' : 'are not seen to yet'),
};

/** What became of the ticks that came due while the page could not run. */
export function absenceReport() {
  const heading = h('p', { class: 'absence__said', role: 'status', 'data-testid': 'absence' }, 'The page has been awake so far. Hold it, or suspend it, and see here what became of the ticks.');
  const list = h('ol', { class: 'absence__jobs', 'aria-label': 'Ticks that came due meanwhile, by job', 'data-testid': 'absence-jobs' });
  let shown = '';

  return {
    element: h('section', { class: 'panel absence', 'aria-labelledby': 'schedules-absence' }, h('h2', { id: 'schedules-absence' }, 'What became of the ticks'), heading, list),
    render(absence, entries) {
      if (!absence) return;
      const { from, to, isHeld } = absence;
      setText(heading, `${isHeld ? 'The page was held' : 'The page could not run, or only now and then,'} for ${seconds(to - from)}, until ${clockTime(to)}.`);
      const rows = entries.map(({ id, name, ledger }) => ({ id, name, ticks: ledger.ticks.filter(({ at, fate }) => at >= from && at <= to && fate !== 'dropped') }));
      const now = JSON.stringify(rows);
      if (now === shown) return;
      shown = now;
      list.replaceChildren(...rows.map(jobRow));
    },
  };
}

function jobRow({ id, name, ticks }) {
  const counts = ORDER.map(fate => [fate, ticks.filter(tick => tick.fate === fate).length]).filter(([, count]) => count > 0);
  const parts = counts.map(([fate, count]) => `${ticks.length === 1 ? 'it' : count} ${SAID[fate](count)}`);
  const hidden = ticks.length - CHIPS;
  return h('li', { class: 'absence__job', 'data-testid': 'absence-job', 'data-job': id },
    h('h3', {}, name),
    h('p', { 'data-testid': 'absence-sum' }, ticks.length === 0 ? 'No tick came due.' : `${times(ticks.length, 'tick')} came due: ${parts.join(', ')}.`),
    h('ul', { class: 'absence__ticks' },
      hidden > 0 ? h('li', { class: 'absence__more' }, `${times(hidden, 'earlier one')}, then`) : null,
      ...ticks.slice(-CHIPS).map(({ at, fate }) => h('li', { class: 'absence__tick', 'data-fate': fate, title: FATES[fate] },
        h('span', { class: 'mark', 'data-fate': fate }), clockTime(at), h('span', { class: 'visually-hidden' }, `: ${FATES[fate] ?? ''}`)))));
}
