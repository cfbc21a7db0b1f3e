// How an error crosses the border between a page and a worker: as a record that can be cloned, made into an error on the other side.
// Structured clone by itself loses the class's name, the code, and every property of one's own.

import { TaskloomError, isError } from './errors.js';

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

const STANDARD = ['name', 'message', 'stack', 'cause', 'errors'];
const CLASSES = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
/** An error whose cause is one of its own causes is cut off here. */
const MAX_DEPTH = 16;

/** Whether the value can be sent as it is. */
export function canBeCloned(value) {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** A thrown value as something that can be sent, whatever it was. */
export function pack(thrown, depth = 0) {
  if (thrown instanceof NonRetryableError && thrown._original !== thrown) return { ...pack(thrown._original, depth + 1), final: true };
  if (!isError(thrown)) return canBeCloned(thrown) ? { value: thrown } : { name: 'Error', message: describe(thrown), stack: '', own: {} };
  const record = { name: text(thrown, 'name'), message: text(thrown, 'message'), stack: text(thrown, 'stack'), own: {} };
  record.dom = Object.prototype.toString.call(thrown) === '[object DOMException]';
  record.kind = kindOf(thrown);
  record.final = thrown instanceof NonRetryableError;
  if (depth < MAX_DEPTH) {
    if ('cause' in thrown && thrown.cause !== undefined) record.cause = pack(thrown.cause, depth + 1);
    if (Array.isArray(thrown.errors)) record.errors = thrown.errors.map(error => pack(error, depth + 1));
  }
  for (const key of Object.keys(thrown)) {
    if (STANDARD.includes(key)) continue;
    try {
      if (canBeCloned(thrown[key])) record.own[key] = thrown[key];
    } catch {
      // a getter that throws
    }
  }
  return record;
}

/** The nearest class that the platform has, so that a subclass of TypeError is one on the other side too. */
function kindOf(error) {
  for (let proto = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    const name = proto.constructor?.name;
    if (CLASSES[name] === proto.constructor) return name;
  }
  return 'Error';
}

/** The value that was thrown on the other side. `stack` is added below the stack of that side. */
export function unpack(record, stack = '') {
  const error = unpackOne(record);
  if (stack && error instanceof Error) define(error, 'stack', `${error.stack}\n    — called by the page —\n${stack}`);
  return record?.final && !(error instanceof NonRetryableError) ? new NonRetryableError(error) : error;
}

function unpackOne(record) {
  if (record === undefined || 'value' in record) return record?.value;
  const { name, message, own, dom, kind } = record;
  const cause = record.cause && unpackOne(record.cause);
  let error;
  if (record.final && name === 'TaskloomError') error = new NonRetryableError(message);
  else if (name === 'TaskloomError') error = new TaskloomError(own.code, message);
  else if (dom) error = new DOMException(message, name);
  else if (record.errors) error = new AggregateError(record.errors.map(unpackOne), message);
  else error = new (CLASSES[kind] ?? Error)(message);
  if (error.name !== name) define(error, 'name', name);
  if (cause !== undefined) define(error, 'cause', cause);
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

/** Where in a value the first thing stands that can't be cloned: '', '.a.b', '[3].f'; undefined if there is none. */
export function findUncloneable(value, seen = new Set()) {
  if (canBeCloned(value)) return undefined;
  if (typeof value !== 'object' || value === null || seen.has(value)) return '';
  seen.add(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const below = findUncloneable(value[i], seen);
      if (below !== undefined) return `[${i}]${below}`;
    }
  } else {
    for (const key of Object.keys(value)) {
      const below = findUncloneable(value[key], seen);
      if (below !== undefined) return `.${key}${below}`;
    }
  }
  return '';
}

/** The error for a value that can't be sent. `where` names it, `cause` is what the platform said. */
export function notSerializable(where, value, cause) {
  const path = findUncloneable(value) ?? '';
  return new TaskloomError('not-serializable', `${where}${path} can't be sent between a page and a worker: ${cause?.message ?? cause}; ` +
    'send plain data, and list buffers and ports in transfer only once', { cause });
}
