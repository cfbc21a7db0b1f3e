// The package's main entry: it knows where the wasm is. Bundlers read the URL below and bring the file along.

import { init as initialize } from './slim.js';

export * from './slim.js';

export const init = options => initialize(options, () => new URL('./taskloom_bg.wasm', import.meta.url));
export default init;
