// Several tasks at once. Each function takes tasks, or anything thenable, and gives plain promises.

import { checkNames } from '../base/development.js';
import { TaskloomError, invalid, isError, show } from '../base/errors.js';
import { defaultManager } from './manager.js';
import { checkBoolean, checkObject } from '../base/options.js';

function listOf(tasks) {
  if (typeof tasks?.[Symbol.iterator] !== 'function') throw invalid('tasks', tasks, 'an array or another iterable of tasks');
  return [...tasks];
}

const cancel = (task, reason) => {
  if (typeof task?.cancel === 'function') task.cancel(reason);
};

/** `{ task, index }` in the order of finishing, failed ones included. */
export function asCompleted(tasks) {
  const list = listOf(tasks);
  const finished = [];
  let next = 0; // by index, since shift() of a long list moves all that is behind
  let left = list.length;
  let wake;
  list.forEach((task, index) => {
    const finish = () => {
      finished.push({ task, index });
      wake?.();
    };
    Promise.resolve(task).then(finish, finish);
  });
  return (async function* () {
    while (left > 0) {
      if (next === finished.length) await new Promise(resolve => { wake = resolve; });
      left--;
      const entry = finished[next];
      finished[next++] = undefined; // what was read may be collected
      yield entry;
    }
  })();
}

/** What stands in a failed task's place can be told from a result, whatever was thrown. */
const asError = thrown => (isError(thrown) ? thrown : new Error(`${show(thrown)} was thrown`, { cause: thrown }));

/** All results in the order of the tasks. The first error rejects and cancels the rest, unless errors are wanted. */
export async function gather(tasks, options = {}) {
  const list = listOf(tasks);
  checkObject('options', options);
  if (DEV) checkNames('gather()', options);
  const { returnErrors = false } = options;
  checkBoolean('returnErrors', returnErrors);
  if (returnErrors) return Promise.all(list.map(task => Promise.resolve(task).catch(asError)));
  try {
    return await Promise.all(list);
  } catch (error) {
    for (const task of list) cancel(task, error);
    throw error;
  }
}

/** What the first task to finish gives, a result or an error; the rest is cancelled. */
export async function race(tasks) {
  const list = listOf(tasks);
  if (list.length === 0) throw new TaskloomError('invalid-argument', 'race() was given no tasks, and would never end; give it at least one');
  try {
    return await Promise.race(list);
  } finally {
    for (const task of list) cancel(task);
  }
}

/** The result of a task if it comes in time; else a TimeoutError, and the task is cancelled with it. */
export async function timeout(task, within) {
  if (within === undefined || within === null) throw invalid('the time', within, "a duration such as '5s'");
  // Ends with the wait, not with the task: one that never settles must not leave anything behind.
  const wait = ({ signal }) => new Promise((resolve, reject) => {
    Promise.resolve(task).then(resolve, reject);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const limited = defaultManager.submit(wait, { timeout: within, name: task?.name && String(task.name) });
  try {
    return await limited;
  } catch (error) {
    cancel(task, error);
    throw error;
  }
}
