import { h } from '../../shell/dom.js';

let fields = 0;

/** A slider with its value beside its label. `onChange(value)` is called at each step. */
export function slider({ label, testid, min, max, step = 1, value, format, onChange }) {
  const id = `field-${++fields}`;
  const output = h('output', { class: 'slider__value', for: id }, format(value));
  const input = h('input', {
    class: 'slider__input', type: 'range', id, min, max, step, value, 'aria-valuetext': format(value), 'data-testid': testid,
    oninput: () => {
      output.textContent = format(input.valueAsNumber);
      input.setAttribute('aria-valuetext', output.textContent);
      onChange(input.valueAsNumber);
    },
  });
  return h('div', { class: 'slider' }, h('label', { class: 'field__label', for: id }, label), output, input);
}

/** A choice out of `[value, text]` pairs. */
export function choice({ label, testid, options, value, onChange }) {
  const select = h('select', { class: 'select', 'data-testid': testid, onchange: () => onChange(select.value) },
    ...options.map(([option, text]) => h('option', { value: option, selected: option === value }, text)));
  return h('label', { class: 'field' }, h('span', { class: 'field__label' }, label), select);
}

export function checkbox({ label, testid, onChange }) {
  const input = h('input', { class: 'check__box', type: 'checkbox', 'data-testid': testid, onchange: () => onChange(input.checked) });
  return h('label', { class: 'check' }, input, label);
}
