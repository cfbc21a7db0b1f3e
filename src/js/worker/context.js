// What a job made with `job()` is given: one object per call.

import * as protocol from './protocol.js';
import { publish } from '../base/values.js';

export const JobContext = /* @__PURE__ */ publish(class JobContext {
  constructor(runner, call) {
    this._runner = runner;
    this._call = call;
    this._controller = undefined;
    this.attempt = (call.flags & ~protocol.CALLS_BACK) >> protocol.ATTEMPT_SHIFT;
  }

  get signal() {
    if (!this._controller) {
      this._controller = new AbortController();
      if (this._call.aborted) this._controller.abort(this._call.reason);
    }
    return this._controller.signal;
  }

  /** Also inside a loop that never gives the thread back, if the page is cross-origin isolated. */
  get cancelled() {
    return this._call.aborted || this._runner.isFlagged(this._call.number);
  }

  // Functions of their own, so that `({ progress }) => …` works; made when first asked for.
  get progress() {
    return define(this, 'progress', (value, transfer) => this._runner.progress(this._call, value, transfer));
  }

  get checkpoint() {
    return define(this, 'checkpoint', () => this._runner.checkpoint(this._call));
  }

  get transfer() {
    return define(this, 'transfer', (value, transfer) => {
      this._call.transfer = [...(this._call.transfer ?? []), ...transfer];
      return value;
    });
  }

  abort(reason) {
    this._controller?.abort(reason);
  }
}, 'JobContext');

const define = (context, name, value) => {
  Object.defineProperty(context, name, { value });
  return value;
};
