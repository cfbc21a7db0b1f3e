import { RetryPolicy, TaskManager, onTask } from '../../taskloom.js';
import { Job } from './job.js';

export const RATE_LIMIT = { limit: 3, per: '1s' };
const RECENT = 18; // finished jobs that may still be shown
const WINDOW_MS = 10_000;

/**
 * A manager's jobs, as its events tell of them. `settings` is read whenever it is needed: `{ failureRate, retry, deadline }`.
 * `onEvent({ type, job, time })` hears of each event, `onIdle()` when nothing waits or runs any more.
 */
export class JobQueue {
  constructor({ settings, concurrency, onEvent, onIdle }) {
    this.settings = settings;
    this.onEvent = onEvent;
    this.onIdle = onIdle;
    this.jobs = new Map(); // by task: those that wait or run, in the order they were added
    this.recent = []; // { job, state, at }, oldest first
    this.counts = { done: 0, error: 0, cancelled: 0 };
    this.attempts = 0;
    this.added = 0;
    this.doneAt = []; // within the last ten seconds
    this.busySince = null;
    this.openManager({ concurrency, rateLimited: false });
    this.listen();
  }

  // #region manager
  openManager({ concurrency, rateLimited }) {
    const wasPaused = this.manager?.isPaused;
    this.manager?.[Symbol.dispose](); // cancels what it has
    this.manager = new TaskManager({
      concurrency,
      maxQueue: 200, // one more fails with the code queue-full
      maxCompleted: 0, // the room keeps what it shows
      rateLimit: rateLimited ? RATE_LIMIT : undefined,
    });
    if (wasPaused) this.manager.pause();
  }

  // #endregion
  /** The rate limit is fixed when a manager is made: a new one takes the place of the old one. */
  setRateLimited(rateLimited) {
    const { concurrency } = this.manager;
    this.openManager({ concurrency, rateLimited });
  }

  // #region manager
  setConcurrency(concurrency) {
    this.manager.concurrency = concurrency;
  }

  setPaused(paused) {
    if (paused) this.manager.pause();
    else this.manager.resume();
  }

  cancelWaiting() {
    return this.manager.cancelWaiting();
  }

  cancelAll() {
    return this.manager.cancelAll();
  }

  dispose() {
    this.stopListening();
    this.manager[Symbol.dispose]();
  }
  // #endregion

  /** Adds a job. With a `key`, gives the job of this key that is not over yet, if there is one. */
  add({ priority, key }) {
    const { settings } = this;
    const number = this.added + 1;
    const job = new Job({ number, name: key ?? `job ${number}`, priority, failureRate: () => settings.failureRate });
    const task = this.submit(job, key);
    const same = this.jobs.get(task);
    if (same) {
      same.asked++;
      return same;
    }
    this.added = number;
    job.task = task;
    if (this.jobs.size === 0) this.getBusy();
    this.jobs.set(task, job);
    return job;
  }

  // #region submit
  submit(job, key) {
    const policy = new RetryPolicy({
      ...this.settings.retry, // maxAttempts, baseDelay, maxDelay, multiplier, jitter
      // Asked after each failure that is tried again: the policy's own wait, noted so that the page can count it down.
      delayFrom: error => {
        const wait = policy.delayForAttempt(job.task.attempt - 1);
        job.backsOff(wait, error);
        return wait;
      },
    });
    return this.manager.submit(ctx => job.work(ctx), {
      name: job.name,
      priority: job.priority,
      retry: policy,
      timeout: this.settings.deadline, // from its start, all attempts and waits included
      key,
      deduplicate: key !== undefined, // gives the task of this key that is not over yet, if there is one
      progressBuffer: 1, // only the latest value is shown
    });
  }
  // #endregion

  // #region events
  listen() {
    this.stopListening = onTask(({ type, task, time }) => {
      const job = this.jobs.get(task);
      if (!job) return; // another part of the page's
      if (type === 'started' || type === 'retried') this.attempts++;
      if (type === 'settled') this.settle(job, task.state, time);
      this.onEvent({ type, job, time });
    });
  }

  settle(job, state, time) {
    this.jobs.delete(job.task);
    this.counts[state]++;
    if (state === 'done') this.doneAt.push(time);
    this.recent.push({ job, state, at: time });
    if (this.recent.length > RECENT) this.recent.shift();
  }
  // #endregion

  getBusy() {
    const { manager } = this;
    this.busySince = performance.now();
    this.doneAt = [];
    manager.onIdle().then(() => {
      if (manager === this.manager && this.jobs.size === 0) this.onIdle();
    });
  }

  /** Jobs done a second, over the last ten seconds of work. */
  throughput(now) {
    if (this.busySince === null) return 0;
    while (this.doneAt[0] < now - WINDOW_MS) this.doneAt.shift();
    const span = Math.min(WINDOW_MS, now - this.busySince);
    return span > 0 ? this.doneAt.length * 1000 / Math.max(1000, span) : 0;
  }
}
