// The cells of the tests: an interpreter on this page, or in a worker of it.

import { boot, run } from './cell.js';

let worker;

/** Starts the interpreter; resolves to the names of the tests. */
globalThis.start = options => (options.inWorker ? ask('boot', options) : boot(options));
/** Runs one of the tests; resolves to what was wrong, an empty text if nothing. */
globalThis.runTest = name => (worker ? ask('run', name) : run(name));
globalThis.isReady = true;

function ask(what, argument) {
  worker ??= new Worker('worker.js', { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onerror = event => reject(new Error(event.message));
    worker.onmessage = ({ data: { value, error } }) => (error === undefined ? resolve(value) : reject(new Error(error)));
    worker.postMessage({ what, argument });
  });
}
