import { h } from '../../shell/dom.js';
import { latency } from './words.js';

/** What one tab has done last, and how often it has done what. */
export function tabRow({ letter, doing, asked, computed, taken, by, ms, message }, isThis) {
  const said = {
    nothing: ['Has not asked yet'],
    waiting: ['Waits for the value'],
    computing: ['Runs the slow function'],
    computed: ['Ran the slow function', latency(ms)],
    taken: [`Took the value that tab ${by} has made`, latency(ms)],
    remembered: ['Had it in memory', latency(ms)],
    failed: [`Failed: ${message}`],
  }[doing];
  const row = h('li', { class: 'tab-row', 'data-testid': 'tab', 'data-letter': letter, 'data-doing': doing },
    h('span', { class: 'tab-row__letter' }, h('span', { class: 'visually-hidden' }, 'Tab '), letter),
    h('p', { class: 'tab-row__said' }, h('span', { class: 'tab-row__doing', 'data-testid': 'doing' }, said[0]),
      said[1] ? h('span', { class: 'tab-row__wait' }, said[1]) : null),
    h('p', { class: 'tab-row__counts' }, `${isThis ? 'this tab · ' : ''}asked ${asked}, ran ${computed}, took ${taken}`));
  row.style.setProperty('--hue', `var(--worker-${1 + (letter.charCodeAt(0) - 65) % 8})`);
  return row;
}
