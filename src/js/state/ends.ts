// When values end that somebody listens to: one timer for all of them. Which is next is core's to say (src/core/state/ends.rs).

import { statePart } from '#parts/state';
import * as wasm from '#wasm';
import { isReady } from '../base/engine.js';
import { report } from '../base/errors.js';
import { quietTimeout, type Timer } from '../base/host.js';

/** A slot, as far as its end goes. */
export interface Ending {
  /** Core's number of the end, -1 if nobody is to hear of it. */
  endId: number;
  /** In milliseconds of the wall clock. */
  readonly expiresAt: number;
  /** Whether somebody is to hear of the end when it comes. */
  readonly isToBeTold: boolean;
  timeIsUp(): void;
}

const MAX_TIMER = 0x7fff_ffff;

/** Slots by core's numbers of their ends. */
const slots: (Ending | undefined)[] = [];
let timer: Timer | undefined;
let armedFor = Infinity;
let listens = false; // for a fresh engine

/** Sees to it that a slot's end is told at its time; its end was another before, or none. */
export function watchEnd(slot: Ending) {
  if (slot.endId >= 0) {
    slots[slot.endId] = undefined;
    wasm.closeEnd(slot.endId);
    slot.endId = -1;
  }
  if (!slot.isToBeTold) return;
  if (!listens) statePart._onBegin(beginAgain);
  listens = true;
  slots[slot.endId = wasm.openEnd(slot.expiresAt)] = slot;
  arm();
}

function arm() {
  const next = wasm.nextEnd();
  if (next >= armedFor) return;
  clearTimeout(timer);
  timer = quietTimeout(tick, Math.min(Math.max(next - Date.now(), 0), MAX_TIMER));
  armedFor = next;
}

function tick() {
  armedFor = Infinity;
  if (!isReady(statePart)) return;
  try {
    for (let end; (end = wasm.dueEnd(Date.now())) >= 0; ) {
      const slot = slots[end]!;
      slots[end] = undefined;
      slot.endId = -1;
      slot.timeIsUp();
    }
    arm();
  } catch (error) {
    report(error);
  }
}

/** The engine is a fresh one. */
function beginAgain() {
  armedFor = Infinity;
  for (const slot of slots.splice(0)) {
    if (!slot) continue;
    slot.endId = -1;
    watchEnd(slot);
  }
}
