// The one place that says where the entry of shared state is served.
export * from './taskloom/shared.js';
