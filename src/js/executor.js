// Functions turned into functions that return tasks.

import { invalid } from './errors.js';
import { TaskManager, defaultManager } from './manager.js';
import { checkBoolean, checkObject } from './options.js';

export function runInExecutor(fn, options = {}) {
  if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
  checkObject('options', options);
  const { executor = 'microtask', context = false, key, manager, ...taskOptions } = options;
  if (executor !== 'microtask') throw invalid('executor', executor, "'microtask'");
  if (manager !== undefined && !(manager instanceof TaskManager)) throw invalid('manager', manager, 'a TaskManager');
  checkBoolean('context', context);

  const wrapper = function (...args) {
    const work = context ? ctx => fn.call(this, ctx, ...args) : () => fn.apply(this, args);
    return (manager ?? defaultManager).submit(work, {
      name: fn.name,
      ...taskOptions,
      key: typeof key === 'function' ? key.apply(this, args) : key,
    });
  };
  // What it looks like is what its callers pass: the context is not theirs.
  Object.defineProperty(wrapper, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: Math.max(0, fn.length - (context ? 1 : 0)), configurable: true });
  return wrapper;
}
