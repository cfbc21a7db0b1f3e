// Only in `build.mjs --testing`: the library together with the raw wasm functions, some of which break the instance.

export * from '../../src/js/index.js';
export { fault } from '../../src/js/base/engine.js';
export { follow } from '../../src/js/tasks/driver.js';
export * as wasm from '#wasm';
