// What the package exports. Importing it loads and runs nothing.

import { initialize } from './engine.js';
import { TaskloomError, invalid } from './errors.js';
import { TaskManager, defaultManager } from './manager.js';
import { trace } from './observe.js';
import { checkBoolean } from './options.js';

export { TaskloomError } from './errors.js';
export { runInExecutor } from './executor.js';
export { asCompleted, gather, race, timeout } from './groups.js';
export { job } from './job.js';
export { cacheData, cacheResource } from './memo/index.js';
export { objectId } from './memo/key.js';
export { sessionTasks } from './named.js';
export { onTask } from './observe.js';
export { WorkerPool, transfer } from './pool/index.js';
export { NonRetryableError } from './border.js';
export { RetryPolicy, retryAfter } from './retry.js';
export { Cron } from './schedule/cron.js';
export { getScheduler, scheduleCron, scheduleInterval } from './schedule/index.js';
export { sessionStore, stateRef } from './state/store.js';
export { TaskManager, defaultManager };

/** The source of the wasm module, compiled once: a module, a URL, a Response, bytes, or a promise of one of these. */
async function compile(source) {
  source = await source;
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === 'string' || source instanceof URL || (typeof Request === 'function' && source instanceof Request)) {
    source = await fetch(source);
  }
  if (source instanceof Response) {
    if (!source.ok) throw new Error(`${source.url} answered ${source.status}`);
    // Streaming wants the MIME type; a server that has it wrong only costs the head start.
    const isWasm = source.headers.get('Content-Type')?.startsWith('application/wasm');
    if (isWasm) return WebAssembly.compileStreaming(source);
    source = await source.arrayBuffer();
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  throw invalid('the wasm module', source, 'a WebAssembly.Module, a URL, a Response or the bytes');
}

const isOptions = value =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** `init(module)` or `init({ module, restart, trace })`; `defaultModule` is where the entry point knows the wasm to be. */
export function init(input, defaultModule) {
  const options = isOptions(input) ? input : { module: input };
  const { module = defaultModule, restart = false, trace: traced } = options;
  try {
    checkBoolean('restart', restart);
    checkBoolean('trace', traced ?? false);
  } catch (error) {
    return Promise.reject(error);
  }
  if (traced !== undefined) trace(traced);
  return initialize(() => {
    if (module === undefined) {
      return Promise.reject(new TaskloomError('invalid-argument',
        "init() of 'taskloom/slim' needs the wasm module: await init(new URL('…/taskloom_bg.wasm', import.meta.url))"));
    }
    return compile(module);
  }, { restart });
}

export function run(fn, options) {
  const manager = options?.manager;
  if (manager === undefined || manager === null) return defaultManager.submit(fn, options);
  if (!(manager instanceof TaskManager)) throw invalid('manager', manager, 'a TaskManager');
  return manager.submit(fn, options);
}
