// The calls that a worker has not answered, by number. Core sees to it that their numbers never span more than MAX_OPEN, so that each has a place
// of its own: a third of what a Map costs.

import * as protocol from '../worker/protocol.js';

const placeOf = number => number & (protocol.MAX_OPEN - 1);

export class OpenCalls {
  constructor() {
    this._tasks = [];
    this._numbers = [];
    this.size = 0;
  }

  get(number) {
    const place = placeOf(number);
    return this._numbers[place] === number ? this._tasks[place] : undefined;
  }

  set(number, task) {
    const place = placeOf(number);
    this._tasks[place] = task;
    this._numbers[place] = number;
    this.size++;
  }

  delete(number) {
    const place = placeOf(number);
    if (this._numbers[place] !== number || this._tasks[place] === undefined) return;
    this._tasks[place] = undefined;
    this.size--;
  }

  *[Symbol.iterator]() {
    for (let place = 0; place < this._tasks.length; place++) {
      if (this._tasks[place] !== undefined) yield [this._numbers[place], this._tasks[place]];
    }
  }

  clear() {
    this._tasks = [];
    this._numbers = [];
    this.size = 0;
  }
}
