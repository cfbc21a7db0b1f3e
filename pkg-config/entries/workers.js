// The page's side of worker pools.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { callback, transfer } from '../../src/js/pool/arguments.js';
export { WorkerPool } from '../../src/js/pool/index.js';
export { NonRetryableError } from '../../src/js/base/border.js';
