// A short cut to the entry of a call: small plain arguments are compared with those of an earlier call, and no key is made. That is twice as fast.
//
// It finds an entry only for arguments that have the same key (src/js/memo/key.js), and may miss any: then the key is made. The parts of the arguments are
// written one after another, in a way that tells where lists and records end, and a number is computed of them; a map from these numbers has the entry.

/** So many parts and characters, at most. */
const LIMIT = 256;
/** Of a string only so many characters at both ends go into the number. */
const ENDS = 32;

const RECORD = Symbol('{');
const LIST = Symbol('[');
const END = Symbol('end');

const getPrototypeOf = Object.getPrototypeOf;
const objectPrototype = /* @__PURE__ */ getPrototypeOf({});
const arrayPrototype = /* @__PURE__ */ getPrototypeOf([]);

const double = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ (() => new Int32Array(double.buffer))();

/** What was read last: its parts, how many they are, and their number. */
const parts = /* @__PURE__ */ (() => new Array(3 * LIMIT).fill(undefined))();
let count = 0;
let number = 0;
/** How much more may be read. */
let left = 0;
let readings = 0;

/** What numbers are mixed with: 2^32 over the golden ratio. Written out at each place, which is a tenth faster than a call. */
const GOLDEN = 0x9e3779b1;

/** Takes in a value; false if it is no plain one, or too much. */
function take(value) {
  switch (typeof value) {
    case 'number':
      if (value === (value | 0)) {
        if (value === 0 && 1 / value < 0) return false; // === does not tell it from 0
        number = Math.imul(number ^ value, GOLDEN);
      } else {
        if (value !== value) return false; // nor NaN from anything
        double[0] = value;
        number = Math.imul(number ^ (words[0] ^ Math.imul(words[1], 0x85ebca6b)), GOLDEN);
      }
      break;
    case 'string':
      if ((left -= value.length) < 0) return false;
      takeText(value);
      break;
    case 'boolean':
      number = Math.imul(number ^ (value ? 0x165667b1 : 0x27d4eb2f), GOLDEN);
      break;
    case 'undefined':
      number = Math.imul(number ^ 0x2545f491, GOLDEN);
      break;
    case 'object':
      if (value !== null) return takeObject(value);
      number = Math.imul(number ^ 0x6a09e667, GOLDEN);
      break;
    default:
      return false;
  }
  number ^= number >>> 15;
  parts[count++] = value;
  return true;
}

function takeText(text) {
  const { length } = text;
  let mixed = number ^ length;
  const end = length <= 2 * ENDS ? length : ENDS;
  for (let i = 0; i < end; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  if (end !== length) for (let i = length - ENDS; i < length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  number = mixed;
}

function takeObject(value) {
  const prototype = getPrototypeOf(value);
  if (prototype === arrayPrototype && Array.isArray(value)) {
    if (!takeItems(value)) return false;
  } else {
    if (prototype !== objectPrototype || Symbol.toStringTag in value) return false;
    parts[count++] = RECORD;
    for (const key in value) { // what is not its own shows in isPolluted
      if (--left < 0) return false;
      parts[count++] = key;
      number = Math.imul(number ^ (key.length ^ (key.charCodeAt(0) << 8)), GOLDEN);
      if (!take(value[key])) return false;
    }
  }
  parts[count++] = END;
  return --left >= 0;
}

function takeItems(values) {
  const { length } = values;
  if ((left -= length) < 0) return false;
  parts[count++] = LIST;
  for (let i = 0; i < length; i++) {
    const item = values[i];
    if (item === undefined && !(i in values)) return false;
    if (!take(item)) return false;
  }
  return true;
}

/** Whether lists and records have properties that are not theirs. */
function isPolluted() {
  for (const _ in arrayPrototype) return true;
  return false;
}

export class ShortCut {
  constructor() {
    this._entries = new Map();
  }

  /** Reads the arguments of a call; false if there is no short cut for them. `find` and `note` are about what was read last. */
  read(args) {
    const reading = ++readings;
    count = 0;
    number = 0;
    left = LIMIT;
    if (!takeItems(args) || reading !== readings || isPolluted()) return false; // a getter may have read others
    number &= 0x3fffffff; // what engines keep without a box
    return true;
  }

  /** The entry of equal arguments. */
  find() {
    const entry = this._entries.get(number);
    if (entry === undefined) return undefined;
    const known = entry._note._parts;
    const { length } = known;
    if (length !== count) return undefined;
    const read = parts;
    for (let i = 0; i < length; i++) if (known[i] !== read[i]) return undefined;
    return entry;
  }

  /** What was read, for `remember`. */
  note() {
    return { _number: number, _parts: parts.slice(0, count) };
  }

  remember(entry, note) {
    this.forget(entry);
    entry._note = note;
    this._entries.set(note._number, entry);
  }

  forget(entry) {
    const { _note: note } = entry;
    if (note !== undefined && this._entries.get(note._number) === entry) this._entries.delete(note._number);
  }

  clear() {
    this._entries.clear();
  }
}
