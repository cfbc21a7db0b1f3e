/** Whether `await` would wait for it: one answer for tasks, caches, jobs and callbacks. Throws what a getter named `then` throws. */
export const isThenable = value =>
  value !== null && (typeof value === 'object' || typeof value === 'function') && typeof value.then === 'function';
