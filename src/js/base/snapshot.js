// Values as they are now. What waits to be sent together with others must neither change when its owner changes the
// object, nor become one object with theirs: a frame is cloned as a whole, when it is posted.
//
// Small plain data is copied here, into exactly what a structured clone of it would be. Measured with its sending and
// reading, for an object of ten values: 1.2 µs in Chromium and 2.0 in Firefox; by JSON text 1.0 and 2.3 (and JSON
// tells neither undefined nor NaN), by `structuredClone` 13 and 4.0. Everything else goes in a message of its own,
// which costs more than either.

/** In place of a copy, for what is not small plain data. */
export const NOT_PLAIN = {};

/** More values than this, more objects (each is compared with the others, lest one that stands twice be doubled) or more characters are for a message. */
const MAX_VALUES = 500;
const MAX_OBJECTS = 64;
const MAX_CHARACTERS = 32_768;

const toString = Object.prototype.toString;
const getTime = /* @__PURE__ */ (() => Date.prototype.getTime)();

let values; // counted so far; a getter that has another value copied meanwhile makes it less, which does no harm
let characters;

/** A copy of the value, or NOT_PLAIN. */
export function plainCopy(value) {
  switch (typeof value) {
    case 'number':
    case 'undefined':
    case 'boolean':
      return value; // most often
    default: {
      const copies = plainCopies([value]);
      return copies === NOT_PLAIN ? NOT_PLAIN : copies[0];
    }
  }
}

/** A list of copies of the values, or NOT_PLAIN: objects that stand in several of them are for a structured clone. */
export function plainCopies(list) {
  const copies = [];
  const seen = [];
  values = characters = 0;
  try {
    for (let i = 0; i < list.length; i++) copies.push(copy(list[i], seen));
  } catch {
    return NOT_PLAIN; // also a getter that throws, or what is too deep for the stack: a structured clone will say so
  }
  return characters > MAX_CHARACTERS ? NOT_PLAIN : copies;
}

function copy(value, seen) {
  switch (typeof value) {
    case 'object':
      return value === null ? null : copyObject(value, seen);
    case 'string':
      characters += value.length;
      return value;
    case 'function':
    case 'symbol':
      throw NOT_PLAIN;
    default:
      return value;
  }
}

function copyObject(value, seen) {
  if (seen.length >= MAX_OBJECTS || seen.includes(value)) throw NOT_PLAIN;
  seen.push(value);
  return Array.isArray(value) ? copyArray(value, seen) : copyRecord(value, seen);
}

function copyArray(array, seen) {
  const { length } = array;
  if ((values += length) > MAX_VALUES || !isDense(array)) throw NOT_PLAIN;
  const result = [];
  for (let i = 0; i < length; i++) result.push(copy(array[i], seen));
  return result;
}

function copyRecord(record, seen) {
  const prototype = Object.getPrototypeOf(record);
  const kind = Symbol.toStringTag in record ? '' : toString.call(record); // which objects of the platform tell whatever their prototype is
  if (kind === '[object Date]' && prototype === Date.prototype) return new Date(getTime.call(record));
  if (kind !== '[object Object]' || (prototype !== Object.prototype && prototype !== null)) throw NOT_PLAIN;
  const keys = Object.keys(record);
  if ((values += keys.length) > MAX_VALUES) throw NOT_PLAIN;
  const result = {};
  for (const key of keys) {
    if (key === '__proto__') throw NOT_PLAIN;
    result[key] = copy(record[key], seen);
  }
  return result;
}

/** Whether an array has neither holes nor properties of its own, which come last. */
export function isDense(array) {
  const keys = Object.keys(array);
  return keys.length === array.length && (keys.length === 0 || keys.at(-1) === String(keys.length - 1));
}
