// The one place that says where the library's file for workers is served.
export * from './taskloom/worker.js';
