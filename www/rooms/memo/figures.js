import { h } from '../../shell/dom.js';
import { percent, whole } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { OUTCOMES } from './forecast.js';
import { times } from './words.js';

const MEANINGS = {
  hits: ['Hits', 'fresh, served at once'],
  stale: ['Stale', 'past its time, served all the same'],
  shared: ['Shared', 'waited for an execution under way'],
  misses: ['Misses', 'had the function called'],
};
const OTHERS = {
  refreshes: 'Refreshes', failures: 'Failures', evictions: 'Evicted', inFlight: 'In flight',
};

/** The counts of the cache, live. */
export function figures() {
  const figure = name => h('dd', { 'data-testid': `stat-${name}` }, '0');
  const counts = Object.fromEntries([...OUTCOMES, ...Object.keys(OTHERS)].map(name => [name, figure(name)]));
  const rate = h('p', { class: 'figures__rate', 'data-testid': 'hit-rate' }, '–');
  const summary = h('p', { class: 'figures__summary', 'data-testid': 'summary' });
  const parts = OUTCOMES.map(name => h('span', { class: 'figures__part', 'data-outcome': name }));
  const bar = h('div', { class: 'figures__bar', 'aria-hidden': 'true' }, ...parts);

  const element = h('section', { class: 'panel figures', 'aria-labelledby': 'memo-figures' },
    h('h2', { id: 'memo-figures' }, 'Hit rate'),
    h('div', { class: 'figures__head' }, rate, summary),
    bar,
    h('dl', { class: 'figures__outcomes' }, ...OUTCOMES.map(name => h('div', { 'data-outcome': name },
      h('dt', {}, h('span', { class: 'figures__name' }, MEANINGS[name][0]), h('span', { class: 'figures__meaning' }, MEANINGS[name][1])), counts[name]))),
    h('dl', { class: 'figures__others' }, ...Object.entries(OTHERS).map(([name, label]) => h('div', {}, h('dt', {}, label), counts[name]))));

  // #region stats
  function render(forecast, executions) {
    const stats = forecast.stats();
    const { hits, stale, shared, misses } = stats;
    const calls = hits + stale + shared + misses;
    for (const [name, element] of Object.entries(counts)) setText(element, whole(stats[name]));
    setText(rate, calls === 0 ? '–' : percent((calls - misses) / calls));
    setText(summary, calls === 0 ? 'Call something.' : `${times(calls, 'call')}, ${times(executions, 'execution')}`);
    draw(stats, calls);
  }
  // #endregion

  function draw(stats, calls) {
    parts.forEach((part, i) => {
      const share = calls === 0 ? 0 : stats[OUTCOMES[i]] / calls;
      part.hidden = share === 0;
      part.style.setProperty('--share', share.toFixed(4));
    });
  }

  return { element, render };
}
