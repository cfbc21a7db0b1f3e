// Session state.

export { TaskloomError } from '../../src/js/base/errors.js';
export { init, init as default, initSync } from '../../src/js/base/init.js';
export { sessionStore, stateRef } from '../../src/js/state/store.js';
