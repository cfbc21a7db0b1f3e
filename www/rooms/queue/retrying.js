import { h } from '../../shell/dom.js';
import { RetryPolicy } from '../../taskloom.js';
import { percent, seconds } from '../shared/format.js';
import { choice, slider } from '../shared/controls.js';

const MAX_ATTEMPTS = 6;
const DEADLINES = [['', 'None'], ['3s', '3 s'], ['8s', '8 s'], ['20s', '20 s']];

/** How jobs fail and are tried again, with a strip of the waits that the policy gives. Writes into `settings`. */
export function retrying(settings) {
  const { retry } = settings;
  const bars = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, i) => {
    const value = h('span', { class: 'wait__value' });
    const bar = h('span', { class: 'wait__bar' });
    const element = h('li', { class: 'wait', 'data-testid': 'wait' }, h('span', { class: 'wait__label' }, `before attempt ${i + 2}`), bar, value);
    return { element, bar, value };
  });

  // #region retry
  function showWaits() {
    const policy = new RetryPolicy(retry);
    const middle = new RetryPolicy({ ...retry, jitter: 0 });
    bars.forEach(({ element, bar, value }, i) => {
      const tried = i < policy.maxAttempts - 1;
      element.dataset.tried = String(tried);
      const wait = policy.delayForAttempt(i); // another one each time, if there is jitter
      const [least, most] = [-1, 1].map(sign => Math.min(retry.maxDelay, middle.delayForAttempt(i) * (1 + sign * retry.jitter)));
      place(bar, { wait, least, most }, retry.maxDelay);
      value.textContent = tried ? seconds(wait) : '–';
    });
  }
  // #endregion

  const set = name => value => { retry[name] = value; showWaits(); };
  showWaits();
  return h('section', { class: 'retrying', 'aria-labelledby': 'queue-retrying' },
    h('h2', { id: 'queue-retrying' }, 'Failing and trying again'),
    h('div', { class: 'retrying__fields' },
      slider({
        label: 'Attempts that fail', testid: 'failure-rate', min: 0, max: 1, step: 0.05, value: settings.failureRate, format: percent,
        onChange: value => { settings.failureRate = value; },
      }),
      slider({ label: 'Attempts at most', testid: 'max-attempts', min: 1, max: MAX_ATTEMPTS, value: retry.maxAttempts, format: String, onChange: set('maxAttempts') }),
      slider({ label: 'Base delay', testid: 'base-delay', min: 0, max: 1500, step: 50, value: retry.baseDelay, format: ms => `${ms} ms`, onChange: set('baseDelay') }),
      slider({ label: 'Multiplier', testid: 'multiplier', min: 1, max: 4, step: 0.25, value: retry.multiplier, format: String, onChange: set('multiplier') }),
      slider({ label: 'Jitter', testid: 'jitter', min: 0, max: 1, step: 0.05, value: retry.jitter, format: value => `± ${percent(value)}`, onChange: set('jitter') }),
      choice({
        label: 'Deadline, from the start', testid: 'deadline', options: DEADLINES, value: settings.deadline ?? '',
        onChange: value => { settings.deadline = value || undefined; },
      })),
    h('h3', { id: 'queue-waits' }, 'The waits this policy gives'),
    h('ul', { class: 'waits', 'aria-labelledby': 'queue-waits', 'data-testid': 'waits' }, ...bars.map(({ element }) => element)),
    h('p', { class: 'retrying__note' }, `${seconds(retry.maxDelay)} at most. The pale part is where jitter may put the wait. `
      + 'The share that fails counts at once, the rest for jobs added from now on.'));
}

/** Sets where a bar's mark and its range are, as shares of the longest wait. */
function place(bar, spans, longest) {
  for (const [name, ms] of Object.entries(spans)) bar.style.setProperty(`--${name}`, String(ms / longest));
}
