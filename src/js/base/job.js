// Functions that get a context before their arguments: in a worker, and in a cache.

import { invalid } from './errors.js';

const jobsWithContext = new WeakSet();

/** Marks a function as one that gets the context before its arguments. */
export function job(fn) {
  if (typeof fn !== 'function') throw invalid('the job', fn, 'a function');
  const wrapped = function (...args) { return fn.apply(this, args); };
  Object.defineProperty(wrapped, 'name', { value: fn.name, configurable: true });
  jobsWithContext.add(wrapped);
  return wrapped;
}

export const takesContext = fn => jobsWithContext.has(fn);
