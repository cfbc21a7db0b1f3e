export * from './lib/index.js';
export * from './lib/init.js';
export { default } from './lib/init.js';
