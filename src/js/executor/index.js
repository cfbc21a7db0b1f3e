// Functions turned into functions that return tasks.

import * as constants from '#constants';
import { checkNames } from '../base/development.js';
import { invalid } from '../base/errors.js';
import { TaskManager, defaultManager } from '../tasks/manager.js';
import { cachedFunction } from '../memo/index.js';
import { Memo } from '../memo/memo.js';
import { checkBoolean, checkObject } from '../base/options.js';
import { jobOf } from '../pool/job.js';
import { Task } from '../tasks/task.js';

export function runInExecutor(fn, options = {}) {
  if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
  checkObject('options', options);
  if (DEV) checkNames('runInExecutor()', options);
  if (options.cache !== undefined && options.cache !== null) return cachedTasks(fn, options);
  const { executor = 'microtask', context = false, key, manager, ...taskOptions } = options;
  if (executor === 'worker') return inWorker(fn, options);
  if (executor !== 'microtask') throw invalid('executor', executor, "'microtask' or 'worker'");
  if (manager !== undefined && !(manager instanceof TaskManager)) throw invalid('manager', manager, 'a TaskManager');
  checkBoolean('context', context);

  const wrapper = function (...args) {
    const work = context ? ctx => fn.call(this, ctx, ...args) : () => fn.apply(this, args);
    return (manager ?? defaultManager).submit(work, {
      ...taskOptions,
      name: taskOptions.name ?? fn.name,
      key: keyOf(key, this, args),
    });
  };
  // What it looks like is what its callers pass: the context is not theirs.
  Object.defineProperty(wrapper, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: Math.max(0, fn.length - (context ? 1 : 0)), configurable: true });
  return wrapper;
}

const keyOf = (key, self, args) => (typeof key === 'function' ? key.apply(self, args) : key);

function inWorker(fn, { executor: _, context, manager, key, ...options }) {
  const job = jobOf(fn);
  if (!job) throw invalid('the function', fn, "a job of a pool for the executor 'worker': pool.job('name')");
  if (context) throw invalid('context', context, "left out for the executor 'worker': a job made with job() has its context there");
  if (manager !== undefined) throw invalid('manager', manager, "left out for the executor 'worker': its calls wait in the line of the pool");
  const wrapper = function (...args) {
    const own = key === undefined ? {} : { key: keyOf(key, this, args) };
    return job.pool.run(job.name, args, { ...job.options, ...options, ...own });
  };
  Object.defineProperty(wrapper, 'name', { value: fn.name, configurable: true });
  return wrapper;
}

/** What the callers of cached functions wait in: not in the line that the function itself may wait in. */
let callers;

/** Each call is a task of its own that waits for the one that is shared, or is done at once. Which arguments are the same is seen here, in workers nothing is. */
function cachedTasks(fn, { cache, signal, ...options }) {
  checkObject('cache', cache);
  const name = options.name ?? fn.name;
  const inWorker = runInExecutor(fn, { name, ...options }); // or wherever: now is the time to refuse options
  const memo = new Memo('data', options.executor === 'worker' ? inWorker : function (...args) {
    return runInExecutor(memo._marked((...given) => fn.apply(this, given), this, args), { name, ...options }).apply(this, args);
  }, { name, ...cache });
  memo._isLate = memo._isAsync = true; // its function returns tasks
  const wrapper = function (...args) {
    const served = memo.serve(this, args);
    if (served) return Task._restored(defaultManager, name, constants.STATE_DONE, served.value);
    callers ??= new TaskManager({ maxCompleted: 0 });
    return callers.submit(context => memo.call(this, args, { signal: context.signal, onProgress: context.progress }), { name, signal });
  };
  return Object.defineProperties(wrapper, {
    name: { value: fn.name, configurable: true },
    length: { value: Math.max(0, fn.length - (options.context ? 1 : 0)), configurable: true },
    cache: { value: cachedFunction(memo, fn), enumerable: true },
  });
}
