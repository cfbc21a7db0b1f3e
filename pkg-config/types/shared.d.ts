export * from './lib/base.js';
export * from './lib/shared.js';
export * from './lib/init.js';
export { default } from './lib/init.js';
