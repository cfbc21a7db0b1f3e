import { Cron } from '../../taskloom.js';
import { h } from '../../shell/dom.js';
import { choice } from '../shared/controls.js';
import { setText } from '../shared/set-text.js';
import { SYSTEM, ZONES } from './zones.js';

const FIELDS = { second: 'Second', minute: 'Minute', hour: 'Hour', dayOfMonth: 'Day of the month', month: 'Month', dayOfWeek: 'Day of the week' };
const EXAMPLES = [
  ['0 9 * * MON-FRI', 'at nine, Monday to Friday'],
  ['30 2 * * *', 'at half past two in the night'],
  ['*/15 * * * *', 'every quarter of an hour'],
  ['*/20 * * * * *', 'every 20 seconds: six fields'],
  ['30 2 L * *', 'on the last day of the month'],
  ['0 12 15W * *', 'on the working day nearest to the 15th'],
  ['0 18 * * FRI#L', 'on the last Friday of the month'],
  ['0 8-18/2 1,15 JAN-JUN *', 'every two hours of the working day, twice a month'],
  ['@daily', 'at midnight'],
];

/** A cron expression as it is typed, and what is wrong with it. `onChange(cron)` hears of each that is right. */
export function cronEditor({ onChange }) {
  const settings = { timeZone: 'Europe/Berlin', dialect: 'cron' };
  const input = h('input', {
    class: 'input cron__input', id: 'schedules-cron', type: 'text', value: EXAMPLES[0][0], spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off',
    'aria-describedby': 'schedules-cron-error', 'data-testid': 'cron', oninput: read,
  });
  const error = h('p', { class: 'cron__error', id: 'schedules-cron-error', role: 'status', 'data-testid': 'cron-error' });
  const cells = new Map(Object.entries(FIELDS).map(([field, label]) => {
    const text = h('dd', { class: 'cron__part' });
    return [field, { text, element: h('div', { class: 'cron__field', 'data-testid': 'field', 'data-field': field }, h('dt', {}, label), text) }];
  }));
  const example = choice({
    label: 'Examples', testid: 'example', value: EXAMPLES[0][0], options: EXAMPLES.map(([expression, meaning]) => [expression, `${expression}  ${meaning}`]),
    onChange: expression => {
      input.value = expression;
      read();
    },
  });
  const chosen = name => value => {
    settings[name] = value;
    read();
  };

  // #region preview
  /** Reads the expression at each key; what is wrong with it names its field. */
  function read() {
    const { timeZone, dialect } = settings;
    try {
      const cron = new Cron(input.value, { timeZone, dialect });
      show(null);
      onChange(cron);
    } catch (error) {
      show(error); // its code is 'invalid-argument'
    }
  }

  function show(problem) {
    input.setAttribute('aria-invalid', String(problem !== null));
    setText(error, problem?.message ?? '');
    const wrong = /^cron\.(\w+) /.exec(problem?.message)?.[1]; // as in: cron.hour is '25'; it must be …
    for (const [field, { element }] of cells) element.dataset.invalid = String(field === wrong);
    spell();
  }
  // #endregion

  function spell() {
    const parts = input.value.trim().split(/\s+/);
    if (parts.length === 5) parts.unshift('');
    for (const [index, { text, element }] of [...cells.values()].entries()) {
      const part = parts.length > 6 || parts.length < 5 ? '' : parts[index];
      setText(text, part || '–');
      element.dataset.empty = String(!part);
    }
  }

  const element = h('div', { class: 'cron__editor' },
    h('div', { class: 'cron__row' },
      h('div', { class: 'field' }, h('label', { class: 'field__label', for: 'schedules-cron' }, 'Cron expression, five fields or six'), input),
      example),
    h('dl', { class: 'cron__fields', 'aria-label': 'Its fields' }, ...[...cells.values()].map(({ element }) => element)),
    error,
    h('div', { class: 'cron__row' },
      choice({
        label: 'Time zone', testid: 'zone', value: settings.timeZone, onChange: chosen('timeZone'),
        options: [...new Set([SYSTEM, ...ZONES])].map(zone => [zone, zone === SYSTEM ? `${zone}, this system’s` : zone]),
      }),
      choice({
        label: 'Dialect', testid: 'dialect', value: settings.dialect, onChange: chosen('dialect'),
        options: [['cron', 'cron: 0 is Sunday'], ['apscheduler', 'apscheduler: 0 is Monday']],
      })));

  return { element, read };
}
