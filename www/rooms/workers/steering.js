import { h } from '../../shell/dom.js';
import { choice, slider } from '../shared/controls.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { MOST_WORKERS, SLICED, STRETCH, onWorkers } from './setups.js';

const QUALITIES = [[1, '1 path a pixel: a sketch'], [4, '4 paths a pixel: a draft'], [9, '9 paths a pixel'], [25, '25 paths a pixel'], [64, '64 paths a pixel: takes long']];

/** Where to compute and how finely, and the buttons. `acts` are `{ render, renderAll, kill, cancel, qualityChanged }`. */
export function steering(acts) {
  let where = 'workers';
  let workers = 2;

  const option = (value, label) => {
    const input = h('input', {
      type: 'radio', class: 'check__box', name: 'workers-where', value, checked: value === where, 'data-testid': `where-${value}`,
      onchange: () => { where = value; },
    });
    return h('label', { class: 'check' }, input, label);
  };
  const cores = navigator.hardwareConcurrency;
  const count = slider({
    label: 'Workers', testid: 'workers', min: 1, max: MOST_WORKERS, value: workers, format: String,
    onChange: value => {
      workers = value;
      where = 'workers';
      element.querySelector('[data-testid=where-workers]').checked = true;
    },
  });
  let pathsPerPixel = 9;
  const quality = choice({
    label: 'How finely', testid: 'quality', options: QUALITIES, value: pathsPerPixel,
    onChange: value => {
      if (pathsPerPixel === Number(value)) return;
      pathsPerPixel = Number(value);
      acts.qualityChanged();
    },
  });

  const render = toolbarButton('Render', 'render', () => acts.render(chosen()), { primary: true });
  const kill = toolbarButton('Kill a worker', 'kill', acts.kill);
  const cancel = toolbarButton('Cancel', 'cancel', acts.cancel);
  const all = toolbarButton('Render all ways in turn', 'render-all', () => {
    acts.renderAll([STRETCH, SLICED, ...Array.from({ length: workers }, (_, i) => onWorkers(i + 1))]);
  });

  const chosen = () => ({ stretch: STRETCH, sliced: SLICED }[where] ?? onWorkers(workers));

  const element = h('section', { class: 'panel steering-workers', 'aria-label': 'What to render, and where' },
    h('fieldset', { class: 'where' },
      h('legend', { class: 'field__label' }, 'Where to compute'),
      option('stretch', 'On this page, each tile at a stretch'),
      option('sliced', 'On this page, in small slices'),
      option('workers', 'In workers')),
    h('div', {},
      count,
      h('p', { class: 'muted' }, cores ? `The browser reports ${cores} ${cores === 1 ? 'core' : 'cores'}.` : null)),
    quality,
    h('div', { class: 'button-row' }, render, kill, cancel, all));

  return {
    element,
    get pathsPerPixel() { return pathsPerPixel; },
    show({ busy, killable }) {
      setEnabled(render, !busy);
      setEnabled(all, !busy);
      setEnabled(kill, killable);
      setEnabled(cancel, busy);
    },
  };
}
