import { h } from '../../shell/dom.js';

/** A slider of all tabs: the newest write wins. */
export function dial(shared, say) {
  const output = h('output', { class: 'slider__value', for: 'dial-input', 'data-testid': 'dial-value' });
  const input = h('input', { class: 'slider__input', id: 'dial-input', type: 'range', min: '0', max: '100', 'data-testid': 'dial', oninput: () => put(input.valueAsNumber) });

  // #region dial
  let wanted = null;

  async function put(value) {
    show(value);
    const isWriting = wanted !== null;
    wanted = value;
    if (isWriting) return; // it is written next, and what came between is not
    try {
      for (let next; next !== wanted;) await shared.set('dial', next = wanted);
    } catch (error) {
      say(error);
    }
    wanted = null;
  }

  shared.subscribe('dial', ({ self, value }) => { if (!self && wanted === null) show(value ?? 50); });
  // #endregion

  function show(value) {
    input.valueAsNumber = value;
    output.textContent = `${value} %`;
    input.setAttribute('aria-valuetext', output.textContent);
  }

  show(shared.get('dial') ?? 50);
  return h('section', { class: 'panel', 'aria-labelledby': 'dial' },
    h('h2', { id: 'dial' }, 'Slider'),
    h('div', { class: 'slider' }, h('label', { class: 'field__label', for: 'dial-input' }, 'Tension of the warp'), output, input),
    h('p', { class: 'muted' }, 'Whoever moves it last has it: a set writes over what was there.'));
}
