// What the package exports. Importing it loads and runs nothing.

import { initialize } from './engine.js';
import { TaskloomError, invalid } from './errors.js';
import { load } from './load.js';
import { TaskManager, defaultManager } from './manager.js';
import { trace } from './observe.js';
import { checkBoolean } from './options.js';
import { isRecord } from './values.js';

export { TaskloomError } from './errors.js';
export { runInExecutor } from './executor.js';
export { asCompleted, gather, race, timeout } from './groups.js';
export { job } from './job.js';
export { cacheData, cacheResource } from './memo/index.js';
export { objectId } from './memo/key.js';
export { sessionTasks } from './named.js';
export { onTask } from './observe.js';
export { WorkerPool, callback, transfer } from './pool/index.js';
export { NonRetryableError } from './border.js';
export { RetryPolicy, retryAfter } from './retry.js';
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
