// `run`: a task in the background.

import { checkNames } from '../base/development.js';
import { invalid } from '../base/errors.js';
import { TaskManager, defaultManager } from './manager.js';
import type { Task } from './task.js';

type Handle = InstanceType<typeof Task>;

export function run(fn: unknown, options?: { manager?: unknown }): Handle {
  if (DEV) checkNames('run()', options);
  const manager = options?.manager;
  if (manager === undefined || manager === null) return defaultManager._submit(fn, options, undefined);
  if (!(manager instanceof TaskManager)) throw invalid('manager', manager, 'a TaskManager');
  return manager.submit(fn, options);
}
