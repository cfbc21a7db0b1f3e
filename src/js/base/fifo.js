// A line that grows at the end and shrinks at the front, in constant time.

export class Fifo {
  constructor() {
    this._items = [];
    this._head = 0;
  }

  get size() {
    return this._items.length - this._head;
  }

  /** What shift() would give. */
  get first() {
    return this._items[this._head];
  }

  push(item) {
    this._items.push(item);
  }

  shift() {
    const item = this._items[this._head];
    this._items[this._head++] = undefined;
    // Cut the empty front off now and then: each item is moved at most once on average.
    if (this._head > 512 && this._head * 2 > this._items.length) {
      this._items = this._items.slice(this._head);
      this._head = 0;
    }
    return item;
  }

  includes(item) {
    return this._items.includes(item, this._head);
  }

  *[Symbol.iterator]() {
    yield* this._items.slice(this._head);
  }
}
