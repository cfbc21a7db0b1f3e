// Options as callers write them, read into what the engine takes. What is valid is core's to say.

import { basePart } from '#parts/base';
import * as wasm from '#wasm';
import { TaskloomError, invalid } from './errors.js';
import { tagOf } from './values.js';

/** No duration, for the engine. */
export const NONE = NaN;

/**
 * Milliseconds out of a number, a string such as '1h30m', or a Temporal.Duration; undefined and null are `fallback`. Before there is an engine
 * only the type is checked, and what is returned stands for the duration: it is to be read once more.
 */
export function duration(name: string, value: unknown, fallback = NONE): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number') {
    if (basePart._isReady) wasm.checkDuration(name, value);
    return value;
  }
  if (typeof value === 'string') return basePart._isReady ? wasm.parseDuration(name, value) : 0;
  const { total } = value as { total?: unknown };
  if (typeof total === 'function') {
    let millis: unknown;
    try {
      millis = total.call(value, { unit: 'milliseconds' });
    } catch (cause) {
      throw new TaskloomError('invalid-argument', `${name} is a Temporal.Duration that has no fixed length ` +
        '(years, months and weeks have none); give days or smaller units', { cause });
    }
    if (typeof millis === 'number') return duration(name, millis);
  }
  throw invalid(name, value, "a duration: a number of milliseconds, a string such as '90s', or a Temporal.Duration");
}

/** The longest duration that core takes. */
export const LONGEST = 8.64e15;

/** A duration that is a limit: Infinity means that there is none, which is `none` to the engine. */
export const limit = (name: string, value: unknown, fallback?: number, none = NONE): number => (value === Infinity ? none : duration(name, value, fallback));

export function optionalFunction(name: string, value: unknown): Function | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'function') throw invalid(name, value, 'a function');
  return value;
}

export function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name, value, 'an object');
}

/**
 * Whether it is an AbortSignal, of this page or of a frame: a proxy of one, or an object with its prototype, can't be asked whether
 * it has aborted.
 */
export function isSignal(value: unknown): value is AbortSignal {
  try {
    return tagOf(value) === 'AbortSignal' && typeof (value as AbortSignal).aborted === 'boolean';
  } catch {
    return false;
  }
}

export function checkBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalid(name, value, 'true or false');
}
