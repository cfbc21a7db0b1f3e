// Functions that run as tasks, in a worker or on the page.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { runInExecutor } from '../../src/js/executor/index.js';
