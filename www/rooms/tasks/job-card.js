import { h, onThemeChange } from '../../shell/dom.js';
import { run } from '../../taskloom.js';
import { percent, seconds } from '../shared/format.js';
import { setText } from '../shared/set-text.js';

const STATE_TEXT = { pending: 'Pending', running: 'Running', done: 'Done', error: 'Failed', cancelled: 'Cancelled' };

/**
 * Runs a job as a task and shows it. A job is `{ kind, name, canvas, work(ctx), draw(values, state),
 * redraw?(state), rows(result) }`; its progress values carry a `fraction`.
 *
 * `onSettled(card)` and `onRemove(card)` are called when the task has ended and when the reader is done with it.
 */
export class JobCard {
  constructor(job, { signal, onSettled, onRemove }) {
    this.job = job;
    this.onSettled = onSettled;
    this.onRemove = onRemove;
    this.fraction = 0;
    this.build();

    // #region page
    const task = run(ctx => job.work(ctx), { name: job.name, signal });

    const unsubscribe = task.subscribe(() => this.show()); // its state or its progress changed
    this.cancelButton.onclick = () => task.cancel();
    // #endregion

    this.task = task;
    this.cleanups = [unsubscribe, onThemeChange(() => job.redraw?.(task.state))];
    job.draw([], task.state);
    this.show();
    this.frame();
  }

  build() {
    const { job } = this;
    const id = `job-${crypto.randomUUID()}`;
    this.state = h('span', { class: 'badge', 'data-testid': 'state' });
    this.bar = h('progress', { max: '1', value: '0', 'aria-labelledby': id, 'data-testid': 'progress' });
    this.percentage = h('span', { class: 'card__percentage' });
    this.elapsed = h('span', { class: 'card__elapsed', 'data-testid': 'elapsed' });
    this.outcome = h('div', { class: 'card__outcome' });
    this.cancelButton = h('button', { class: 'button button--small', type: 'button', 'data-testid': 'cancel', 'aria-describedby': id }, 'Cancel');
    this.removeButton = h('button', {
      class: 'button button--small button--quiet', type: 'button', hidden: true, 'data-testid': 'remove', 'aria-describedby': id,
      onclick: () => this.onRemove(this),
    }, 'Remove');
    this.element = h('li', { class: 'card', 'data-testid': 'card', 'data-kind': job.kind },
      h('header', { class: 'card__header' }, h('h3', { id }, job.name), this.state),
      h('div', { class: 'card__canvas' }, job.canvas),
      h('div', { class: 'card__progress' }, this.bar, this.percentage),
      this.outcome,
      h('footer', { class: 'card__footer' }, this.elapsed, this.cancelButton, this.removeButton));
  }

  get done() {
    return this.task.done;
  }

  /** Shows what changed at once; pictures wait for the next frame. */
  show() {
    const { task } = this;
    if (this.element.dataset.state === task.state) return;
    this.element.dataset.state = task.state;
    this.state.textContent = STATE_TEXT[task.state];
    if (task.done) this.settle();
  }

  /** Draws in each frame for as long as the task runs. */
  frame() {
    if (this.task.done || this.removed) return;
    this.draw();
    requestAnimationFrame(() => this.frame());
  }

  // #region page
  draw() {
    const { task, job } = this;
    const values = task.drainProgress(); // what came in since the last frame
    if (values.length > 0) {
      job.draw(values, task.state);
      this.fraction = values.at(-1).fraction;
    }
    this.showFigures(); // progress bar, percentage, elapsed time
  }

  settle() {
    const { task, job, outcome } = this;
    this.draw();
    if (task.state === 'done') outcome.append(resultList(job.rows(task.result)));
    if (task.state === 'error') outcome.append(errorReport(task.error));
    if (task.state === 'cancelled') outcome.append(note(`Stopped at ${this.percentage.textContent}.`));
    this.finish();
  }
  // #endregion

  showFigures() {
    const { startedAt, finishedAt } = this.task;
    this.bar.value = this.fraction;
    setText(this.percentage, percent(Math.floor(this.fraction * 100) / 100));
    setText(this.elapsed, seconds(startedAt ? (finishedAt ?? new Date()) - startedAt : 0));
  }

  /** Draws the end of the job, and offers to remove the card where it offered to cancel. */
  finish() {
    this.job.draw([], this.task.state);
    const hadFocus = document.activeElement === this.cancelButton;
    this.cancelButton.hidden = true;
    this.removeButton.hidden = false;
    if (hadFocus) this.removeButton.focus();
    this.onSettled(this);
  }

  /** Cancels the task if it still runs and takes the card off the page. */
  remove() {
    this.removed = true;
    for (const cleanup of this.cleanups) cleanup();
    this.task.cancel();
    this.element.remove();
  }
}

const note = text => h('p', { class: 'card__note', 'data-testid': 'note' }, text);

const resultList = rows => h('dl', { class: 'result', 'data-testid': 'result' },
  ...rows.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value))));

const errorReport = error => h('div', { class: 'failure', 'data-testid': 'error' },
  h('p', { class: 'failure__name' }, error.name, error.code ? h('code', {}, error.code) : null),
  h('p', {}, error.message),
  error.cause ? h('p', { class: 'failure__cause' }, `Cause: ${error.cause.name}: ${error.cause.message}`) : null);
