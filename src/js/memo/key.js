// The key of a call: a text that two lists of arguments share if and only if they are the same in structure and types.
//
// Each value is written so that its end is known without what follows it, so that no two lists are written alike: `n1;` is a number, `s2:ab` a string of two,
// `[…]`, `{…}` hold others. What is long is hashed by core (src/core/memo/hash.rs), with a secret.

import { hashBegin, hashUpdate, hashWord } from '#wasm';
import { takeRoom } from '../base/engine.js';
import { TaskloomError, invalid, isStackOverflow } from '../base/errors.js';
import { newTextEncoder } from '../base/host.js';
import { builtInClass, isRecord, nameOf, stepTo, stepToItem } from '../base/values.js';

/** A longer string, or a list or object whose text is longer, is hashed; so is binary data of more bytes than SHORT_BYTES. */
const LONG = 512;
const SHORT_BYTES = 64;
/** No key looks at more objects: data that shares its parts over and over in a cycle would take for ever. */
const MAX_OBJECTS = 10_000_000;
const TOO_MUCH = 'more than ten million objects';
const CHUNK = 0x10000;
/** What the texts of lists begin with, to tell them from a string that is its own key. */
const LIST = '\0';
const OF_CONTENTS = ['Date', 'RegExp', 'URL', 'Map', 'Set', 'ArrayBuffer', 'SharedArrayBuffer'];

const getPrototypeOf = Object.getPrototypeOf;
const ownKeys = Object.keys;
const is = Object.is;

let utf8;
let scratch;

let ids;
/** How many ids were asked for. */
export const objectIds = { ids: 0 };

/** A number that stands for this very object, for a function in hashFuncs: the same as long as the page lives, and no other's. */
export function objectId(object) {
  if ((typeof object !== 'object' || object === null) && typeof object !== 'function') throw invalid('the object', object, 'an object or a function');
  objectIds.ids++;
  ids ??= { of: new WeakMap(), last: 0 };
  let id = ids.of.get(object);
  if (id === undefined) ids.of.set(object, id = ++ids.last);
  return id;
}

/** What has no key; `error` says where it stands. */
class Unhashable {
  constructor(what, cause) {
    this.what = what;
    this.cause = cause;
  }
}

/** Whether it was thrown for a value that has no key, or for one that is too deep for the stack. */
export const isKeyError = error => error instanceof Unhashable || isStackOverflow(error);

/** Makes the keys of one cache. `seed` is two numbers of 32 bits. */
export class KeyMaker {
  constructor(seed) {
    /** What the owner has made of some classes: a Map from prototypes to `{ hash, tag }`. */
    this.hashers = undefined;
    this._seed = seed;
    this._path = []; // the objects that the present one is in
    this._base = 0; // where the path of this key begins: a getter may ask for another's
    this._reach = Infinity; // the outermost object that the present one refers back to
    this._seen = undefined; // long objects that refer to nothing outside themselves, and their hashes
    this._left = MAX_OBJECTS;
  }

  /** One value that is its own key where it can be: a Map tells 1 from '1' by itself. */
  of(value) {
    switch (typeof value) {
      case 'string':
        if (value.length <= LONG && value.charCodeAt(0) !== 0) return value;
        break;
      case 'number':
        if (value !== 0 || 1 / value > 0) return value;
        break;
      case 'boolean':
      case 'bigint':
      case 'undefined':
        return value;
      case 'object':
        if (value === null) return null;
    }
    return this.list([value]);
  }

  /** A key that is a text; of none or several values. */
  list(values) {
    const { _base: base, _path: path, _reach: reach } = this;
    this._base = path.length;
    let text = LIST;
    try {
      for (let i = 0; i < values.length; i++) text += this._write(values[i]);
      return text.length > LONG ? LIST + this._hashText(text) : text;
    } finally {
      path.length = this._base;
      this._base = base;
      this._reach = reach;
      if (base === 0) {
        this._seen = undefined;
        this._left = MAX_OBJECTS;
      }
    }
  }

  _write(value) {
    switch (typeof value) {
      case 'string':
        return value.length > LONG ? `S${value.length}:${this._hashText(value)}` : `s${value.length}:${value}`;
      case 'number':
        return value === 0 && 1 / value < 0 ? 'n-0;' : `n${value};`;
      case 'boolean':
        return value ? 't' : 'f';
      case 'undefined':
        return 'u';
      case 'bigint':
        return `i${value};`;
      case 'object':
        return value === null ? 'z' : this._object(value);
      default:
        return this._byHasher(value) ?? refuse(`a ${typeof value}`);
    }
  }

  _object(value) {
    const { _path: path } = this;
    const index = path.length;
    for (let i = index - 1; i >= this._base; i--) {
      if (path[i] !== value) continue;
      this._reach = Math.min(this._reach, i);
      return `#${index - i};`;
    }
    const known = this._seen?.get(value);
    if (known !== undefined) return known;
    if (--this._left < 0) throw new Unhashable(TOO_MUCH);
    path.push(value);
    const outer = this._reach;
    this._reach = Infinity;
    let text = (this.hashers !== undefined ? this._byHasher(value) : undefined) ?? this._contents(value);
    if (text.length > LONG) {
      text = `H${this._hashText(text)}`;
      if (this._reach >= index) (this._seen ??= new Map()).set(value, text);
    }
    this._reach = Math.min(outer, this._reach);
    path.pop();
    return text;
  }

  _contents(value) {
    if (Array.isArray(value)) {
      if (!Array.isArray(getPrototypeOf(value))) refuse(nameOf(value)); // a subclass: the prototype of all arrays is one itself
      let text = '[';
      for (let i = 0; i < value.length; i++) {
        const item = value[i];
        text += item === undefined && !(i in value) ? 'h' : this._write(item);
      }
      return text + ']';
    }
    return isRecord(value) ? this._record(value) : this._builtIn(value);
  }

  _record(value) {
    const keys = ownKeys(value);
    for (let i = 1; i < keys.length; i++) {
      if (keys[i - 1] < keys[i]) continue;
      keys.sort();
      break;
    }
    let text = '{';
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      text += `${key.length}:${key}${this._write(value[key])}`;
    }
    return text + '}';
  }

  _builtIn(value) {
    const tag = builtInClass(value);
    switch (tag) {
      case 'Date':
        return `D${Date.prototype.getTime.call(value)};`;
      case 'RegExp':
        return `R${this._write(value.source)}${this._write(value.flags)}`;
      case 'URL':
        return `U${this._write(value.href)}`;
      case 'Map':
        return this._unordered('M', [...value].map(([key, item]) => this._write(key) + this._write(item)));
      case 'Set':
        return this._unordered('E', [...value].map(item => this._write(item)));
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        return this._binary(tag, new Uint8Array(value));
      default:
        if (tag === undefined || !ArrayBuffer.isView(value)) refuse(nameOf(value));
        return this._binary(tag, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
  }

  _unordered(kind, items) {
    return `${kind}${items.sort().join('')};`;
  }

  _binary(tag, bytes) {
    const { length } = bytes;
    if (length <= SHORT_BYTES) return `b${tag}${length}:${String.fromCharCode(...bytes)}`;
    takeRoom(); // in the depth of what the key is of
    hashBegin(...this._seed);
    for (let i = 0; i < length; i += CHUNK) hashUpdate(bytes.subarray(i, i + CHUNK));
    return `B${tag}${length}:${hashEnd()}`;
  }

  _hashText(text) {
    takeRoom(); // in the depth of what the key is of
    hashBegin(...this._seed);
    utf8 ??= newTextEncoder();
    scratch ??= new Uint8Array(CHUNK);
    if (text.isWellFormed?.() ?? false) {
      for (let rest = text; rest !== ''; ) {
        const { read, written } = utf8.encodeInto(rest, scratch);
        hashUpdate(scratch.subarray(0, written));
        rest = rest.slice(read);
      }
    } else {
      // Half a surrogate pair has no UTF-8. An odd byte first, which no UTF-8 begins with.
      const units = new Uint16Array(scratch.buffer);
      hashUpdate(Uint8Array.of(0xff));
      for (let i = 0; i < text.length; i += units.length) {
        const count = Math.min(units.length, text.length - i);
        for (let j = 0; j < count; j++) units[j] = text.charCodeAt(i + j);
        hashUpdate(scratch.subarray(0, 2 * count));
      }
    }
    return hashEnd();
  }

  /** What the owner's function for the nearest class of the value makes of it; undefined if there is none. */
  _byHasher(value) {
    const hasher = this._hasherOf(value);
    return hasher === undefined ? undefined : this._asHashed(hasher, value);
  }

  _hasherOf(value) {
    if (this.hashers === undefined) return undefined;
    for (let prototype = getPrototypeOf(Object(value)); prototype; prototype = getPrototypeOf(prototype)) {
      const hasher = this.hashers.get(prototype);
      // One for `Object` is for all that has no key of its own, and for plain objects.
      if (hasher !== undefined) return prototype === Object.prototype && hasOwnKey(value) ? undefined : hasher;
    }
    return undefined;
  }

  _asHashed({ hash, tag }, value) {
    let stand;
    try {
      stand = hash(value);
    } catch (cause) {
      throw new Unhashable(`${nameOf(value)} whose function in hashFuncs has thrown: ${cause?.message ?? cause}`, cause);
    }
    // Itself: it is to be looked at as if it had no function.
    return `(${tag}${is(stand, value) ? refuse(`${nameOf(value)} for which hashFuncs gives itself`) : this._write(stand)}`;
  }

  // ---- what can't be written ---------------------------------------------------------------------------------------

  /** The error for arguments that have no key. `named` are the values with what they are called: `args[0]`, `this`. */
  error(error, named, where) {
    const { what, cause } = error instanceof Unhashable ? error : { what: 'nested too deep', cause: error };
    const isLong = what === TOO_MUCH; // to look at them again and again would take for ever
    const [name, value] = (isLong ? undefined : named.find(([, value]) => this._fails(value))) ?? named[0];
    const path = isLong ? name : name + this._trail(value, 0);
    return Object.assign(
      new TaskloomError('unhashable-param', `${where}: ${path} is ${what}, which has no key; ` +
        'give its class a function in hashFuncs, leave the argument out by ignore, or make a key of your own by key', { cause }),
      { path },
    );
  }

  _fails(value) {
    try {
      this.list([value]);
      return false;
    } catch {
      return true;
    }
  }

  /** Where in a value the part stands that has no key. */
  _trail(value, depth) {
    if (typeof value !== 'object' || value === null || depth > 100 || this._hasherOf(value) !== undefined) return '';
    try {
      for (const [step, part] of partsOf(value)) if (this._fails(part)) return step + this._trail(part, depth + 1);
    } catch {
      // a proxy: the place of the whole has to do
    }
    return '';
  }

  /** Whether there is a function for the class of an object. */
  hasHasher(value) {
    if (this.hashers === undefined || value === undefined || value === null) return false;
    for (let prototype = getPrototypeOf(value); prototype; prototype = getPrototypeOf(prototype)) if (this.hashers.has(prototype)) return true;
    return false;
  }
}

/** Whether it is one of the platform's objects that are written by what is in them. */
function hasOwnKey(value) {
  if (Array.isArray(value)) return Array.isArray(getPrototypeOf(value));
  const tag = builtInClass(value);
  return tag !== undefined && (ArrayBuffer.isView(value) || OF_CONTENTS.includes(tag));
}

const refuse = what => { throw new Unhashable(what); };

function* partsOf(value) {
  const kind = builtInClass(value);
  if (Array.isArray(value)) {
    if (Array.isArray(getPrototypeOf(value))) for (const [i, item] of value.entries()) yield [`[${i}]`, item];
  } else if (kind === 'Map') {
    for (const [key, item] of value) {
      yield ['.keys()', key];
      yield [stepToItem(key), item];
    }
  } else if (kind === 'Set') {
    for (const item of value) yield ['.values()', item];
  } else if (isRecord(value)) {
    for (const key of ownKeys(value)) yield [stepTo(key), value[key]];
  }
}

function hashEnd() {
  let text = '';
  for (let i = 0; i < 4; i++) text += `${hashWord(i).toString(36)}.`;
  return text;
}
