// What a value takes in memory, about: for `maxBytes` where the owner gives no `sizeOf`.

import { isError } from '../base/errors.js';
import { builtInClass, isRecord } from '../base/values.js';

/** A place for a value: a number, true, null, or a reference to what stands elsewhere. */
const PLACE = 8;
/** What an object takes besides what is in it, */
const OBJECT = 16;
/** and an error, with its message and the record of its stack. */
const ERROR = 256;
/** A unit of UTF-16. */
const UNIT = 2;

/**
 * The bytes of a value with all that is in it. What stands twice counts once, and so does a cycle; holes count nothing. Takes time in proportion to the parts of
 * the value: text and binary data are not read.
 */
export function sizeOf(value: unknown): number {
  const seen = new Set<object>();
  const todo = [value];
  let bytes = 0;
  while (todo.length > 0) {
    const part = todo.pop();
    bytes += PLACE;
    if (typeof part === 'string') bytes += UNIT * part.length;
    else if (typeof part === 'bigint') bytes += part.toString(16).length / 2;
    else if (typeof part === 'object' && part !== null && seen.size < seen.add(part).size) bytes += ownSize(part, todo);
  }
  return Math.ceil(bytes);
}

/** The bytes of an object by itself; its parts are added to what is to do. */
function ownSize(object: object, todo: unknown[]): number {
  let bytes = OBJECT;
  if (Array.isArray(object) || isRecord(object)) {
    for (const key of Object.keys(object)) {
      if (!Array.isArray(object)) bytes += UNIT * key.length;
      todo.push((object as Record<string, unknown>)[key]);
    }
    return bytes;
  }
  if (ArrayBuffer.isView(object)) {
    todo.push(object.buffer);
    return bytes;
  }
  const kind = builtInClass(object);
  if (kind === 'Map') for (const entry of object as Map<unknown, unknown>) todo.push(...entry);
  else if (kind === 'Set') for (const item of object as Set<unknown>) todo.push(item);
  else if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') bytes += (object as ArrayBuffer).byteLength;
  else if (kind === 'Blob' || kind === 'File') bytes += (object as Blob).size;
  else if (kind === 'RegExp' || kind === 'String') bytes += UNIT * String(object).length;
  else if (isError(object)) {
    bytes += ERROR;
    for (const key of Object.getOwnPropertyNames(object)) todo.push((object as Record<string, unknown>)[key]);
  }
  return bytes;
}
