// Frames through shared memory, in one direction: a ring of slots that one side writes and the other reads. A fast path of the protocol: what
// does not fit, or is more than plain data, goes as a message. The sequence numbers of the frames keep the two in order.

import * as protocol from './protocol.js';
import { isDense } from '../base/snapshot.js';

const HEADER = 2; // of a frame, which are the same for all: magic and version
/** Frames of more elements are for a message: a batch costs least there. */
const MAX_ELEMENTS = 36;
/** More objects than this in one frame are for a message, too: each is compared with the others, lest one that stands twice be doubled. */
const MAX_OBJECTS = 32;

export class Ring {
  /** `head` and `tail` are the places of the two counters, `offset` the byte where the slots begin. */
  constructor(buffer, head, tail, offset) {
    this._control = new Int32Array(buffer, 0, protocol.SHARED_FLAGS);
    this._head = head;
    this._tail = tail;
    this._bytes = new Uint8Array(buffer, offset, protocol.RING_SLOTS * protocol.RING_SLOT_BYTES);
    this._view = new DataView(buffer, offset, this._bytes.length);
    this._count = 0; // frames written, or read
  }

  /** From the page to the worker. */
  static toWorker(buffer) {
    return new Ring(buffer, protocol.SHARED_HEAD_IN, protocol.SHARED_TAIL_IN, protocol.SHARED_BYTES_IN);
  }

  /** From the worker to the page. */
  static toPage(buffer) {
    return new Ring(buffer, protocol.SHARED_HEAD_OUT, protocol.SHARED_TAIL_OUT, protocol.SHARED_BYTES_OUT);
  }

  /** Writes a frame and wakes its reader; false if it has to go as a message. */
  write(frame) {
    if (frame.length > MAX_ELEMENTS) return false;
    if (((this._count - Atomics.load(this._control, this._tail)) | 0) >= protocol.RING_SLOTS) return false;
    begin(this, this._count);
    writeInteger(frame[3]); // first, so that a reader can look at it
    if (!writeElements(frame, HEADER)) return false;
    this._count = (this._count + 1) | 0;
    Atomics.store(this._control, this._head, this._count);
    Atomics.notify(this._control, this._head);
    return true;
  }

  /** The next frame, if there is one and it has this sequence number. */
  read(sequence) {
    if (Atomics.load(this._control, this._head) === this._count) return undefined;
    begin(this, this._count);
    if (readInteger() > sequence) return undefined; // a message is on its way that comes before it
    const frame = readElements([protocol.MAGIC, protocol.VERSION]);
    this._count = (this._count + 1) | 0;
    Atomics.store(this._control, this._tail, this._count);
    return frame;
  }

  /** Blocks the thread until a frame is written, for so many milliseconds at most; says whether one was. */
  wait(millis) {
    return Atomics.wait(this._control, this._head, this._count, millis) !== 'timed-out';
  }

  /** A promise for when something is written after now. Not after what was read: a frame may be left in the ring until a message has come. */
  written() {
    const { async, value } = Atomics.waitAsync(this._control, this._head, Atomics.load(this._control, this._head));
    return async ? value : Promise.resolve();
  }

  /** Ends the wait of the reader. */
  wake() {
    Atomics.notify(this._control, this._head);
  }
}

// ---- values --------------------------------------------------------------------------------------------------------
//
// A tag, then what belongs to it. Only what structured clone would reproduce just so.

const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const INTEGER = 4;
const FLOAT = 5;
const LATIN = 6; // a string of one byte a character
const WIDE = 7; // of two
const ARRAY = 8;
const OBJECT = 9;

let bytes, view, at, end, objects;

function begin(ring, count) {
  ({ _bytes: bytes, _view: view } = ring);
  at = (count & (protocol.RING_SLOTS - 1)) * protocol.RING_SLOT_BYTES;
  end = at + protocol.RING_SLOT_BYTES;
  objects = [];
}

function writeInteger(value) {
  view.setInt32(at, value, true);
  at += 4;
}

function readInteger() {
  const value = view.getInt32(at, true);
  at += 4;
  return value;
}

function writeElements(array, from) {
  const count = array.length - from;
  if (count > 0xffff || at + 2 > end) return false;
  view.setUint16(at, count, true);
  at += 2;
  for (let i = from; i < array.length; i++) if (!writeValue(array[i])) return false;
  return true;
}

function writeValue(value) {
  if (at + 9 > end) return false;
  switch (typeof value) {
    case 'number':
      if ((value | 0) === value && !Object.is(value, -0)) {
        bytes[at++] = INTEGER;
        writeInteger(value);
      } else {
        bytes[at++] = FLOAT;
        view.setFloat64(at, value, true);
        at += 8;
      }
      return true;
    case 'string':
      return writeString(value);
    case 'undefined':
      bytes[at++] = UNDEFINED;
      return true;
    case 'boolean':
      bytes[at++] = value ? TRUE : FALSE;
      return true;
    case 'object':
      if (value !== null) return writeObject(value);
      bytes[at++] = NULL;
      return true;
    default:
      return false;
  }
}

function writeString(text) {
  const { length } = text;
  if (at + 3 + length * 2 > end) return false;
  const start = at;
  view.setUint16(at + 1, length, true);
  at += 3;
  bytes[start] = LATIN;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return writeWide(text, start);
    bytes[at++] = code;
  }
  return true;
}

function writeWide(text, start) {
  bytes[start] = WIDE;
  at = start + 3;
  for (let i = 0; i < text.length; i++, at += 2) view.setUint16(at, text.charCodeAt(i), true);
  return true;
}

function writeObject(value) {
  if (objects.length >= MAX_OBJECTS || objects.includes(value)) return false;
  objects.push(value);
  if (Array.isArray(value)) {
    if (!isDense(value)) return false;
    bytes[at++] = ARRAY;
    return writeElements(value, 0);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  // An object of the platform's with no prototype to tell, or one that says it is something else.
  if (Symbol.toStringTag in value) return false;
  const keys = Object.keys(value);
  bytes[at++] = OBJECT;
  view.setUint16(at, keys.length, true);
  at += 2;
  for (const key of keys) {
    if (key === '__proto__' || at + 9 > end || !writeString(key) || !writeValue(value[key])) return false;
  }
  return true;
}

function readElements(array) {
  const count = view.getUint16(at, true);
  at += 2;
  for (let i = 0; i < count; i++) array.push(readValue());
  return array;
}

function readValue() {
  switch (bytes[at++]) {
    case NULL:
      return null;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case INTEGER:
      return readInteger();
    case FLOAT:
      at += 8;
      return view.getFloat64(at - 8, true);
    case LATIN:
      return readString(1);
    case WIDE:
      return readString(2);
    case ARRAY:
      return readElements([]);
    case OBJECT: {
      const object = {};
      const count = view.getUint16(at, true);
      at += 2;
      for (let i = 0; i < count; i++) {
        const width = bytes[at++] === LATIN ? 1 : 2;
        object[readString(width)] = readValue();
      }
      return object;
    }
    default:
      return undefined;
  }
}

function readString(width) {
  const length = view.getUint16(at, true);
  at += 2;
  let text = '';
  for (let i = 0; i < length; i++, at += width) text += String.fromCharCode(width === 1 ? bytes[at] : view.getUint16(at, true));
  return text;
}
