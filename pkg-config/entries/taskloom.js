// The package's main entry. Bundlers leave out what an app does not import.

export * from '../../src/js/index.js';
export { init as default } from '../../src/js/index.js';
