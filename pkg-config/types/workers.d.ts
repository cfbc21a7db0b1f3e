export * from './lib/base.js';
export * from './lib/pool.js';
export { NonRetryableError } from './lib/tasks.js';
export * from './lib/init.js';
export { default } from './lib/init.js';
