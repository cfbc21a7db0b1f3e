import { h } from '../../shell/dom.js';
import { seconds } from '../shared/format.js';
import { setText } from '../shared/set-text.js';

/** One of the manager's places, with the job that has it: running, or waiting for its next attempt. */
export class Place {
  constructor(index) {
    const id = `queue-place-${index}`;
    this.job = null;
    this.name = h('span', { class: 'place__name', id });
    this.attempt = h('span', { class: 'place__attempt', 'data-testid': 'attempt' });
    this.bar = h('progress', { max: '1', value: '0', 'aria-labelledby': id });
    this.note = h('span', { class: 'place__note', 'data-testid': 'place-note' });
    this.deadline = h('span', { class: 'place__deadline', 'data-testid': 'place-deadline' });
    this.cancel = h('button', {
      class: 'place__cancel', type: 'button', 'data-testid': 'cancel-job', 'aria-describedby': id,
      onclick: () => this.job?.task.cancel(),
    }, h('span', { class: 'visually-hidden' }, 'Cancel'), '×');
    this.element = h('li', { class: 'place', 'data-testid': 'place' },
      this.name, this.attempt, this.note, this.bar, this.deadline, this.cancel);
  }

  render(job, now) {
    this.job = job;
    this.setState(job === null ? 'free' : job.backOff ? 'backoff' : 'running');
    if (job === null) return this.clear();
    const { task } = job;
    setText(this.name, job.asked > 1 ? `${job.name} ×${job.asked}` : job.name);
    setText(this.attempt, `attempt ${task.attempt}`);
    if (job.backOff) this.countDown(job.backOff, now);
    else this.follow(task);
    setText(this.deadline, job.deadline ? `deadline ${seconds(Math.max(0, job.deadline - Date.now()))}` : '');
  }

  countDown({ until, length }, now) {
    const left = Math.max(0, until - now);
    this.bar.value = length > 0 ? left / length : 0;
    setText(this.note, `again in ${seconds(left)}`);
  }

  follow({ progress, timeLeft }) {
    this.bar.value = progress ? progress.value / progress.total : 0;
    setText(this.note, timeLeft === null ? '' : `${seconds(timeLeft)} left`);
  }

  clear() {
    setText(this.name, 'free');
    for (const part of [this.attempt, this.note, this.deadline]) setText(part, '');
    this.bar.value = 0;
  }

  setState(state) {
    if (this.element.dataset.state === state) return;
    this.element.dataset.state = state;
    this.cancel.setAttribute('aria-disabled', String(state === 'free'));
    this.cancel.tabIndex = state === 'free' ? -1 : 0; // it keeps the focus if it has it
  }
}
