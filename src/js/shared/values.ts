// Values as they are stored: text by the codec of session state, or a clone of what only the platform can clone, such as a Blob.

import { TaskloomError } from '../base/errors.js';
import { structuredCopy } from '../base/host.js';
import { builtInClass, isRecord } from '../base/values.js';
import { decode, encode } from '../state/codec.js';

const JSON_TEXT = 0;
const SHAPE_TEXT = 1;
const CLONE = 2;

/** A value as it is stored, and as a notice tells it. */
export type Encoded = { readonly form: typeof JSON_TEXT | typeof SHAPE_TEXT; readonly body: string } | { readonly form: typeof CLONE; readonly body: unknown };

/** Throws `not-serializable` with the path to what can be neither text nor cloned. `where` names the value. */
export function encoded(value: unknown, where: string): Encoded {
  try {
    const { text, shape } = encode(value, where) as { text: string; shape: boolean };
    return { form: shape ? SHAPE_TEXT : JSON_TEXT, body: text };
  } catch (error) {
    if ((error as TaskloomError).code !== 'not-serializable' || !isWhole(value)) throw error;
    try {
      return { form: CLONE, body: structuredCopy(value) };
    } catch {
      throw error;
    }
  }
}

/** A value that is nobody else's. Throws if it is damaged. */
export function decoded({ form, body }: Encoded): unknown {
  return form === CLONE ? structuredCopy(body) : decode(body as string, form === SHAPE_TEXT);
}

/** Whether it is what `encoded` makes: others can write to the database too. */
export const isEncoded = (form: unknown, body: unknown): boolean =>
  form === CLONE || ((form === JSON_TEXT || form === SHAPE_TEXT) && typeof body === 'string');

/** Whether two values are stored alike (src/core/shared/form.rs). Nobody looks into a clone. */
export const areEqual = (one: Encoded, other: Encoded): boolean => one.form !== CLONE && one.form === other.form && one.body === other.body;

/** How many bytes it takes in a notice at most; infinitely many if nobody knows. */
export const sizeOf = ({ form, body }: Encoded): number => (form === CLONE ? Infinity : 2 * (body as string).length);

/** Whether a clone loses nothing of it: of an instance of a class it would lose the class. */
function isWhole(value: unknown): boolean {
  const seen = new Set<unknown>([value]);
  try {
    for (const part of seen) {
      if (typeof part === 'function' || typeof part === 'symbol') return false;
      if (typeof part !== 'object' || part === null) continue;
      if (part instanceof Map) part.forEach((item, key) => seen.add(key).add(item));
      else if (part instanceof Set) part.forEach(item => seen.add(item));
      else if (Array.isArray(part) || isRecord(part)) Object.values(part).forEach(item => seen.add(item));
      else if (builtInClass(part) === undefined || part instanceof Error) return false;
    }
    return true;
  } catch {
    return false; // a proxy, or a getter that throws
  }
}
