// What structured clone loses of an error: a name and a class of one's own, the code, all other properties.

import { TaskloomError, isError } from '../base/errors.js';

const CLASSES = { AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, TaskloomError };
const OF_CLONE = ['name', 'message', 'stack'];

/** An error, and what `restoreErrors` is to put on its clone. To be cloned in one call with the value that holds the error. */
export function partsOf(error) {
  // Without a prototype, so that a key such as `__proto__` is one like any other.
  const own = Object.create(null);
  for (const key of Object.getOwnPropertyNames(error)) if (!OF_CLONE.includes(key)) own[key] = error[key];
  return { error, name: String(error.name), message: String(error.message), kind: kindOf(error), own, listed: Object.keys(error) };
}

/** Whether it is what `partsOf` gives, for what anybody may have stored. */
export const isParts = parts => isError(parts?.error) && typeof parts.own === 'object' && parts.own !== null && Array.isArray(parts.listed);

/** The nearest class that a page surely has. */
function kindOf(error) {
  for (let proto = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    const kind = Object.keys(CLASSES).find(name => CLASSES[name].prototype === proto); // not by its name: minifiers change that
    if (kind) return kind;
  }
  return '';
}

/** Makes the clones of errors what their originals were; returns them. */
export function restoreErrors(clones) {
  return clones.map(({ error, name, message, kind, own, listed }) => {
    if (Object.hasOwn(CLASSES, kind) && !(error instanceof CLASSES[kind])) Object.setPrototypeOf(error, CLASSES[kind].prototype);
    for (const [key, value] of Object.entries({ name, message })) if (error[key] !== value) define(error, key, value, false);
    for (const key of Object.keys(own)) define(error, key, own[key], listed.includes(key));
    return error;
  });
}

const define = (object, key, value, enumerable) => Object.defineProperty(object, key, { value, configurable: true, enumerable, writable: true });
