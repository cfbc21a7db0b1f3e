import { h } from '../../shell/dom.js';
import { choice, slider } from '../shared/controls.js';
import { seconds } from '../shared/format.js';
import { toolbarButton } from '../shared/toolbar-button.js';

const OVERLAPS = [['skip', 'skip it'], ['queue', 'queue it'], ['cancel-previous', 'cancel the run before it']];
const MISSED = [['once', 'once, for all of them'], ['all', 'all, one after another'], ['skip', 'skip them']];
const GRACES = [['1s', '1 second'], ['90s', '90 seconds, the default']];
export const HOLD_MS = 10_000;

/** How long runs take, the policies of the jobs, and the hold. `say(text)` tells the reader what came of it. */
export function steering(settings, { reschedule, hold }) {
  const message = h('p', { class: 'schedules__message', role: 'status', 'data-testid': 'message' });
  const say = text => { message.textContent = text; };
  const chosen = name => value => {
    settings[name] = value;
    reschedule();
    say('Scheduled anew under the same ids, since options are fixed when a job is scheduled. Each has kept its beat.');
  };

  const element = h('section', { class: 'panel schedules__steering', 'aria-labelledby': 'schedules-steering' },
    h('h2', { id: 'schedules-steering' }, 'Policies'),
    h('p', { class: 'muted' }, 'For the first three jobs. A run does nothing but wait.'),
    h('div', { class: 'schedules__fields' },
      slider({
        label: 'A run takes', testid: 'run-takes', min: 200, max: 8000, step: 200, value: settings.runTakes, format: seconds,
        onChange: value => { settings.runTakes = value; },
      }),
      choice({ label: 'A tick while a run is under way', testid: 'overlap', options: OVERLAPS, value: settings.overlap, onChange: chosen('overlap') }),
      choice({ label: 'Ticks that the page has missed', testid: 'missed', options: MISSED, value: settings.missed, onChange: chosen('missed') }),
      choice({ label: 'If they are skipped, the newest may be late by', testid: 'grace', options: GRACES, value: settings.grace, onChange: chosen('grace') })),
    h('div', { class: 'button-row' }, toolbarButton(`Hold the page for ${HOLD_MS / 1000} s`, 'hold', hold, { primary: true })),
    h('p', { class: 'muted' }, 'A loop will keep the page’s only thread to itself: nothing moves, no click is heard, no timer is called. ',
      'Clicks that you make meanwhile are handled after it.'),
    h('details', { class: 'schedules__suspend' },
      h('summary', {}, 'Or suspend this tab'),
      h('ul', {},
        h('li', {}, 'Let the computer sleep for a minute, and wake it.'),
        h('li', {}, 'In Chromium, open ', h('code', {}, 'chrome://discards'), ' in another tab, freeze this one there, and come back after a while.'),
        h('li', {}, 'Go to another site and come back with the browser’s Back button: if the page was in the back/forward cache, it goes on where it was.'),
        h('li', {}, 'Leave the tab in the background: browsers call its timers once a second at most, some after minutes once a minute only.'))),
    message);

  return { element, say };
}
