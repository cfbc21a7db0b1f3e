// The package's main entry: it knows where the wasm is. Bundlers read the URL below and bring the file along.

import { init as initialize } from './slim.js';

export * from './slim.js';

/** Only when it is asked for: a bundle that is no ES module has no import.meta.url. */
export const init = options => initialize(options, () => new URL('./taskloom_bg.wasm', import.meta.url));
export default init;
