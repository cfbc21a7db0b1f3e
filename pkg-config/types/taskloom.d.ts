import type { InitOptions, ModuleSource } from './tasks.js';

export * from './slim.js';

/**
 * Loads the WebAssembly module beside this file and starts the library. Call it once before anything else; calling it
 * again, also at the same time, gives the same promise, and a load that failed is tried again by the next call.
 *
 * In Node, Bun and Deno it reads that file from the disk. Nothing else has to be done there: tasks run as in a page, state and caches are this process's,
 * and timers do not keep the process alive, except while somebody waits for a task. There is no {@link WorkerPool}.
 *
 * Rejects with `load-failed` if the module can't be fetched or compiled, with `build-mismatch` if it is of another build of the library, and with `panic`
 * after an internal error, unless `restart` is set. After a failed load tasks fail with the same error; in Node the rejection counts as handled, so that a
 * server that renders without the wasm goes on.
 *
 * A bundle that is no ES module (IIFE, CommonJS) can't know where the module is: give its URL, as in `init('/assets/taskloom_bg.wasm')`.
 *
 * @example
 * ```ts
 * import init, { run } from 'taskloom';
 * await init();
 * ```
 */
export function init(options?: InitOptions | ModuleSource): Promise<void>;
export default init;
