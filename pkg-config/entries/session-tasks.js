// Named tasks, which survive a reload.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { sessionTasks } from '../../src/js/session-tasks/index.js';
