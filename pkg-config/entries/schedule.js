// Schedules, and cron expressions.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { Cron } from '../../src/js/schedule/cron.js';
export { getScheduler, scheduleCron, scheduleInterval, scheduleOnce } from '../../src/js/schedule/index.js';
