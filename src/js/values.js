// What kind of value it is.

const { getPrototypeOf, prototype: objectPrototype } = Object;
const { toString } = objectPrototype;

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

/** What to call a value whose class is the matter. */
export const nameOf = value => {
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    return `an instance of ${getPrototypeOf(value)?.constructor?.name || 'an unknown class'}`;
  } catch {
    return 'a proxy'; // that refuses to be looked at
  }
};
