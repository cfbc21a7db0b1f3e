import { h } from '../../shell/dom.js';
import { whole } from '../shared/format.js';
import { setText } from '../shared/set-text.js';

const TOTALS = ['waiting', 'running', 'started', 'lost'];
const FIELDS = ['id', 'state', 'job', 'busyFor', 'open', 'answered'];
const EVERY_MS = 200; // what changes faster can't be read

/** What `pool.stats()` returns, under the names that it has there. */
export function statsPanel({ rows: most }) {
  const totals = new Map(TOTALS.map(name => [name, h('dd', { 'data-testid': `stats-${name}` }, '–')]));
  const rows = Array.from({ length: most }, () => {
    const cells = FIELDS.map(() => h('td'));
    return { cells, element: h('tr', { hidden: true }, ...cells) };
  });
  const none = h('p', { class: 'muted' }, 'There is no pool yet.');
  const table = h('table', { class: 'table table--stats', hidden: true, 'aria-labelledby': 'workers-stats' },
    h('thead', {}, h('tr', {}, ...FIELDS.map(name => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, ...rows.map(row => row.element)));
  const element = h('section', { class: 'panel', 'aria-labelledby': 'workers-stats' },
    h('h2', { id: 'workers-stats' }, h('code', {}, 'pool.stats()')),
    h('dl', { class: 'figures' }, ...TOTALS.map(name => h('div', {}, h('dt', {}, name), totals.get(name)))),
    none, table);
  let shownAt = -Infinity;

  // #region stats
  function show(pool) {
    const stats = pool.stats();
    for (const [name, cell] of totals) setText(cell, whole(stats[name]));
    rows.forEach(({ element: row, cells }, i) => {
      const worker = stats.workers[i];
      row.hidden = !worker;
      if (worker) FIELDS.forEach((name, column) => setText(cells[column], textOf(worker[name])));
    });
    none.hidden = true;
    table.hidden = false;
  }
  // #endregion

  function render(pool, { now = false } = {}) {
    if (!pool || (!now && performance.now() - shownAt < EVERY_MS)) return;
    shownAt = performance.now();
    show(pool);
  }
  return { element, render };
}

const textOf = value => (value === null ? 'null' : typeof value === 'number' ? whole(value) : value);
