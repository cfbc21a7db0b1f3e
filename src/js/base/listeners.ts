// Those who listen to one thing. They are told in a microtask, once for all changes until then.

import { TaskloomError, report, tell } from './errors.js';

export type Listener<Subject> = (subject: Subject) => void;

/** So many times in a row a listener may itself cause what it is told next: then it is taken for one that never ends. */
export const MAX_ROUNDS = 100;

export const loopError = (what: string) => new TaskloomError('listener-loop', `a listener of ${what} has changed it ${MAX_ROUNDS} times in a row, each time ` +
  'when it was told of the change before; the last change is told to nobody: change it only if there is something to change');

export class Listeners<Subject> {
  private _entries = new Set<{ listener: Listener<Subject> }>();
  private _isDue = false;
  private _isTelling = false;
  private _rounds = 0; // that the listeners themselves have caused, without a break

  get size() {
    return this._entries.size;
  }

  add(listener: Listener<Subject>) {
    const entry = { listener }; // so that one function that listens twice is called twice
    this._entries.add(entry);
    return () => void this._entries.delete(entry);
  }

  /** Has all of them told soon. `what` names it, for an error. */
  tell(subject: Subject, what: string) {
    if (this._isDue || this.size === 0) return;
    this._rounds = this._isTelling ? this._rounds + 1 : 0;
    if (this._rounds > MAX_ROUNDS) {
      if (this._rounds === MAX_ROUNDS + 1) report(loopError(what));
      return;
    }
    queueMicrotask(() => this._flush(subject));
    this._isDue = true;
  }

  private _flush(subject: Subject) {
    this._isDue = false;
    this._isTelling = true;
    try {
      for (const entry of [...this._entries]) if (this._entries.has(entry)) tell(entry.listener, subject); // an earlier one may have unsubscribed it
    } finally {
      this._isTelling = false;
    }
  }
}
