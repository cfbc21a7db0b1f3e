// What the handles of the public face have in common. Each class gets it by one call.

import { publish } from './values.js';

// `using` calls Symbol.dispose. Where the platform has none yet, this is the symbol that polyfills agree on.
const DISPOSE = Symbol.dispose ?? Symbol.for('Symbol.dispose');
/** What Node's console.log() asks for. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const { defineProperty, getPrototypeOf, hasOwn } = Object;

const define = (object, key, value) => defineProperty(object, key, { value, configurable: true, writable: true });

/**
 * Gives a class its public name, which minifying has taken from it, a short form for logs, and `using` if it has `dispose()`.
 * `methods` are those that work without their object, as in `const { subscribe } = ref`.
 */
export function handle(type, name, methods = []) {
  const { prototype } = type;
  publish(type, name);
  define(prototype, INSPECT, function (_, options, inspect) {
    return `${name} ${inspect(this.toJSON(), options)}`;
  });
  if (prototype.dispose) disposable(prototype);
  bind(prototype, methods);
}

export function disposable(prototype) {
  define(prototype, DISPOSE, function () { this.dispose(); });
}

/** A method is bound when it is first asked for: most handles live and go without. */
export function bind(prototype, methods) {
  for (const name of methods) {
    const method = prototype[name];
    defineProperty(prototype, name, {
      configurable: true,
      get() {
        if (hasOwn(this, 'constructor')) return method; // it is asked of a prototype
        const bound = method.bind(this);
        // A subclass has its own method, and reaches this one by `super`.
        let owner = this;
        while (!hasOwn(owner, name)) owner = getPrototypeOf(owner);
        if (owner === prototype && Object.isExtensible(this)) define(this, name, bound);
        return bound;
      },
      set(value) {
        define(this, name, value);
      },
    });
  }
}

/** The record as it was before, unless something in it has changed: what those who compare by identity need. */
export function steady(before, now) {
  const isSame = before && Object.keys(now).every(key => Object.is(before[key], now[key]) || (before[key] instanceof Date && +before[key] === +now[key]));
  return isSame ? before : Object.freeze(now);
}
