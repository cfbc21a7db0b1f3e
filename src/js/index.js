// What the package exports. Importing it loads and runs nothing.

import { initialize } from './base/engine.js';
import { TaskloomError, invalid } from './base/errors.js';
import { load } from './base/load.js';
import { TaskManager, defaultManager } from './tasks/manager.js';
import { trace } from './tasks/observe.js';
import { checkBoolean } from './base/options.js';
import { isRecord } from './base/values.js';

export { TaskloomError } from './base/errors.js';
export { runInExecutor } from './executor/index.js';
export { asCompleted, gather, race, timeout } from './tasks/groups.js';
export { job } from './base/job.js';
export { cacheData, cacheResource } from './memo/index.js';
export { objectId } from './memo/key.js';
export { sessionTasks } from './session-tasks/index.js';
export { onTask } from './tasks/observe.js';
export { WorkerPool, callback, transfer } from './pool/index.js';
export { NonRetryableError } from './base/border.js';
export { RetryPolicy, retryAfter } from './tasks/retry.js';
export { Cron } from './schedule/cron.js';
export { getScheduler, scheduleCron, scheduleInterval, scheduleOnce } from './schedule/index.js';
export { sessionStore, stateRef } from './state/store.js';
export { TaskManager, defaultManager };

const isOptions = value => typeof value === 'object' && value !== null && isRecord(value);

/** `init(module)` or `init({ module, restart, trace })`; `defaultModule()` is where the entry point knows the wasm to be. */
export function init(input, defaultModule) {
  const options = isOptions(input) ? input : { module: input };
  const { module, restart = false, trace: traced } = options;
  try {
    checkBoolean('restart', restart);
    checkBoolean('trace', traced ?? false);
  } catch (error) {
    return Promise.reject(error);
  }
  if (traced !== undefined) trace(traced);
  return initialize(async () => {
    if (module ?? defaultModule) return load(module ?? defaultModule());
    throw new TaskloomError('invalid-argument',
      "init() of 'taskloom/slim' needs the wasm module: await init(new URL('…/taskloom_bg.wasm', import.meta.url))");
  }, { restart });
}

export function run(fn, options) {
  const manager = options?.manager;
  if (manager === undefined || manager === null) return defaultManager._submit(fn, options, undefined);
  if (!(manager instanceof TaskManager)) throw invalid('manager', manager, 'a TaskManager');
  return manager.submit(fn, options);
}
