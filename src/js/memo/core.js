// The calls of core's caches.
//
// A recursion through a cached function may use up the stack in one of them. If it was interrupted the engine has stopped, as after any trap; if not, the
// caller's recursion ends with the platform's own error, as it would without a cache. There is no stack to tell the one from the other until the recursion has ended.

import * as wasm from '#wasm';
import { fault, finishDying, hasDied } from '../engine.js';

/** Whether one of the calls has thrown. */
let isSuspect = false;

const guarded = call => (a, b, c, d, e) => {
  try {
    return call(a, b, c, d, e);
  } catch (trap) {
    isSuspect = true; // calls nothing
    throw trap instanceof WebAssembly.RuntimeError ? fault(trap) : trap;
  }
};

/** To be called when a recursion may have ended. */
export function checkStack() {
  if (!isSuspect) return;
  try {
    if (!wasm.memoIsSound()) fault(new WebAssembly.RuntimeError('a recursion has used up the stack'));
    if (hasDied()) finishDying();
    isSuspect = false;
  } catch {
    // Still no stack for it: whoever comes next sees to it.
  }
}

/** The one call of each hit: a function of its own, which engines inline. */
export function memoLook(cache, slot, now) {
  try {
    return wasm.memoLook(cache, slot, now);
  } catch (trap) {
    isSuspect = true;
    throw trap instanceof WebAssembly.RuntimeError ? fault(trap) : trap;
  }
}

export const memoAbandon = guarded(wasm.memoAbandon);
export const memoAdd = guarded(wasm.memoAdd);
export const memoBegin = guarded(wasm.memoBegin);
export const memoClear = guarded(wasm.memoClear);
export const memoClearAll = guarded(wasm.memoClearAll);
export const memoEnd = guarded(wasm.memoEnd);
export const memoEvictOne = guarded(wasm.memoEvictOne);
export const memoFail = guarded(wasm.memoFail);
export const memoFlight = guarded(wasm.memoFlight);
export const memoInvalidate = guarded(wasm.memoInvalidate);
export const memoJoin = guarded(wasm.memoJoin);
export const memoLeave = guarded(wasm.memoLeave);
export const memoNextGone = guarded(wasm.memoNextGone);
export const memoNextRefresh = guarded(wasm.memoNextRefresh);
export const memoPeek = guarded(wasm.memoPeek);
export const memoRestore = guarded(wasm.memoRestore);
export const memoSettle = guarded(wasm.memoSettle);
export const memoSlot = guarded(wasm.memoSlot);
export const memoStat = guarded(wasm.memoStat);
export const memoTick = guarded(wasm.memoTick);
export const memoWake = guarded(wasm.memoWake);
export const hashBegin = guarded(wasm.hashBegin);
export const hashUpdate = guarded(wasm.hashUpdate);
export const hashWord = guarded(wasm.hashWord);
