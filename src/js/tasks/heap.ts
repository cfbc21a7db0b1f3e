// A binary heap: the first by `isBefore` comes out first; O(log n) for each that comes or goes.

export class Heap<Item> {
  private _isBefore: (a: Item, b: Item) => boolean;
  private _items: Item[] = [];

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this._isBefore = isBefore;
  }

  get size() {
    return this._items.length;
  }

  get first(): Item | undefined {
    return this._items[0];
  }

  push(item: Item) {
    const items = this._items;
    let at = items.push(item) - 1;
    for (let above; at > 0 && this._isBefore(item, items[above = (at - 1) >> 1]!); at = above) items[at] = items[above]!;
    items[at] = item;
  }

  shift(): Item | undefined {
    const items = this._items;
    const first = items[0];
    const item = items.pop()!;
    if (items.length === 0) return first;
    let at = 0;
    for (let below; (below = 2 * at + 1) < items.length; at = below) {
      if (below + 1 < items.length && this._isBefore(items[below + 1]!, items[below]!)) below++;
      if (!this._isBefore(items[below]!, item)) break;
      items[at] = items[below]!;
    }
    items[at] = item;
    return first;
  }
}
