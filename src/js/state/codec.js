// A value as text and back. Plain data is the engine's JSON; of anything else core writes and reads the shape (src/core/state/shape.rs), and
// this file takes the value apart and puts it together as it says.

import * as constants from '#constants';
import * as wasm from '#wasm';
import { NonRetryableError, STANDARD, pack, unpack } from '../base/border.js';
import { TaskloomError, isError } from '../base/errors.js';
import { isDense } from '../base/snapshot.js';
import { builtInClass, isRecord, nameOf, stepTo, stepToItem, tagOf } from '../base/values.js';

// What core writes for each kind of part: the code of a letter. Numbers, which a minifier writes where they are used.
const NULL = 0x6e; // n
const UNDEFINED = 0x75; // u
const TRUE = 0x74; // t
const FALSE = 0x66; // f
const NAN = 0x4e; // N
const INFINITE = 0x49; // I
const MINUS_INFINITE = 0x4a; // J
const MINUS_ZERO = 0x5a; // Z
const STRING = 0x73; // s
const NUMBER = 0x64; // d
const BIGINT = 0x62; // b
const ARRAY = 0x5b; // [
const HOLES = 0x68; // h
const OBJECT = 0x7b; // {
const MAP = 0x4d; // M
const SET = 0x53; // S
const DATE = 0x44; // D
const REGEXP = 0x52; // R
const ERROR = 0x45; // E
const BOXED = 0x4f; // O
const BUFFER = 0x58; // X
const VIEW = 0x56; // V
const REFERENCE = 0x23; // #
/** By the number of their class: only ever added to. */
const VIEWS = ['DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array',
  'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array'];

// ---- to text -------------------------------------------------------------------------------------------------------

/**
 * The value's text without its head, and whether it is a shape: `{ text, shape }`. Throws `not-serializable` with the path for what can't be text. `where` names
 * the value.
 */
export function encode(value, where) {
  const json = plainText(value);
  if (json !== undefined) return { text: json, shape: false };
  return { text: shapeText(value, where), shape: true };
}

/** JSON of plain data; undefined if JSON would not give the very same back. */
function plainText(value) {
  const seen = typeof value === 'object' ? new Set() : undefined;
  try {
    return isPlain(value, seen) ? JSON.stringify(value) : undefined;
  } catch {
    return undefined; // too deep for the stack, a proxy, or a getter that throws
  }
}

function isPlain(value, seen) {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
    case 'object':
      return value === null || isPlainObject(value, seen);
    default:
      return false;
  }
}

function isPlainObject(value, seen) {
  if (seen.size === seen.add(value).size) return false; // shared, or a cycle
  if (Array.isArray(value)) {
    if (value.toJSON !== undefined || !isDense(value)) return false;
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], seen)) return false;
    return true;
  }
  if (!isRecord(value) || value.toJSON !== undefined) return false;
  for (const key in value) if (!isPlain(value[key], seen) && Object.hasOwn(value, key)) return false;
  return true;
}

/** How many were begun: core writes one at a time. */
let shapes = 0;

/** The shape of a value and the list of its leaves. Without recursion: what is deep is no deeper than memory. */
function shapeText(value, where) {
  const leaves = [];
  const numbers = new Map(); // of the objects so far
  const todo = [{ value, path: '' }]; // the next one is last
  const shape = ++shapes;
  wasm.beginShape();
  for (let one; (one = todo.pop()); ) {
    if (one.key !== undefined) leaves.push(one.key);
    const [kind, count] = one.holes ? [HOLES, one.holes] : partOf(one.value, one.path);
    if (shape !== shapes) throw refusal(where, one.path, 'a getter in it changes other state');
    if (!wasm.putPart(kind, count)) throw refusal(where, one.path, 'it is too deep, or holds an error that holds itself');
  }
  return `${wasm.endShape()};${JSON.stringify(leaves)}`;

  function partOf(value, path) {
    switch (typeof value) {
      case 'string':
        leaves.push(value);
        return [STRING, 0];
      case 'number':
        if (Object.is(value, -0)) return [MINUS_ZERO, 0];
        if (!Number.isFinite(value)) return [Number.isNaN(value) ? NAN : value > 0 ? INFINITE : MINUS_INFINITE, 0];
        leaves.push(value);
        return [NUMBER, 0];
      case 'boolean':
        return [value ? TRUE : FALSE, 0];
      case 'undefined':
        return [UNDEFINED, 0];
      case 'bigint':
        leaves.push(String(value));
        return [BIGINT, 0];
      case 'object':
        return value === null ? [NULL, 0] : partOfObject(value, path);
      default:
        throw refusal(where, path, `a ${typeof value} is not plain data`);
    }
  }

  /** What is in the object goes before all that is to do yet. */
  function partOfObject(value, path) {
    const number = numbers.get(value);
    if (number !== undefined) return [REFERENCE, number];
    numbers.set(value, numbers.size);
    const contents = [];
    let part;
    try {
      part = open(value, leaves, (value, step = '', rest) => contents.push({ value, path: path + step, ...rest }));
    } catch (cause) {
      throw refusal(where, path, cause?.message ?? String(cause), cause); // a proxy, or a getter that throws
    }
    if (!part) throw refusal(where, path, `${nameOf(value)} is not plain data`);
    while (contents.length > 0) todo.push(contents.pop());
    return part;
  }
}

/** The kind and count of an object; nothing if it is not plain data. */
function open(value, leaves, add) {
  if (Array.isArray(value)) return openArray(value, add);
  if (tagOf(value) === 'Object') return isRecord(value) && openRecord(value, add);
  const kind = builtInClass(value);
  switch (kind) {
    case 'Map':
      for (const [key, item] of value) {
        add(key, '.keys()');
        add(item, stepToItem(key));
      }
      return [MAP, value.size];
    case 'Set':
      for (const item of value) add(item, '.values()');
      return [SET, value.size];
    case 'Date':
      add(value.getTime());
      return [DATE, 0];
    case 'RegExp':
      leaves.push(value.source, value.flags);
      return [REGEXP, 0];
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'BigInt':
      if (typeof value.valueOf() !== kind.toLowerCase()) return undefined;
      add(value.valueOf());
      return [BOXED, 0];
    case 'ArrayBuffer':
      if (value.resizable) throw new Error('it is an ArrayBuffer that can be resized, and would not be one when it is read');
      leaves.push(toBase64(new Uint8Array(value)));
      return [BUFFER, 0];
    default:
      if (ArrayBuffer.isView(value)) return openView(value, kind, leaves, add);
      if (!isError(value)) return undefined;
      return openError(value, add);
  }
}

function openArray(value, add) {
  const keys = Object.keys(value);
  const last = keys.at(-1) ?? '0';
  if (String(last >>> 0) !== last || last > value.length) return undefined; // properties of its own come last, and a list has no place for them
  let next = 0;
  const skipTo = index => index > next && add(undefined, '', { holes: index - next });
  for (const key of keys) {
    const index = Number(key);
    skipTo(index);
    add(value[index], `[${key}]`);
    next = index + 1;
  }
  skipTo(value.length);
  return [ARRAY, value.length];
}

function openRecord(value, add) {
  const keys = Object.keys(value);
  for (const key of keys) add(value[key], stepTo(key), { key });
  return [OBJECT, keys.length];
}

/** An error that crosses to a worker goes without what can't be sent; one that is stored has to be whole. */
function openError(value, add) {
  const record = pack(value);
  const missing = missingOf(value, record);
  if (missing !== undefined) throw new Error(`it is an error that would lose ${missing.slice(1)}`);
  add({ ...record });
  return [ERROR, 0];
}

/** The first part of an error, or of one that it holds, that its record has not; undefined if all is there. */
function missingOf(error, record) {
  if (record === undefined) return '';
  if (!isError(error)) return 'value' in record ? undefined : '';
  if (error instanceof NonRetryableError && error._original !== error) return missingOf(error._original, record);
  const lost = Object.keys(error).find(key => !STANDARD.includes(key) && !(key in record.own));
  if (lost !== undefined) return `.${lost}`;
  const { cause, errors } = error;
  const ofCause = cause === undefined ? undefined : missingOf(cause, record.cause);
  if (ofCause !== undefined) return `.cause${ofCause}`;
  if (!Array.isArray(errors)) return errors === undefined || 'errors' in record.own ? undefined : '.errors';
  for (const [i, each] of errors.entries()) {
    const missing = missingOf(each, record.errors?.[i]);
    if (missing !== undefined) return `.errors[${i}]${missing}`;
  }
  return undefined;
}

function openView(value, kind, leaves, add) {
  const number = VIEWS.indexOf(kind);
  if (number < 0) return undefined;
  leaves.push(value.byteOffset, value.length ?? value.byteLength);
  add(value.buffer, '.buffer');
  return [VIEW, number];
}

const refusal = (where, path, why, cause) => new TaskloomError('not-serializable',
  `${where}${path && `: value${path.length > 200 ? `${path.slice(0, 200)}…` : path}`} can't be stored: ${why}; ` +
  'keep what it holds there: numbers, texts, lists, plain objects, maps, sets, dates, bytes', { cause });

// ---- from text -----------------------------------------------------------------------------------------------------

/** The value of a text. Throws whatever it is that is wrong with a text that is not sound. */
export function decode(text, isShape) {
  if (!isShape) return JSON.parse(text);
  const end = text.indexOf(';');
  const count = wasm.readShape(text.slice(0, end));
  const leaves = JSON.parse(text.slice(end + 1));
  if (end < 0 || count < 0 || !Array.isArray(leaves) || leaves.length !== count) throw new SyntaxError('the text is damaged');
  return new Builder(leaves).build();
}

const ofOnePart = kind => kind === DATE || kind === ERROR || kind === BOXED || kind === VIEW;

/** Puts a value together. Core has read the shape, so that every part is in its place; what the leaves are is seen here. */
class Builder {
  constructor(leaves) {
    this._leaves = leaves;
    this._next = 0;
    this._objects = [];
    this._open = []; // objects that are not complete: what they are, and how many parts they miss
    this._result = undefined;
  }

  build() {
    do {
      const part = wasm.nextPart();
      const count = Math.floor(part / constants.PART_COUNT_UNIT);
      this._add(part % constants.PART_COUNT_UNIT, count);
      while (this._open.at(-1)?.left === 0) this._close(this._open.pop());
    } while (this._open.length > 0);
    return this._result;
  }

  _add(kind, count) {
    const parent = this._open.at(-1);
    if (kind === HOLES) {
      parent.object.length += count;
      parent.left -= count;
      return;
    }
    if (parent?.kind === OBJECT) parent.key = this._leaf('string');
    switch (kind) {
      case NULL: return this._place(null);
      case UNDEFINED: return this._place(undefined);
      case TRUE: return this._place(true);
      case FALSE: return this._place(false);
      case NAN: return this._place(NaN);
      case INFINITE: return this._place(Infinity);
      case MINUS_INFINITE: return this._place(-Infinity);
      case MINUS_ZERO: return this._place(-0);
      case STRING: return this._place(this._leaf('string'));
      case NUMBER: return this._place(this._leaf('number'));
      case BIGINT: return this._place(toBigInt(this._leaf('string')));
      case REFERENCE: return this._place(this._objects[count]);
      case ARRAY: return this._begin(kind, [], count);
      case OBJECT: return this._begin(kind, {}, count);
      case MAP: return this._begin(kind, new Map(), 2 * count);
      case SET: return this._begin(kind, new Set(), count);
      case REGEXP: return this._begin(kind, new RegExp(this._leaf('string'), this._leaf('string')), 0);
      case BUFFER: return this._begin(kind, fromBase64(this._leaf('string')).buffer, 0);
      case VIEW: return this._begin(kind, { view: globalThis[VIEWS[count]], offset: this._leaf('number'), length: this._leaf('number') }, 1);
      default: return this._begin(kind, undefined, 1);
    }
  }

  /** An object that has parts is there before they are, so that they can refer to it, unless it is made from them. */
  _begin(kind, object, left) {
    const number = this._objects.push(object) - 1;
    const isRecord = this._open.at(-1)?.kind === ERROR;
    if (!ofOnePart(kind) && !isRecord) this._place(object);
    this._open.push({ kind, object, left, number, isRecord, key: undefined, hasKey: false });
  }

  /** An error is made when its record is complete. */
  _close({ isRecord, object }) {
    if (isRecord) this._place(object);
  }

  /** Puts a value where it belongs: into the object that is open. */
  _place(value) {
    const parent = this._open.at(-1);
    if (parent === undefined) {
      this._result = value;
      return;
    }
    parent.left--;
    switch (parent.kind) {
      case ARRAY:
        parent.object.push(value);
        break;
      case OBJECT:
        // A key such as `__proto__` is data here.
        Object.defineProperty(parent.object, parent.key, { value, configurable: true, enumerable: true, writable: true });
        break;
      case SET:
        parent.object.add(value);
        break;
      case MAP:
        if (parent.hasKey) parent.object.set(parent.key, value);
        parent.key = value;
        parent.hasKey = !parent.hasKey;
        break;
      default:
        this._open.pop();
        this._place(this._objects[parent.number] = make(parent, value));
    }
  }

  _leaf(type) {
    const leaf = this._leaves[this._next++];
    if (typeof leaf !== type) throw new TypeError(`a ${type} was expected`);
    return leaf;
  }
}

function make({ kind, object }, part) {
  switch (kind) {
    case DATE: return new Date(part);
    case ERROR: return unpack(part);
    case BOXED: return Object(part);
    default: return new object.view(part, object.offset, object.length);
  }
}

function toBigInt(digits) {
  const value = BigInt(digits);
  if (String(value) !== digits) throw new SyntaxError('a number in decimal digits was expected');
  return value;
}

// ---- bytes ---------------------------------------------------------------------------------------------------------

const CHUNK = 0x8000; // as many arguments as a call takes anywhere

function toBase64(bytes) {
  if (bytes.toBase64) return bytes.toBase64();
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
