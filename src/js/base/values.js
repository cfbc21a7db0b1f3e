// What kind of value it is.

const getPrototypeOf = Object.getPrototypeOf;
const objectPrototype = /* @__PURE__ */ getPrototypeOf({});
const toString = Object.prototype.toString;

/** An object that is nothing but its properties, also one of another frame. */
export function isRecord(value) {
  const prototype = getPrototypeOf(value);
  if (prototype === objectPrototype) return !(Symbol.toStringTag in value);
  return (prototype === null || (getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'))) && !(Symbol.toStringTag in value);
}

/**
 * The class of an instance of one of the platform's classes, of this page or of a frame: 'Map', say. Undefined for one of a class derived from it, and
 * for everything else.
 */
export function builtInClass(value) {
  const tag = toString.call(value).slice(8, -1); // of '[object Map]'
  const prototype = getPrototypeOf(value);
  const own = globalThis[tag]?.prototype;
  if (tag === 'Object' || own === undefined) return undefined;
  return prototype === own || (prototype?.constructor?.name === tag && depthOf(prototype) === depthOf(own)) ? tag : undefined;
}

function depthOf(prototype) {
  let depth = 0;
  for (; prototype; prototype = getPrototypeOf(prototype)) depth++;
  return depth;
}

const isPlatforms = type => typeof type === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(type));

/** As `instanceof`; one of the platform's classes stands for those of that name in other frames too. */
export function isInstance(value, type) {
  if (value instanceof type) return true;
  if (typeof value !== 'object' || value === null || !isPlatforms(type)) return false;
  for (let prototype = getPrototypeOf(value); prototype; prototype = getPrototypeOf(prototype)) {
    const { constructor } = prototype;
    if (constructor?.prototype === prototype && constructor.name === type.name && isPlatforms(constructor)) return true;
  }
  return false;
}

/** The class that the platform's own code gives the object, of whatever frame it is: 'AbortSignal', say. */
export const tagOf = value => toString.call(value).slice(8, -1);

/** The time of a Date, also of another frame's; undefined for anything else. */
export function timeOf(value) {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return undefined;
  }
}

/** The way from an object to a property, as in code: `.name`, `[0]`, `["my-name"]`. */
export const stepTo = key => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${/^\d+$/.test(key) ? key : JSON.stringify(key)}]`);

/** The same from a Map to what it has under a key. */
export const stepToItem = key => `.get(${typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '…' : String(key)})`;

/** What to call a value whose class is the matter. */
export const nameOf = value => {
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    return `an instance of ${getPrototypeOf(value)?.constructor?.name || 'an unknown class'}`;
  } catch {
    return 'a proxy'; // that refuses to be looked at
  }
};

/** On the library's own objects: what their class is called, whatever minifying has made of it. */
export const OURS = Symbol('taskloom');

/**
 * Gives a class of the library its public name. One whose objects are made or tested for in every call has a `static get name()` instead, since V8 is slow with
 * a class that is given a name later: a task with a retry policy took 15 ns more, and V8 gave up optimizing the constructor of a call, which took 200 ns more.
 * Returns the class: a bundler leaves out a constant that nobody uses if the call is marked as pure, and keeps a call that stands by itself.
 */
export function publish(type, name) {
  const { prototype, prototype: { constructor } } = type;
  const give = (object, key) => Object.defineProperty(object, key, { value: name, configurable: true, writable: true });
  if (constructor.name !== name) give(constructor, 'name'); // DevTools show it
  give(prototype, Symbol.toStringTag);
  give(prototype, OURS);
  return type;
}
