// Tasks: run, retry, cancel, and what happens to them.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { asCompleted, gather, race, timeout } from '../../src/js/tasks/groups.js';
export { TaskManager, defaultManager } from '../../src/js/tasks/manager.js';
export { onTask } from '../../src/js/tasks/observe.js';
export { RetryPolicy, retryAfter } from '../../src/js/tasks/retry.js';
export { run } from '../../src/js/tasks/run.js';
export { NonRetryableError } from '../../src/js/base/border.js';
