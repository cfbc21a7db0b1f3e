// What the Rust side of a job says to the JavaScript around it.

import { NonRetryableError } from '../../js/base/border.js';
import { TaskloomError } from '../../js/base/errors.js';

/** A job has returned an error: `failure` is the error itself, as data. */
export class JobError extends Error {
  constructor(message, failure) {
    super(message);
    this.failure = failure;
  }
  get name() {
    return 'JobError';
  }
}

export const jobError = (message, failure) => new JobError(message, failure);

export const unreadable = message => new NonRetryableError(new TaskloomError('not-serializable', message));

/** Whether it is an answer, rather than the end of the instance. */
export const isAnswer = error => error instanceof JobError || error instanceof NonRetryableError;

let panicListener = () => {};
export const onPanic = listener => {
  panicListener = listener;
};
/** Called by the panic hook, just before the instance traps. */
export const reportPanic = message => panicListener(message);
