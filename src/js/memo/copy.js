// What callers are handed, so that one who changes it changes nobody else's.

import { TaskloomError, isError } from '../base/errors.js';
import { structuredCopy } from '../base/host.js';
import { builtInClass, isRecord, nameOf, stepTo, stepToItem } from '../base/values.js';
import { isParts, partsOf, restoreErrors } from './error-parts.js';

export const COPIES = ['clone', 'freeze', 'share'];

/**
 * How a kept value is handed out: the same to all, copied by `copyTree`, or by structured clone, which takes five times as long. A list of the errors in the value is
 * structured clone too, which by itself loses most of an error.
 */
export const SAME = 0;
const TREE = 1;
const GRAPH = 2;

/** Deeper data is left to structured clone, which has no stack to overflow. */
const MAX_DEPTH = 200;

const getPrototypeOf = Object.getPrototypeOf;
const ownKeys = Object.keys;

/** Takes a value in: `{ value, handing }`. `where` names it. Throws `not-serializable` with the path for what can't be copied. */
export function keep(value, copy, where) {
  if (copy === 'share' || isPrimitive(value)) return { value, handing: SAME };
  const parts = copy === 'freeze' ? freezable(value) : undefined;
  if (parts) {
    parts.forEach(Object.freeze);
    return { value, handing: SAME };
  }
  const handing = shapeOf(value, where);
  return handing === TREE ? { value: copyTree(value), handing } : cloneGraph(value, handing, where);
}

/** A value as its caller gets it. */
export function hand(value, handing, where) {
  if (handing === SAME) return value;
  return handing === TREE ? copyTree(value) : cloneGraph(value, handing, where).value;
}

/** A kept value for a place that clones what it is given: `takeStored` makes of that clone what it was. */
export function asStored({ value, handing }, where) {
  const shape = handing === SAME && !isPrimitive(value) ? shapeOf(value, where) : handing; // shared, it may be anything
  return typeof shape === 'object' ? { it: value, errors: shape.map(partsOf) } : { it: value };
}

/** The value that `asStored` has stored. */
export function takeStored({ it, errors }) {
  if (Array.isArray(errors) && errors.every(isParts)) restoreErrors(errors);
  return it;
}

/** A copy as `{ value, handing }`. */
function cloneGraph(value, handing, where) {
  try {
    if (handing === GRAPH) return { value: structuredCopy(value), handing };
    // In one call, so that what the errors share with the rest of the value is shared in the copy as well.
    const copy = structuredCopy({ value, errors: handing.map(partsOf) });
    return { value: copy.value, handing: restoreErrors(copy.errors) };
  } catch (cause) {
    throw notCopied(where, '', cause?.message ?? String(cause), cause);
  }
}

const isPrimitive = value => (typeof value !== 'object' || value === null) && typeof value !== 'function';

/** Lists and records of primitives, each of them in one place. */
function copyTree(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const copy = new Array(value.length);
    for (let i = 0; i < copy.length; i++) copy[i] = copyTree(value[i]);
    return copy;
  }
  const copy = { ...value };
  for (const key in copy) { // twice as fast as a list of the keys
    const part = copy[key];
    if (typeof part === 'object' && part !== null && Object.hasOwn(copy, key)) copy[key] = copyTree(part);
  }
  return copy;
}

/** How a value can be copied so that nothing of it is lost. */
function shapeOf(value, where) {
  const seen = new Set();
  const errors = [];
  let handing = TREE;
  const todo = [{ value, path: '', depth: 0 }];
  for (let one; (one = todo.pop()); ) {
    const { value, path, depth } = one;
    if (typeof value === 'function' || typeof value === 'symbol') throw notCopied(where, path, `it is a ${typeof value}`);
    if (isPrimitive(value)) continue;
    if (seen.has(value) || depth > MAX_DEPTH) handing = GRAPH;
    if (seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) {
      if (!Array.isArray(getPrototypeOf(value))) throw notCopied(where, path, `it is ${nameOf(value)}`);
      const keys = ownKeys(value);
      for (const key of keys) todo.push({ value: value[key], path: path + stepTo(key), depth: depth + 1 });
      if (keys.length !== value.length) handing = GRAPH; // holes, or properties of its own
    } else if (isRecord(value)) {
      if (getPrototypeOf(value) === null || Object.hasOwn(value, '__proto__') || Object.getOwnPropertySymbols(value).length > 0) handing = GRAPH;
      for (const key of ownKeys(value)) todo.push({ value: value[key], path: path + stepTo(key), depth: depth + 1 });
    } else {
      handing = GRAPH;
      const kind = builtInClass(value);
      if (kind === 'Map') {
        for (const [key, item] of value) {
          todo.push({ value: key, path: `${path}.keys()`, depth: depth + 1 });
          todo.push({ value: item, path: path + stepToItem(key), depth: depth + 1 });
        }
      } else if (kind === 'Set') {
        for (const item of value) todo.push({ value: item, path: `${path}.values()`, depth: depth + 1 });
      }
      if (isError(value)) {
        errors.push(value);
        for (const [key, part] of Object.entries(partsOf(value).own)) todo.push({ value: part, path: path + stepTo(key), depth: depth + 1 });
      } else if (kind === undefined) {
        throw notCopied(where, path, `it is ${nameOf(value)}`);
      }
    }
  }
  return errors.length > 0 ? errors : handing;
}

/** All that is in a value, if freezing it makes it safe to share: a frozen Map, Date or typed array can be changed still. */
function freezable(value) {
  const parts = new Set([value]);
  for (const part of parts) {
    if (isPrimitive(part)) continue;
    if (typeof part === 'function' || !(Array.isArray(part) ? Array.isArray(getPrototypeOf(part)) : isRecord(part))) return undefined;
    if (Object.getOwnPropertySymbols(part).length > 0) return undefined; // the copies go without them
    for (const key of ownKeys(part)) parts.add(part[key]);
  }
  return parts;
}

const notCopied = (where, path, why, cause) => new TaskloomError('not-serializable',
  `${where}${path} can't be copied for each caller: ${why}; return plain data, or hand out one object to all by copy: 'share' or cacheResource()`, { cause });
