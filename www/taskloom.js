// The one place that says where the library is served.
export * from './taskloom/taskloom.js';
export { default } from './taskloom/taskloom.js';
