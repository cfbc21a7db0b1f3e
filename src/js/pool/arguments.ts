// What stands among the arguments of a call and is no value: what moves to the worker, and functions that it calls back.

import { invalid } from '../base/errors.js';

// ---- transferring --------------------------------------------------------------------------------------------------

const transfers = new WeakMap<object, readonly Transferable[]>();
let transfersKnown = false;

/** Marks a value so that a call that has it among its arguments transfers these objects with it. */
export function transfer<T extends object>(value: T, list: readonly Transferable[]): T {
  if (!Array.isArray(list)) throw invalid('the transfer list', list, 'an array');
  if (typeof value !== 'object' || value === null) throw invalid('the value', value, 'an object');
  transfers.set(value, list);
  transfersKnown = true;
  return value;
}

/** What a call moves to its worker: what it says, and what its arguments are marked with. */
export function transferOf(args: readonly unknown[], list: readonly Transferable[] | undefined): readonly Transferable[] | undefined {
  if (list === undefined && !transfersKnown) return undefined; // as most calls
  if (list !== undefined && !Array.isArray(list)) throw invalid('transfer', list, 'an array of transferable objects');
  let all = list;
  for (const arg of args) {
    const marked = typeof arg === 'object' && arg !== null ? transfers.get(arg) : undefined;
    if (marked) all = [...(all ?? []), ...marked];
  }
  return all && all.length > 0 ? all : undefined;
}

// ---- calling back --------------------------------------------------------------------------------------------------

type Callback = (...args: readonly unknown[]) => unknown;

const callbacks = new WeakMap<Callback, Callback>();
let callbacksKnown = false;

/** A function of the page that a job may call, if it is among the arguments of the job's call. */
export function callback(fn: Callback): Callback {
  if (typeof fn !== 'function') throw invalid('the callback', fn, 'a function');
  const call: Callback = async (...args) => fn(...args);
  callbacks.set(call, fn);
  callbacksKnown = true;
  return call;
}

/** The arguments as they are sent: without functions, and with the places at which those stood; undefined if there are none. */
export function takeCallbacks(args: readonly unknown[]): { args: readonly unknown[]; functions: readonly Callback[] } | undefined {
  if (!callbacksKnown) return undefined; // as most calls
  const places: number[] = [];
  const functions: Callback[] = [];
  const rest = args.map((arg, place) => {
    const fn = typeof arg === 'function' ? callbacks.get(arg as Callback) : undefined;
    if (!fn) return arg;
    places.push(place);
    functions.push(fn);
    return null;
  });
  return places.length > 0 ? { args: [...rest, places], functions } : undefined;
}
