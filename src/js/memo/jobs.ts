// The executions of functions made by `job()`: each is a task, whose context the function gets.

import { tasksPart } from '#parts/tasks';
import { isReady } from '../base/engine.js';
import { defaultManager } from '../tasks/manager.js';

export const isUsable = (): boolean => isReady(tasksPart);

export const start = (work: (context: unknown) => unknown, name: string): unknown => defaultManager.submit(work, { name });
