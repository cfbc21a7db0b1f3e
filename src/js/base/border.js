// How an error crosses the border between a page and a worker: as a record that can be cloned, made into an error on the other side.
// Structured clone by itself loses the class's name, the code, and every property of one's own.

import { TaskloomError, isError } from './errors.js';
import { OURS, stepTo, tagOf } from './values.js';

/** Thrown inside a task, it ends the retries: the task fails with the Error that it was made from. */
export class NonRetryableError extends TaskloomError {
  #original;

  constructor(reason, options) {
    const wraps = isError(reason);
    super('non-retryable', wraps ? reason.message : String(reason ?? 'The task asked not to be tried again'),
      wraps ? { cause: reason, ...options } : options);
    this.#original = wraps ? reason : this;
  }

  get _original() {
    return this.#original;
  }
}

export const STANDARD = ['name', 'message', 'stack', 'cause', 'errors'];
const CLASSES = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
/** A chain of causes is cut off here, */
const MAX_DEPTH = 16;
/** and all that one error holds here. */
const MAX_ERRORS = 256;

/** Whether the value can be sent as it is. */
export function canBeCloned(value) {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * A thrown value as something that can be sent, whatever it was. `budget` is shared by an error and all that it holds: one that holds itself, or
 * very many, is cut off.
 */
export function pack(thrown, budget = { left: MAX_ERRORS }, depth = 0) {
  try {
    return packOne(thrown, budget, depth);
  } catch {
    // a proxy, or getters that throw
    return described(thrown);
  }
}

/** The record of a value that can't be sent: an error that says so. */
const described = (thrown, own = {}) =>
  ({ name: 'TaskloomError', message: describe(thrown), stack: '', own: { code: 'not-serializable', ...own } });

function packOne(thrown, budget, depth) {
  budget.left--;
  if (thrown instanceof NonRetryableError && thrown._original !== thrown) return { ...pack(thrown._original, budget, depth + 1), final: true };
  if (!isError(thrown)) return canBeCloned(thrown) ? { value: thrown } : packPart(thrown);
  // Without a prototype, so that a key such as `__proto__` is one like any other.
  const record = { name: text(thrown, 'name'), message: text(thrown, 'message'), stack: text(thrown, 'stack'), own: Object.create(null) };
  record.dom = Object.prototype.toString.call(thrown) === '[object DOMException]';
  record.kind = kindOf(thrown);
  record.final = thrown instanceof NonRetryableError;
  if (depth < MAX_DEPTH) {
    const cause = read(thrown, 'cause');
    if ((cause !== undefined || Object.hasOwn(thrown, 'cause')) && budget.left > 0) record.cause = pack(cause, budget, depth + 1);
    const errors = read(thrown, 'errors');
    if (Array.isArray(errors)) record.errors = errors.slice(0, Math.max(0, budget.left)).map(error => pack(error, budget, depth + 1));
  }
  packOwn(thrown, record.errors ? STANDARD : STANDARD.filter(key => key !== 'errors'), record.own); // `errors` may be the app's own
  return record;
}

/** What is no error and can't be sent: an error with what of it can. */
function packPart(thrown) {
  const record = described(thrown);
  if (typeof thrown !== 'object') return record;
  const texts = ['name', 'message'].filter(key => typeof read(thrown, key) === 'string');
  for (const key of texts) record[key] = thrown[key];
  record.own = packOwn(thrown, texts, Object.assign(Object.create(null), record.own));
  return record;
}

/** Adds the properties that can be cloned to the record's own, and the names of those that can't. */
function packOwn(thrown, except, own) {
  const dropped = [];
  for (const key of Object.keys(thrown)) {
    if (except.includes(key)) continue;
    const value = read(thrown, key, UNREADABLE);
    if (value !== UNREADABLE && canBeCloned(value)) own[key] = value;
    else dropped.push(key);
  }
  if (dropped.length > 0) own.dropped ??= dropped;
  return own;
}

const UNREADABLE = Symbol('unreadable');

/** A property; `otherwise` if its getter throws. */
function read(object, key, otherwise) {
  try {
    return object[key];
  } catch {
    return otherwise;
  }
}

/** The nearest class that the platform has, so that a subclass of TypeError is one on the other side too. */
function kindOf(error) {
  for (let proto = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    const name = proto.constructor?.name;
    if (Object.hasOwn(CLASSES, name)) return name; // also of another frame
  }
  return 'Error';
}

/** The value that was thrown on the other side. `stack` is added below the stack of that side. */
export function unpack(record, stack = '') {
  const error = unpackOne(record, { left: 2 * MAX_ERRORS });
  if (stack && error instanceof Error) define(error, 'stack', `${error.stack}\n    — called by the page —\n${stack}`);
  return record?.final && !(error instanceof NonRetryableError) ? new NonRetryableError(error) : error;
}

function unpackOne(record, budget) {
  if (record === undefined || 'value' in record) return record?.value;
  if (budget.left-- === 0) throw new TypeError('it holds too many errors');
  const { name, message, own, dom, kind } = record;
  const cause = record.cause && unpackOne(record.cause, budget);
  let error;
  if (record.final && name === 'TaskloomError') error = new NonRetryableError(message);
  else if (name === 'TaskloomError') error = new TaskloomError(own.code, message);
  else if (dom) error = new DOMException(message, name);
  else if (record.errors) error = new AggregateError(record.errors.map(each => unpackOne(each, budget)), message);
  else error = new (Object.hasOwn(CLASSES, kind) ? CLASSES[kind] : Error)(message);
  if (error.name !== name) define(error, 'name', name);
  if (record.cause) define(error, 'cause', cause);
  for (const [key, value] of Object.entries(own)) {
    // A key such as `__proto__` is data here, and one that the class has as a getter can't be assigned.
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: true });
  }
  define(error, 'stack', record.stack);
  return error;
}

const define = (object, key, value) => Object.defineProperty(object, key, { value, configurable: true, writable: true });

function text(error, key) {
  try {
    return String(error[key] ?? '');
  } catch {
    return '';
  }
}

function describe(value) {
  try {
    return `a value that can't be sent was thrown: ${String(value)}`;
  } catch {
    return "a value that can't be sent was thrown";
  }
}

/**
 * The reason that a value can't be cloned, and where in it that stands: '', '.a.b', '[3].f', '["a-b"]'; the value itself if nobody can tell. An object of ours is one
 * whatever is in it, and is not looked into.
 */
function culpritIn(value) {
  try {
    return find(value, new Set(), 0);
  } catch {
    return { path: '' }; // a proxy
  }
}

function find(value, seen, depth) {
  if (value?.[OURS]) return { path: '', value };
  if (depth > 0 && canBeCloned(value)) return undefined;
  if (typeof value !== 'object' || value === null || seen.has(value) || depth > MAX_DEPTH) return { path: '', value };
  seen.add(value);
  for (const key of Object.keys(value)) {
    let below;
    try {
      below = find(value[key], seen, depth + 1);
    } catch {
      below = { path: '' }; // a getter that throws
    }
    if (below) return { path: stepTo(key) + below.path, value: below.value };
  }
  return { path: '', value };
}

/** The error for a value that can't be sent. `where` names it, `cause` is what the platform said, if it was asked. */
export function notSerializable(where, value, cause) {
  const culprit = culpritIn(value);
  return new TaskloomError('not-serializable', `${where}${culprit.path} ${refusal(culprit.value, where === 'args', cause)}`, { cause });
}

function refusal(value, isArgument, cause) {
  const cannot = "can't be sent between a page and a worker";
  const name = typeof value === 'object' && value !== null ? value[OURS] ?? (tagOf(value) === 'Promise' ? 'Promise' : undefined) : undefined;
  if (name) return `is a ${name}, which ${cannot}; ${/^(Task|Promise)$/.test(name) ? 'await it, and send what it gives' : 'send plain data'}`;
  if (typeof value === 'function' && isArgument) {
    return `is a function, which ${cannot}; if the job is to call it, pass callback(fn), which must be an argument by itself`;
  }
  return `${cannot}: ${messageOf(cause)}; send plain data, and list buffers and ports in transfer only once`;
}

function messageOf(cause) {
  try {
    return String(cause?.message ?? cause);
  } catch {
    return 'it threw something that has no text';
  }
}
