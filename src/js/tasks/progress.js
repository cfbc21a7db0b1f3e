// The latest progress values of a task. A measured fast path: core's ProgressBuffer for values that stay in JavaScript
// (a value that crosses into wasm costs 50 ns and a slot in a table). tests/web/progress.rs holds the two to one
// behaviour. This file imports nothing: that test links it by itself.

export class ProgressBuffer {
  constructor(capacity) {
    this._capacity = Math.max(1, capacity);
    this._values = [];
    this._dropped = 0; // how many have left: the position of the oldest that is kept
    this._drained = 0;
  }

  // A ring: position p is kept at p % capacity.
  push(value) {
    const position = this.pushed;
    if (this._values.length === this._capacity) {
      this._values[position % this._capacity] = value;
      this._dropped++;
    } else {
      this._values.push(value);
    }
  }

  /** How many values there were in all: the position of the next. */
  get pushed() {
    return this._dropped + this._values.length;
  }

  get dropped() {
    return this._dropped;
  }

  /** The newest value, or undefined. */
  get latest() {
    return this._values[(this.pushed - 1) % this._capacity];
  }

  /** The first position at or after `position` that is still kept. */
  seek(position) {
    return Math.max(position, this._dropped);
  }

  at(position) {
    return this._values[position % this._capacity];
  }

  /** The values since the last drain that are still kept, oldest first. */
  drain() {
    const values = [];
    for (let p = this.seek(this._drained); p < this.pushed; p++) values.push(this.at(p));
    this._drained = this.pushed;
    return values;
  }
}
