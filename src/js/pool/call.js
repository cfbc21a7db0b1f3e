// A call of a job in a worker: a task whose function runs elsewhere.

import * as constants from '#constants';
import * as wasm from '#wasm';
import { notSerializable, unpack } from '../base/border.js';
import { follow } from '../tasks/driver.js';
import { handle } from '../base/handle.js';
import { NOT_PLAIN, plainCopies } from '../base/snapshot.js';
import { Task } from '../tasks/task.js';
import { OURS } from '../base/values.js';

export const Call = /* @__PURE__ */ handle(class Call extends Task {
  static get name() {
    return 'Task';
  }

  constructor(pool, job, args, transfer) {
    super(undefined, pool._calls);
    this._pool = pool;
    this._job = job; // its number in the pool
    this._args = args; // the caller's own until `_take`
    this._transfer = transfer; // the same
    this._isAlone = false; // whether it goes in a message of its own
    this._refusal = undefined; // why it can't be sent
    this._worker = undefined; // where its present attempt was sent
    this._number = -1;
    this._begun = false; // whether that attempt counts as started
    this._site = undefined; // where it was called
  }

  get name() {
    return this._rare?.name || this._pool._jobNames[this._job];
  }

  /** The pool has taken it: its arguments are what they are now, and what it moves is gone from here. */
  _take() {
    const { _args: args, _transfer: transfer } = this;
    try {
      const copies = transfer === undefined ? plainCopies(args) : NOT_PLAIN;
      this._isAlone = copies === NOT_PLAIN;
      if (this._isAlone && args.some(arg => arg?.[OURS])) throw undefined; // some would cross as records of what only we know
      if (!this._isAlone) this._args = copies;
      else if (transfer === undefined) this._args = structuredClone(args);
      else [this._args, this._transfer] = structuredClone([args, transfer], { transfer });
    } catch (cause) {
      this._refusal = notSerializable('args', args, cause);
    }
    if (this.done) this._args = this._transfer = undefined; // a getter has cancelled it
  }

  /** It goes to a worker now. */
  _send(worker, number, begun) {
    this._worker = worker;
    this._number = number;
    if (begun) this._start();
  }

  /** The attempt counts as started. */
  _start() {
    if (this._begun) return;
    this._begun = true;
    if (this._enter() > 1) this._more.attemptBegan = Date.now();
  }

  /** The worker has no more to do with it. */
  _leave() {
    this._worker = undefined;
    this._begun = false;
  }

  _answer(answer, value) {
    if (!this.done) this._start();
    this._leave();
    const outcome = answer & constants.ANSWER_MASK;
    if (outcome === constants.ANSWER_NONE) this._madeLate(value);
    else this._settle(constants.STATE_DONE, value, outcome === constants.ANSWER_HELD);
  }

  /** The present attempt has failed, be it in the worker or on the way. */
  _break(error) {
    this._start();
    const attempt = this._attempt;
    this._leave();
    this._threw(attempt, error);
  }

  /** What a worker has thrown, with the place of the call below. */
  _failure(record) {
    this._pool._noteSites(this._job);
    try {
      return unpack(record, this._site?.stack?.split('\n').slice(2).join('\n'));
    } catch (error) {
      return error; // a record that none of ours has made: the call must not wait for ever
    }
  }

  /** Its task is settled, or goes on to another attempt: nobody waits for the worker any more. */
  _abort(error) {
    const worker = this._worker;
    if (worker === undefined) return;
    this._more.reason = error; // for the worker
    this._leave();
    try {
      follow(wasm.abortCall(this._pool._number, worker._id, this._number));
    } catch {
      // the task is lost with all others
    }
  }

  _settle(state, value, held) {
    super._settle(state, value, held);
    this._args = this._transfer = this._refusal = undefined;
    if (this._rare?.callbacks) this._rare.callbacks = undefined;
  }

  get _attemptBegan() {
    return this._begun ? this._rare?.attemptBegan || this._started : 0;
  }
}, 'Task');
