// The whole library as one file, for those who load the wasm themselves: init() must be given the module.

export * from '../../src/js/index.js';
export { init as default } from '../../src/js/index.js';
