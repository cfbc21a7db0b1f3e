// The worker's side of a pool: small, and without wasm.

export * from '../../src/js/worker/index.js';
