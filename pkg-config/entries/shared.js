// State that tabs share.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { sharedState } from '../../src/js/shared/index.js';
