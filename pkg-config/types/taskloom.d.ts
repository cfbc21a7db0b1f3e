import type { InitOptions, ModuleSource } from './tasks.js';

export * from './slim.js';

/**
 * Loads the WebAssembly module beside this file and starts the library. Call it once before anything else; calling it
 * again, also at the same time, gives the same promise, and a load that failed is tried again by the next call.
 *
 * In Node, Bun and Deno it reads that file from the disk. Nothing else has to be done there: tasks run as in a page, state and caches are this process's,
 * and timers do not keep the process alive, except while somebody waits for a task. There is no {@link WorkerPool}.
 *
 * Rejects with `load-failed` if the module can't be fetched or compiled, and with `panic` after an internal error,
 * unless `restart` is set.
 *
 * @example
 * ```ts
 * import init, { run } from 'taskloom';
 * await init();
 * ```
 */
export function init(options?: InitOptions | ModuleSource): Promise<void>;
export default init;
