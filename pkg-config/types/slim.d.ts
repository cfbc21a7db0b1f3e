import type { InitOptions, ModuleSource } from './lib/base.js';

export * from './lib/index.js';
export { initSync } from './lib/init.js';

/**
 * Starts the library with a module that you have loaded yourself, for instance from a CDN or a bundle.
 *
 * Rejects with `invalid-argument` without a module, with `load-failed` if it can't be fetched or compiled, with
 * `build-mismatch` if it is of another build of the library, and with `panic` after an internal error, unless `restart` is set.
 *
 * @example
 * ```ts
 * import { init } from 'taskloom/slim';
 * await init(new URL('/assets/taskloom_bg.wasm', location.href));
 * ```
 */
export function init(module: ModuleSource | (InitOptions & { module: ModuleSource })): Promise<void>;
export function init(options: InitOptions & { restart: true }): Promise<void>;
export default init;
