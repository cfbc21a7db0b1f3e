import { h } from '../../shell/dom.js';
import { setText } from '../shared/set-text.js';
import { Board } from './board.js';
import { EventLog } from './event-log.js';
import { JobQueue } from './job-queue.js';
import { retrying } from './retrying.js';
import { steering } from './steering.js';

export const title = 'Queue';
export const blurb = 'Jobs that often fail, in a manager with a few places. They wait by priority, and after a failure '
  + 'they keep their place and try again a little later.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'Submitting', url: file('./job-queue.js'), region: 'submit' },
  { label: 'Manager', url: file('./job-queue.js'), region: 'manager' },
  { label: 'Job', url: file('./job.js'), region: 'job' },
  { label: 'Waits', url: file('./retrying.js'), region: 'retry' },
  { label: 'Events', url: file('./job-queue.js'), region: 'events' },
];

const rateFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function mount(element) {
  const settings = {
    failureRate: 0.4,
    retry: { maxAttempts: 4, baseDelay: 400, maxDelay: 4000, multiplier: 2, jitter: 0.3 },
    deadline: '8s',
  };
  const board = new Board();
  const log = new EventLog();
  const message = h('p', { class: 'queue__message', role: 'status', 'data-testid': 'message' });
  const attempts = h('dd', { 'data-testid': 'attempts' });
  const throughput = h('dd', { 'data-testid': 'throughput' });
  const empty = 'Nothing waits. Add 20 jobs and watch what becomes of them.';

  const queue = new JobQueue({
    settings,
    concurrency: 4,
    onEvent: event => { log.add(event); changed(); },
    onIdle: () => {
      const { done, error, cancelled } = queue.counts;
      say(`Nothing waits any more: ${done} done, ${error} failed, ${cancelled} cancelled.`);
    },
  });

  let frame = 0;
  const changed = () => { frame ||= requestAnimationFrame(render); };
  const say = text => { message.textContent = text; };

  /** Draws in each frame for as long as something moves. */
  function render() {
    frame = 0;
    const now = performance.now();
    const counts = board.render(queue, now);
    steer.render(counts);
    log.render();
    setText(attempts, String(queue.attempts));
    if (queue.jobs.size > 0 || counts.fading) changed();
    if (queue.jobs.size > 0) setText(throughput, rateFormat.format(queue.throughput(now)));
  }

  const steer = steering(queue, { changed, say });
  element.append(
    steer.element,
    h('section', { class: 'queue', 'aria-labelledby': 'queue-heading' },
      h('div', { class: 'queue__bar' },
        h('h2', { id: 'queue-heading' }, 'Queue'),
        message,
        h('dl', { class: 'queue__figures' },
          h('div', {}, h('dt', {}, 'Attempts made'), attempts),
          h('div', {}, h('dt', {}, 'Done a second'), throughput))),
      board.element),
    h('div', { class: 'queue__below' }, retrying(settings), log.element));
  say(empty);
  setText(throughput, rateFormat.format(0));
  render();

  return () => {
    queue.dispose();
    cancelAnimationFrame(frame);
    element.replaceChildren();
  };
}
