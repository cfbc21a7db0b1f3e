// The errors that callers see. This file imports nothing: the Rust side links it by itself.

/** An error of taskloom's own; `code` is the contract, the message says what was wrong and what to do. */
export class TaskloomError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
  get name() {
    return 'TaskloomError';
  }
}


/** A typed refusal of a bad value, worded like core's own. */
export const invalid = (name, value, expected) =>
  new TaskloomError('invalid-argument', `${name} is ${show(value)}; it must be ${expected}`);

/** The same from core, which spells names as Rust does. */
export const invalidInCore = (name, value, expected) => invalid(name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value, expected);

export const queueFull = limit =>
  new TaskloomError('queue-full', `${limit} tasks wait already, which is maxQueue; await onIdle(), or try again later`);

/** Any value as a short text; never throws. */
export function show(value) {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  try {
    if (isError(value)) return String(value);
    return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
  } catch {
    return typeof value; // an object whose own conversion throws
  }
}

const domError = (name, message, cause) => {
  const error = new DOMException(message, name);
  // The DOMException constructor has no option for it.
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return error;
};

/** Whether it is an Error, also one of another frame, whose classes are not ours. */
export function isError(value) {
  try {
    return value instanceof Error || (Error.isError?.(value) ?? /^\[object (Error|DOMException)\]$/.test(Object.prototype.toString.call(value)));
  } catch {
    return false; // a revoked proxy, say
  }
}

/** A RangeError in Chromium and Safari, an InternalError in Firefox. */
export const isStackOverflow = error => error?.name === 'InternalError'
  || (error?.name === 'RangeError' && String(error.message).includes('call stack'));

/** A task, for messages. */
export const called = ({ name }, t = 'T') => (name ? `${t}he task '${name}'` : `${t}he task`);

/** What a cancelled task rejects with: the reason itself if it is an Error, else an AbortError around it. */
export const abortError = (reason, message = 'The task was cancelled') =>
  isError(reason) ? reason : domError('AbortError', reason === undefined ? message : `${message}: ${show(reason)}`, reason);

export const timeoutError = message => domError('TimeoutError', message);

/** An error that nobody waits for goes where uncaught ones go, and harms no one else. */
export const report = error => {
  if (error?.cause?.absent) return warn(error.message); // nobody has to mend anything
  if (typeof reportError === 'function') reportError(error);
  else queueMicrotask(() => { throw error; });
};

const warned = new Set();

/** Says something once. */
export function warn(message) {
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(`taskloom: ${message}`);
}

/** Calls a listener of a caller's: one that throws harms nobody else. */
export function tell(listener, ...args) {
  try {
    listener(...args);
  } catch (error) {
    report(error);
  }
}

let trapListener = error => error;
export const onThrown = listener => { trapListener = listener; };
/** Called by the glue with what a call into wasm has thrown; gives what its caller is thrown. */
export const thrown = error => trapListener(error);

let panicListener = () => {};
export const onPanic = listener => { panicListener = listener; };
/** Called by the panic hook, just before the instance traps. */
export const reportPanic = message => panicListener(message);
