// Values by name, without growing by every name that was ever used.

/** A map whose values can be let go: then one is there as long as somebody else holds it, and its name no longer. */
export class Names<Value extends object> {
  private _values = new Map<string, Value | WeakRef<Value>>();
  private _watched = new WeakSet<Value>();
  private _gone = new FinalizationRegistry<string>(name => {
    if (this.get(name) === undefined) this._values.delete(name);
  });

  get(name: string): Value | undefined {
    const value = this._values.get(name);
    return value instanceof WeakRef ? value.deref() : value;
  }

  hold(name: string, value: Value) {
    this._values.set(name, value);
  }

  letGo(name: string, value: Value) {
    this._values.set(name, new WeakRef(value));
    if (this._watched.has(value)) return;
    this._watched.add(value);
    this._gone.register(value, name);
  }

  delete(name: string) {
    this._values.delete(name);
  }

  all() {
    return [...this._values.keys()].map(name => this.get(name)).filter(value => value !== undefined);
  }
}
