// What structured clone loses of an error: a name and a class of one's own, the code, all other properties.

import { TaskloomError, isError } from '../base/errors.js';

/** An error, and what `restoreErrors` is to put on its clone. */
export interface ErrorParts {
  error: Error;
  name: string;
  message: string;
  /** The nearest class that a page surely has, '' if there is none. */
  kind: string;
  own: Record<string, unknown>;
  /** Which of `own` are enumerable. */
  listed: string[];
}

const CLASSES: Record<string, new (...args: never[]) => Error> = {
  AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, TaskloomError,
};
const OF_CLONE = ['name', 'message', 'stack'];

/** To be cloned in one call with the value that holds the error. */
export function partsOf(error: Error): ErrorParts {
  // Without a prototype, so that a key such as `__proto__` is one like any other.
  const own: Record<string, unknown> = Object.create(null);
  for (const key of Object.getOwnPropertyNames(error)) if (!OF_CLONE.includes(key)) own[key] = error[key as keyof Error];
  return { error, name: String(error.name), message: String(error.message), kind: kindOf(error), own, listed: Object.keys(error) };
}

/** Whether it is what `partsOf` gives, for what anybody may have stored. */
export const isParts = (parts: Partial<ErrorParts> | null | undefined): parts is ErrorParts =>
  isError(parts?.error) && typeof parts!.own === 'object' && parts!.own !== null && Array.isArray(parts!.listed);

function kindOf(error: Error): string {
  for (let proto: object | null = Object.getPrototypeOf(error); proto; proto = Object.getPrototypeOf(proto)) {
    const kind = Object.keys(CLASSES).find(name => CLASSES[name]!.prototype === proto); // not by its name: minifiers change that
    if (kind) return kind;
  }
  return '';
}

/** Makes the clones of errors what their originals were; returns them. */
export function restoreErrors(clones: ErrorParts[]): Error[] {
  return clones.map(({ error, name, message, kind, own, listed }) => {
    const type = Object.hasOwn(CLASSES, kind) ? CLASSES[kind] : undefined;
    if (type && !(error instanceof type)) Object.setPrototypeOf(error, type.prototype);
    for (const [key, value] of Object.entries({ name, message })) if (error[key as 'name' | 'message'] !== value) define(error, key, value, false);
    for (const key of Object.keys(own)) define(error, key, own[key], listed.includes(key));
    return error;
  });
}

const define = (object: object, key: string, value: unknown, enumerable: boolean) =>
  Object.defineProperty(object, key, { value, configurable: true, enumerable, writable: true });
