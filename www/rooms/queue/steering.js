import { h } from '../../shell/dom.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { checkbox, choice, slider } from '../shared/controls.js';
import { RATE_LIMIT } from './job-queue.js';

const PRIORITIES = [['user-blocking', 'User-blocking'], ['user-visible', 'User-visible'], ['background', 'Background']];
const REPORT = 'report'; // the key of the job that is there once at most

/** What adds jobs to the queue and what steers its manager. `say(text)` tells the reader what came of it. */
export function steering(queue, { changed, say }) {
  let priority = 'user-visible';

  function add(count) {
    for (let i = 0; i < count; i++) queue.add({ priority });
    say(`${count === 1 ? '1 job' : `${count} jobs`} added.`);
    changed();
  }

  function addReport() {
    const job = queue.add({ priority, key: REPORT });
    const start = job.task.id.slice(0, 8);
    say(job.asked === 1
      ? `“${REPORT}” is a new task, ${start}. Press again while it is not done.`
      : `The same task, ${start}: asked for ${job.asked} times, runs once.`);
    changed();
  }

  function cancelled(count) {
    say(`${count} ${count === 1 ? 'job' : 'jobs'} cancelled.`);
    changed();
  }

  const pause = toolbarButton('Pause', 'pause', () => {
    queue.setPaused(!queue.manager.isPaused);
    pause.textContent = queue.manager.isPaused ? 'Resume' : 'Pause';
    say(queue.manager.isPaused ? 'Paused: nothing new starts, what runs goes on.' : 'Resumed.');
    changed();
  });
  const cancelWaiting = toolbarButton('Cancel waiting', 'cancel-waiting', () => cancelled(queue.cancelWaiting()));
  const cancelAll = toolbarButton('Cancel all', 'cancel-all', () => cancelled(queue.cancelAll()));

  const element = h('section', { class: 'steering', 'aria-label': 'Add and steer' },
    h('div', { class: 'steering__group steering__group--add' },
      choice({ label: 'Priority of what is added', testid: 'priority', options: PRIORITIES, value: priority, onChange: value => { priority = value; } }),
      h('div', { class: 'button-row' },
        toolbarButton('Add 1', 'add-1', () => add(1), { primary: true }),
        toolbarButton('Add 20', 'add-20', () => add(20), { primary: true }),
        toolbarButton('Add “report”', 'add-report', addReport))),
    h('div', { class: 'steering__group' },
      slider({
        label: 'Concurrency', testid: 'concurrency', min: 1, max: 8, value: queue.manager.concurrency, format: String,
        onChange: value => { queue.setConcurrency(value); changed(); },
      }),
      h('div', { class: 'button-row' }, pause, cancelWaiting, cancelAll)),
    checkbox({
      label: `Start at most ${RATE_LIMIT.limit} a second (a new manager; the old one’s jobs are cancelled)`,
      testid: 'rate-limit',
      onChange: rateLimited => {
        const dropped = queue.jobs.size;
        queue.setRateLimited(rateLimited);
        say(`A new manager, ${rateLimited ? 'with' : 'without'} a rate limit.${dropped > 0 ? ` The old one’s ${dropped} jobs are cancelled.` : ''}`);
        changed();
      },
    }));

  return {
    element,
    render({ waiting, held }) {
      setEnabled(cancelWaiting, waiting > 0);
      setEnabled(cancelAll, waiting + held > 0);
    },
  };
}
