import { h } from '../../shell/dom.js';
import { celsius, clockTime } from '../shared/format.js';
import { OUTCOMES } from './forecast.js';
import { latency, times } from './words.js';

const LINES = 14;
const NAMES = { hits: 'hit', stale: 'stale', shared: 'shared', misses: 'miss', error: 'failed' };

/** The latest calls, newest first: what each was served, and how long its caller waited. */
export function callLog() {
  const empty = h('p', { class: 'muted' }, 'No call yet. The first one of a city waits for the slow function; those after it don’t.');
  const list = h('ol', { class: 'calls__lines', 'aria-label': 'The latest calls, newest first', 'data-testid': 'calls' });

  function line(kind, city, text, wait = '') {
    empty.hidden = true;
    list.prepend(h('li', { class: 'calls__line', 'data-outcome': kind },
      h('time', { class: 'calls__time' }, clockTime(new Date())),
      h('span', { class: 'calls__kind' }, NAMES[kind]),
      h('span', { class: 'calls__wait' }, wait),
      h('p', { class: 'calls__text' }, h('strong', {}, city), ` ${text}`)));
    while (list.children.length > LINES) list.lastChild.remove();
  }

  return {
    element: h('section', { class: 'panel calls', 'aria-labelledby': 'memo-calls' }, h('h2', { id: 'memo-calls' }, 'Calls'), empty, list),
    /** `rescued`: the function has failed, and the stale value was served instead. */
    add({ city, times: count, served, value, error, ms }, rescued) {
      const kind = error ? 'error' : rescued ? 'stale' : OUTCOMES.findLast(name => served[name] > 0);
      const parts = OUTCOMES.filter(name => served[name] > 0).reverse().map(name => `${served[name]} ${NAMES[name]}`);
      const what = count === 1 ? '' : `${times(count, 'call')} (${parts.join(', ')}): `;
      line(kind, city, `${what}${error ? error.message : celsius(value.degrees)}${rescued ? ', since the backend fails' : ''}`, latency(ms));
    },
    refreshFailed: city => line('error', city, 'The refresh has failed. The stale value stays.'),
  };
}
