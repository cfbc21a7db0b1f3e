// What the package exports. Importing it loads and runs nothing.

export { NonRetryableError } from './base/border.js';
export { TaskloomError } from './base/errors.js';
export { init, initSync } from './base/init.js';
export { job } from './base/job.js';
export { runInExecutor } from './executor/index.js';
export { cacheData, cacheResource } from './memo/index.js';
export { objectId } from './memo/key.js';
export { callback, transfer } from './pool/arguments.js';
export { WorkerPool } from './pool/index.js';
export { Cron } from './schedule/cron.js';
export { getScheduler, scheduleCron, scheduleInterval, scheduleOnce } from './schedule/index.js';
export { sessionTasks } from './session-tasks/index.js';
export { sessionStore, stateRef } from './state/store.js';
export { asCompleted, gather, race, timeout } from './tasks/groups.js';
export { TaskManager, defaultManager } from './tasks/manager.js';
export { onTask } from './tasks/observe.js';
export { RetryPolicy, retryAfter } from './tasks/retry.js';
export { run } from './tasks/run.js';
