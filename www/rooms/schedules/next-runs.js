import { h } from '../../shell/dom.js';
import { setText } from '../shared/set-text.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { span } from './words.js';
import { changeBetween, dayIn, fromField, nextChange, offsetIn, timeIn, toField } from './zones.js';

const SHOWN = 8;
const BEFORE_CHANGE = 3; // runs

/** The next runs of an expression, from now on or from a time near which the clocks change. */
export function nextRuns() {
  let cron = null;
  let after = null; // a time, or null for now
  let shown = '';
  const field = h('input', {
    class: 'input', id: 'schedules-after', type: 'datetime-local', 'data-testid': 'after',
    onchange: () => {
      const at = fromField(cron.timeZone, field.value);
      after = Number.isNaN(at) ? null : at;
      update();
    },
  });
  const label = h('label', { class: 'field__label', for: 'schedules-after' });
  const note = h('p', { class: 'muted', role: 'status', 'data-testid': 'change' });
  const list = h('ol', { class: 'upcoming__list', 'aria-label': 'Runs', 'data-testid': 'upcoming' });
  const now = toolbarButton('From now', 'after-now', () => startAt(null));
  const forward = toolbarButton('Near clocks forward', 'near-gap', () => startNear(true));
  const back = toolbarButton('Near clocks back', 'near-fold', () => startNear(false));
  for (const button of [now, forward, back]) button.classList.add('button--small');

  function startAt(time) {
    after = time;
    update();
  }

  /** A few runs before the clocks change next. */
  function startNear(isForward) {
    let at = nextChange(cron.timeZone, isForward).at;
    for (let i = 0; i < BEFORE_CHANGE; i++) at = Number(cron.previousRun(at) ?? at);
    startAt(Math.floor((at - 1) / 60_000) * 60_000);
  }

  function use(next) {
    cron = next;
    const [gap, fold] = [true, false].map(isForward => nextChange(cron.timeZone, isForward));
    setEnabled(forward, gap !== null);
    setEnabled(back, fold !== null);
    const changes = [gap, fold].filter(Boolean).sort((a, b) => a.at - b.at).map(({ at, by }) => `${by > 0 ? 'forward' : 'back'} on ${dayIn(cron.timeZone, at)}`);
    setText(note, changes.length > 0 ? `In ${cron.timeZone} the clocks go ${changes.join(', and ')}.` : `In ${cron.timeZone} the clocks do not change within a year.`);
    setText(label, `Runs after, in ${cron.timeZone}`);
    update();
  }

  function update() {
    field.value = after === null ? '' : toField(cron.timeZone, after);
    now.setAttribute('aria-pressed', String(after === null));
    shown = '';
    render();
  }

  // #region next
  /** What comes next changes when its time has come. */
  function render() {
    const from = after ?? Date.now();
    const runs = cron.nextRuns(SHOWN, from); // Date objects
    const text = `${cron} ${cron.timeZone} ${runs.map(Number)}`;
    if (text !== shown) list.replaceChildren(...rows(runs, from));
    shown = text;
    for (const node of list.querySelectorAll('[data-at]')) setText(node, until(Number(node.dataset.at)));
  }
  // #endregion

  function rows(runs, from) {
    let before = from;
    return runs.flatMap(run => {
      const at = Number(run);
      const change = changeBetween(cron.timeZone, before, at);
      before = at;
      return change ? [changeRow(change), runRow(at)] : [runRow(at)];
    });
  }

  function changeRow({ at, by }) {
    const [last, first] = [timeIn(cron.timeZone, at - 60_000), timeIn(cron.timeZone, at)];
    return h('li', { class: 'upcoming__change', 'data-testid': 'clocks', 'data-by': by > 0 ? 'forward' : 'back' },
      by > 0 ? `The clocks go forward: after ${last} comes ${first}` : `The clocks go back: after ${last} comes ${first} again`);
  }

  const runRow = at => h('li', { class: 'upcoming__run', 'data-testid': 'run-at', 'data-time': new Date(at).toISOString() },
    h('span', { class: 'upcoming__day' }, dayIn(cron.timeZone, at)),
    h('span', { class: 'upcoming__time' }, timeIn(cron.timeZone, at)),
    h('span', { class: 'upcoming__offset' }, offsetIn(cron.timeZone, at)),
    h('span', { class: 'upcoming__in', 'data-at': at }));

  return {
    element: h('div', { class: 'upcoming' },
      h('h3', {}, 'Next runs'),
      h('div', { class: 'button-row' }, now, forward, back),
      h('div', { class: 'field' }, label, field),
      note,
      list),
    use,
    render: () => { if (cron) render(); },
  };
}

const until = at => (at > Date.now() ? `in ${span(at - Date.now())}` : `${span(Date.now() - at)} ago`);
