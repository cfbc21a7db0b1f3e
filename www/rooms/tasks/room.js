import { h } from '../../shell/dom.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { feedJob } from './feed/view.js';
import { JobCard } from './job-card.js';
import { launchers } from './launchers.js';
import { mandelbrotJob } from './mandelbrot/view.js';
import { places } from './mandelbrot/places.js';
import { sensorsJob } from './sensors/view.js';
import { climates } from './sensors/weather.js';
import { tryThePage } from './try-the-page.js';

export const title = 'Tasks';
export const blurb = 'Start work that takes seconds. All of it runs on this page’s own thread, in slices of a few '
  + 'milliseconds, and between two slices the page scrolls, types and draws.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'On the page', url: file('./job-card.js'), region: 'page' },
  { label: 'Mandelbrot', url: file('./mandelbrot/job.js'), region: 'job' },
  { label: 'Sensors', url: file('./sensors/job.js'), region: 'job' },
  { label: 'Failing feed', url: file('./feed/job.js'), region: 'job' },
  { label: 'Without checkpoints', url: file('./block-the-page.js'), region: 'block' },
];

const VERBS = { done: 'is done', error: 'failed', cancelled: 'was cancelled' };

export function mount(element) {
  const room = new AbortController(); // leaving the room cancels what runs in it
  const cards = new Set();
  let rounds = 0;

  const list = h('ul', { class: 'cards', 'aria-labelledby': 'jobs-heading' });
  const empty = h('p', { class: 'cards__empty' }, 'Nothing here yet. Start a job above; several run side by side.');
  const heading = h('h2', { id: 'jobs-heading', tabindex: '-1' }, 'Jobs');
  const count = h('span', { class: 'jobs__count', 'data-testid': 'count' });
  const announcer = h('p', { class: 'visually-hidden', role: 'status' });
  const cancelAll = toolbarButton('Cancel all', 'cancel-all', () => running().forEach(card => card.task.cancel()));
  const removeFinished = toolbarButton('Remove finished', 'remove-finished', () => finished().forEach(remove));
  const startSeveral = toolbarButton('Start several', 'start-several', several);

  const running = () => [...cards].filter(card => !card.done);
  const finished = () => [...cards].filter(card => card.done);

  function start(job) {
    const card = new JobCard(job, { signal: room.signal, onSettled: settled, onRemove: remove });
    cards.add(card);
    list.prepend(card.element);
    refresh();
  }

  /** One of each kind, in other places at each press. */
  function several() {
    start(feedJob());
    start(sensorsJob(climates[rounds % climates.length]));
    start(mandelbrotJob(places[rounds % places.length]));
    rounds++;
  }

  function settled(card) {
    announcer.textContent = `${card.task.name} ${VERBS[card.task.state]}.`;
    refresh();
  }

  function remove(card) {
    const hadFocus = card.element.contains(document.activeElement);
    cards.delete(card);
    card.remove();
    refresh();
    if (hadFocus) heading.focus();
  }

  function refresh() {
    const active = running().length;
    const ended = cards.size - active;
    count.textContent = cards.size === 0 ? '' : `${active} running, ${ended} finished`;
    empty.hidden = cards.size > 0;
    list.hidden = cards.size === 0;
    setEnabled(cancelAll, active > 0);
    setEnabled(removeFinished, ended > 0);
  }

  element.append(
    launchers(start),
    tryThePage(),
    h('section', { class: 'jobs', 'aria-labelledby': 'jobs-heading' },
      h('div', { class: 'jobs__bar' },
        h('div', { class: 'jobs__title' }, heading, count),
        h('div', { class: 'button-row' }, startSeveral, cancelAll, removeFinished)),
      announcer, empty, list));
  refresh();

  return () => {
    room.abort();
    for (const card of cards) card.remove();
    element.replaceChildren();
  };
}
