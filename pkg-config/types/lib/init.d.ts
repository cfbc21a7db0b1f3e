import type { InitOptions, ModuleSource } from './base.js';

/**
 * Loads the parts of the WebAssembly module that what is imported needs, from beside the package's files, and starts the library. Call it where
 * an app starts, before what answers at once; what can wait calls it itself. Calling it again, also at the same time, gives the same promise, and a load
 * that failed is tried again by the next call. A module that it is given takes the place of what a call has begun to load. What is imported later, by
 * `import()`, has its part when `init()` is called once more, or with the first call that can wait.
 *
 * In Node, Bun and Deno it reads these files from the disk. Nothing else has to be done there: tasks run as in a page, state and caches are this process's,
 * and timers do not keep the process alive, except while somebody waits for a task. There is no {@link WorkerPool}.
 *
 * Rejects with `load-failed` if a part can't be fetched or compiled, with `build-mismatch` if it is of another build of the library, and with `panic`
 * after an internal error, unless `restart` is set. Where one part fails, the others begin all the same. After a failed load tasks fail with the same error; in Node the rejection counts as handled, so that a
 * server that renders without the wasm goes on.
 *
 * A bundle that is no ES module (IIFE, CommonJS) can't know where the parts are: give the URL of the whole, as in `init('/assets/taskloom_bg.wasm')`.
 *
 * @example
 * ```ts
 * import init, { run } from 'taskloom';
 * await init();
 * ```
 */
export function init(options?: InitOptions | ModuleSource): Promise<void>;
export default init;

/**
 * The same at once, for who can't wait and has the whole module (`taskloom/wasm`): compiled, or its bytes, which browsers compile while the page stands
 * still. Throws what `init()` rejects with, and `invalid-argument` if `init()` has begun with parts, and one that was imported later is missing.
 *
 * @example
 * ```ts
 * import { initSync, run } from 'taskloom';
 * initSync(await WebAssembly.compileStreaming(fetch('/assets/taskloom_bg.wasm')));
 * ```
 */
export function initSync(module: WebAssembly.Module | BufferSource | { module: WebAssembly.Module | BufferSource }): void;
