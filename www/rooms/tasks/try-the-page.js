import { h } from '../../shell/dom.js';
import { blockThePage } from './block-the-page.js';
import { seconds, whole } from '../shared/format.js';

const BLOCK_MS = 2000;

/** Ways to feel whether the page still answers: a field that times its own keystrokes, and a real block to compare with. */
export function tryThePage() {
  const latency = h('span', { class: 'try__reading', 'data-testid': 'latency' }, 'Each keystroke is timed until the page draws it.');
  const input = h('input', {
    class: 'input', id: 'try-input', type: 'text', autocomplete: 'off', placeholder: 'Type while jobs run', 'data-testid': 'try-input',
    oninput: event => requestAnimationFrame(() => {
      latency.textContent = `Drawn ${whole(performance.now() - event.timeStamp)} ms after the keystroke.`;
    }),
  });

  const outcome = h('span', { class: 'try__reading', role: 'status', 'data-testid': 'block-outcome' },
    'The same loop, never yielding: nothing will move or answer.');
  const button = h('button', { class: 'button', type: 'button', 'data-testid': 'block', onclick: block }, 'Block the page for 2 s');

  async function block() {
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    outcome.textContent = 'Blocked…';
    await nextFrame(); // so that the text above is drawn before nothing is
    await nextFrame();
    const blocked = await blockThePage(BLOCK_MS);
    outcome.textContent = `Nothing was drawn for ${seconds(blocked)}. See the longest gap above.`;
    button.ariaDisabled = 'false';
  }

  return h('section', { class: 'try', 'aria-label': 'Try the page' },
    h('div', { class: 'try__part' }, h('label', { class: 'try__label', for: 'try-input' }, 'Does it still answer?'), input, latency),
    h('div', { class: 'try__part' }, h('p', { class: 'try__label' }, 'And without checkpoints?'), button, outcome));
}

const nextFrame = () => new Promise(resolve => requestAnimationFrame(resolve));
