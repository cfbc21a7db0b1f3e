// Values by name, without growing by every name that was ever used.

/** A map whose values can be let go: then one is there as long as somebody else holds it, and its name no longer. */
export class Names {
  constructor() {
    this._values = new Map();
    this._watched = new WeakSet();
    this._gone = new FinalizationRegistry(name => {
      if (this.get(name) === undefined) this._values.delete(name);
    });
  }

  get(name) {
    const value = this._values.get(name);
    return value instanceof WeakRef ? value.deref() : value;
  }

  hold(name, value) {
    this._values.set(name, value);
  }

  letGo(name, value) {
    this._values.set(name, new WeakRef(value));
    if (this._watched.has(value)) return;
    this._watched.add(value);
    this._gone.register(value, name);
  }

  delete(name) {
    this._values.delete(name);
  }

  all() {
    return [...this._values.keys()].map(name => this.get(name)).filter(value => value !== undefined);
  }
}
