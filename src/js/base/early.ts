// Calls before `init()` is done: those that can wait are kept, in order, and made when what they need is there.

import { basePart } from '#parts/base';
import { assertReady, keep, underWay, whyNotLoaded } from './engine.js';
import type { TaskloomError } from './errors.js';
import { begin } from './init.js';
import type { Part } from './parts.js';

/** Throws unless the part is on its way, or can be fetched: `taskloom/slim` has to be given its wasm. To be called before anything is noted. */
export function assertCanWait(part: Part): void {
  if (!basePart._url && !underWay() && !whyNotLoaded()) assertReady(part);
}

/** Makes a call when its part is there, which is fetched now unless it is on its way; `refuse` is told if it can't be. */
export function callLater(part: Part, call: () => void, refuse: (error: TaskloomError) => void): void {
  const error = whyNotLoaded();
  if (error) return refuse(error);
  assertCanWait(part);
  keep(part, call, refuse);
  begin().catch(() => {}); // who waits is told
}

/** The same for what returns a promise. */
export const whenBegun = <T>(part: Part, call: () => T | PromiseLike<T>): Promise<T> =>
  new Promise((resolve, reject) => callLater(part, () => resolve(new Promise(settle => settle(call()))), reject));
