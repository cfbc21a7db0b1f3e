// What the handles of the public face have in common. Each class gets it by one call.

import { publish } from './values.js';

// `using` calls Symbol.dispose. Where the platform has none yet, this is the symbol that polyfills agree on.
const DISPOSE = Symbol.dispose ?? Symbol.for('Symbol.dispose');
/** What Node's console.log() asks for. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const defineProperty = Object.defineProperty;
const getPrototypeOf = Object.getPrototypeOf;

/** A class of handles. */
interface HandleClass {
  readonly prototype: object;
}

/** What a handle may have; JavaScript callers are not checked. */
interface Handle {
  toJSON(): unknown;
  dispose(): void;
}

const define = (object: object, key: PropertyKey, value: unknown) => defineProperty(object, key, { value, configurable: true, writable: true });

/**
 * Gives a class its public name, which minifying has taken from it, a short form for logs, and `using` if it has `dispose()`.
 * `methods` are those that work without their object, as in `const { subscribe } = ref`. Returns the class, as `publish` does.
 */
export function handle<T extends HandleClass>(type: T, name: string, methods: readonly string[] = []): T {
  const { prototype } = type;
  publish(type, name);
  define(prototype, INSPECT, function (this: Handle, _: number, options: unknown, inspect: (value: unknown, options: unknown) => string) {
    return `${name} ${inspect(this.toJSON(), options)}`;
  });
  if ('dispose' in prototype) disposable(prototype);
  bind(prototype, methods);
  return type;
}

export function disposable(prototype: object) {
  define(prototype, DISPOSE, function (this: Handle) { this.dispose(); });
}

/** A method is bound when it is first asked for: most handles live and go without. */
export function bind(prototype: object, methods: readonly string[]) {
  for (const name of methods) {
    const method = (prototype as Record<string, (...args: unknown[]) => unknown>)[name]!;
    defineProperty(prototype, name, {
      configurable: true,
      get(this: object) {
        if (Object.hasOwn(this, 'constructor')) return method; // it is asked of a prototype
        const bound = method.bind(this);
        // A subclass has its own method, and reaches this one by `super`.
        let owner = this;
        while (!Object.hasOwn(owner, name)) owner = getPrototypeOf(owner);
        if (owner === prototype && Object.isExtensible(this)) define(this, name, bound);
        return bound;
      },
      set(this: object, value: unknown) {
        define(this, name, value);
      },
    });
  }
}

/** The record as it was before, unless something in it has changed: what those who compare by identity need. */
export function steady<T extends object>(before: Readonly<T> | undefined, now: T): Readonly<T> {
  const isSame = before && (Object.keys(now) as (keyof T)[]).every(key => areSame(before[key], now[key]));
  return isSame ? before : Object.freeze(now);
}

const areSame = (a: unknown, b: unknown) => Object.is(a, b) || (a instanceof Date && +a === +(b as Date));
