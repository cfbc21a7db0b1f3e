// Who waits for whom among tasks, as far as it can be known: a parent for its child, who asked for a key for the task that has it, and who
// returned a task for that one. A task that would wait for itself is told so, instead of waiting for ever.

import { TaskloomError } from '../base/errors.js';

/** The task whose function is on the stack: known until its first `await`. An object, since to set it must call nothing: the stack may be used up. */
export const stack = { task: undefined };

/** An attempt waits, and no longer than until it has failed: the next may not. */
const waitsStill = ([task, context]) => !task.done && task._context === context && !context?._aborted;

/**
 * Notes that `waiter` waits for `other`. Throws `recursive-call` if `other` waits for `waiter`, be it through a chain of others. `what` names
 * what was asked for.
 */
export function noteWait(waiter, other, what) {
  const above = new Set([waiter]); // all that wait for the waiter
  for (const task of above) {
    if (task === other) {
      throw new TaskloomError('recursive-call', `the task ${waiter.name || waiter.id} would wait for itself for ever: ${what} is itself, or waits for it; ` +
        'call the function instead, or give it another key or name');
    }
    const rare = task._rare;
    if (rare?.parent && !rare.parent.done) above.add(rare.parent);
    for (const wait of rare?.waiting ?? []) if (waitsStill(wait)) above.add(wait[0]);
  }
  const more = other._more;
  const waiting = (more.waiting ??= new Map());
  waiting.set(waiter, waiter._context);
  if (waiting.size < more.sweepAt) return;
  for (const wait of waiting) if (!waitsStill(wait)) waiting.delete(wait[0]);
  more.sweepAt = 2 * waiting.size + 64;
}
