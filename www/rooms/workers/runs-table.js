import { h } from '../../shell/dom.js';
import { seconds, whole } from '../shared/format.js';
import { speed } from './speed-chart.js';

const LATE_MS = 100;

/** The latest finished run of each setup. */
export function runsTable() {
  const body = h('tbody', { 'data-testid': 'runs' });
  const empty = h('p', { class: 'muted' }, 'No picture is finished yet.');
  const table = h('table', { class: 'table', hidden: true, 'aria-labelledby': 'workers-runs' },
    h('thead', {}, h('tr', {}, ...['Where', 'Time', 'Paths a second', 'Speed-up', 'Longest gap'].map(title => h('th', { scope: 'col' }, title)))),
    body);
  const element = h('section', { class: 'panel', 'aria-labelledby': 'workers-runs' },
    h('h2', { id: 'workers-runs' }, 'Finished pictures'), empty, table,
    h('p', { class: 'muted' }, 'The speed-up is against one worker. The gap is the longest between two frames of this page.'));

  /** Shows the runs, an array of renderings in the order of their setups. */
  function render(runs) {
    const one = runs.find(({ setup }) => setup.workers === 1);
    const fastest = Math.max(...runs.map(({ rate }) => rate));
    empty.hidden = runs.length > 0;
    table.hidden = runs.length === 0;
    body.replaceChildren(...runs.map(run => {
      const rate = h('td', { class: 'table__rate' }, speed(run.rate));
      rate.style.setProperty('--share', String(run.rate / fastest));
      return h('tr', { 'data-testid': `run-${run.setup.id}` },
        h('th', { scope: 'row' }, run.setup.name, run.lost > 0 ? h('span', { class: 'table__note' }, ` ${run.lost} lost`) : null),
        h('td', {}, seconds(run.elapsed)),
        rate,
        h('td', {}, one ? `${(run.rate / one.rate).toFixed(2)}×` : '–'),
        h('td', { class: run.longestGap > LATE_MS ? 'table__late' : null }, `${whole(run.longestGap)} ms`));
    }));
  }
  return { element, render };
}
