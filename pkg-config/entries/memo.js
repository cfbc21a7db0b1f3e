// The memo cache.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { cacheData, cacheResource } from '../../src/js/memo/index.js';
export { objectId } from '../../src/js/memo/key.js';
export { job } from '../../src/js/base/job.js';
