// Only in `build.mjs --testing`: the library together with the raw wasm functions, some of which break the instance.

export * from '../../src/js/index.js';
export { fault, follow, wasm } from '../../src/js/engine.js';
