import { h } from '../../shell/dom.js';
import { setText } from '../shared/set-text.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { AHEAD_MS, BEHIND_MS, Belt } from './belt.js';
import { span, times } from './words.js';
import { SYSTEM, dayIn, timeIn } from './zones.js';

const STATS = { runs: 'runs', skipped: 'skipped', missed: 'missed', waiting: 'waiting' };
const STATES = { active: 'Active', paused: 'Paused', ended: 'Ended' };

/** A job: when it is due, what has become of it, and what can be done with it. `acts` are `{ toggle, runNow, endOrBegin }`. */
export class JobLane {
  constructor({ id, name }, acts) {
    const labelled = `schedules-job-${id}`;
    this.belt = new Belt();
    this.rhythm = h('code', { class: 'job__rhythm', 'data-testid': 'rhythm' });
    this.state = h('span', { class: 'job__state', 'data-testid': 'state' });
    this.next = h('p', { class: 'job__next', 'data-testid': 'next' });
    this.stats = Object.fromEntries(Object.keys(STATS).map(stat => [stat, h('dd', { 'data-testid': `stat-${stat}` }, '0')]));
    this.toggle = toolbarButton('Pause', 'toggle', acts.toggle);
    this.runNow = toolbarButton('Run now', 'run-now', acts.runNow);
    this.end = toolbarButton('Cancel', 'cancel', acts.endOrBegin);
    for (const button of [this.toggle, this.runNow, this.end]) {
      button.classList.add('button--small');
      button.setAttribute('aria-describedby', labelled);
    }
    this.element = h('li', { class: 'job', 'data-testid': 'job', 'data-job': id },
      h('div', { class: 'job__head' }, h('h3', { id: labelled }, name), this.rhythm, this.state),
      this.next,
      this.belt.element,
      h('dl', { class: 'job__stats' }, ...Object.entries(STATS).map(([stat, label]) => h('div', {}, h('dt', {}, label), this.stats[stat]))),
      h('div', { class: 'button-row job__buttons' }, this.toggle, this.runNow, this.end));
  }

  /** `zone` is the one in which times are told, `note` what is said of it besides. */
  render({ job, ledger, rhythm, zone = SYSTEM, note = '' }, { now, absence }) {
    const { state, nextRun } = job;
    this.element.dataset.state = state;
    setText(this.rhythm, rhythm);
    setText(this.state, [STATES[state], note].filter(Boolean).join(', '));
    const next = state === 'ended' ? 'No more runs' : state === 'paused' ? 'No ticks until it is resumed' : nextText(nextRun, zone, now);
    setText(this.next, next);
    const stats = job.stats();
    for (const [stat, element] of Object.entries(this.stats)) setText(element, stats[stat].toLocaleString('en'));
    setText(this.toggle, state === 'paused' ? 'Resume' : 'Pause');
    setText(this.end, state === 'ended' ? 'Schedule again' : 'Cancel');
    setEnabled(this.toggle, state !== 'ended');
    setEnabled(this.runNow, state !== 'ended');

    const runs = [...ledger.runs, ...ledger.others];
    const ticks = ledger.ticks.filter(({ at }) => at > now - 2 * BEHIND_MS);
    this.belt.draw({ ticks, ahead: ledger.ahead, runs, absence });
    const label = `Timeline: ${times(runs.length, 'run')} in the last half minute, ${times(ledger.ahead.length, 'tick')} in the next ${AHEAD_MS / 1000} seconds`;
    if (this.belt.element.ariaLabel !== label) this.belt.element.ariaLabel = label;
  }
}

function nextText(next, zone, now) {
  if (!next) return 'No further time';
  const day = next - now > 43_200_000 ? `${dayIn(zone, next)}, ` : '';
  return `Next ${day}${timeIn(zone, next)}${zone === SYSTEM ? '' : ` in ${zone}`}, in ${span(next - now)}`;
}
