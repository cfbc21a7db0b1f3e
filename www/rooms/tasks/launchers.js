import { h } from '../../shell/dom.js';
import { feedJob } from './feed/view.js';
import { mandelbrotJob } from './mandelbrot/view.js';
import { places } from './mandelbrot/places.js';
import { sensorsJob } from './sensors/view.js';
import { climates } from './sensors/weather.js';

const KINDS = [
  {
    id: 'mandelbrot',
    title: 'Mandelbrot zoom',
    text: 'About a billion iterations. Coarse squares first, then ever finer, then smooth edges.',
    choice: { label: 'Place', options: places },
    job: mandelbrotJob,
  },
  {
    id: 'sensors',
    title: 'A year of sensor data',
    text: '126 million quarter-second steps of weather, read each minute by a sensor with faults.',
    choice: { label: 'Climate', options: climates },
    job: sensorsJob,
  },
  {
    id: 'failing',
    title: 'A feed that breaks',
    text: 'Four million records to parse and check. One is cut off, and the task ends with its error.',
    job: feedJob,
  },
];

/** A tile for each kind of job; `start(job)` is called with a new job when its button is pressed. */
export function launchers(start) {
  return h('ul', { class: 'launchers', 'aria-label': 'Jobs to start' }, ...KINDS.map(kind => tile(kind, start)));
}

function tile({ id, title, text, choice, job }, start) {
  const select = choice && h('select', { class: 'select', id: `choice-${id}` },
    ...choice.options.map((option, index) => h('option', { value: index }, option.name)));
  return h('li', { class: 'launcher' },
    h('h2', { class: 'launcher__title' }, title),
    h('p', { class: 'launcher__text' }, text),
    h('div', { class: 'launcher__controls' },
      select && h('label', { class: 'field' }, h('span', { class: 'field__label' }, choice.label), select),
      h('button', {
        class: 'button button--primary', type: 'button', 'data-testid': `start-${id}`,
        onclick: () => start(select ? job(choice.options[select.value]) : job()),
      }, 'Start', h('span', { class: 'visually-hidden' }, ` ${title}`))));
}
