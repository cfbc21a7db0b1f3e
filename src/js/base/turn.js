// Turns of the event loop by priority: the platform's scheduler, and three lanes of our own where it is missing (all of Safari).

import { Fifo } from './fifo.js';

export const PRIORITIES = ['user-blocking', 'user-visible', 'background'];
const BACKGROUND = 2;

/** How long one turn goes on starting what waits, in ms: as long as a job runs between two turns. */
const SLICE = 5;
/** After so long in ms what waits in the background need not wait for an idle moment any more. */
const LONGEST_WAIT = 1000;
/** So many of the urgent lane may go ahead of the visible one in a row; see core's queue.rs. */
const PATIENCE = 16;

/**
 * Calls back in another turn of the event loop: the urgent go first. Never by `scheduler.yield()`: in Chromium its continuation goes ahead of every ordinary
 * task, so a job that yields in a loop starves timers, messages and fetches until it ends (measured: a 50 ms timer fired after 5.9 s).
 * `alone`: what follows may be long, so nothing else is to be called in this turn.
 */
export function postTurn(callback, priority, alone = false) {
  if (typeof scheduler === 'object' && scheduler.postTask) {
    scheduler.postTask(callback, { priority: PRIORITIES[priority] });
    return;
  }
  lanes[priority].push({ callback, alone, since: priority === BACKGROUND ? performance.now() : 0 });
  if (priority < BACKGROUND) askForTurn();
  else askForIdle();
}

/** A promise for such a turn. */
export function yieldTurn(priority = 1) {
  if (typeof scheduler === 'object' && scheduler.postTask) return scheduler.postTask(noop, { priority: PRIORITIES[priority] });
  return new Promise(resolve => { postTurn(resolve, priority, true); });
}

const noop = () => {};

// ---- without scheduler.postTask ------------------------------------------------------------------------------------

const SETTLED = /* @__PURE__ */ Promise.resolve();
const lanes = [/* @__PURE__ */ new Fifo(), /* @__PURE__ */ new Fifo(), /* @__PURE__ */ new Fifo()];
let channel;
let isAsked = false;
let isIdleAsked = false;
let inARow = 0;

/** By a message: unlike a timer it is never held back for 4 ms. */
function askForTurn() {
  if (isAsked) return;
  isAsked = true;
  if (typeof MessageChannel !== 'function') return void setTimeout(onTurn); // jest's jsdom
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = onTurn;
  }
  channel.port1.ref?.();
  channel.port2.postMessage(0);
}

function askForIdle() {
  if (typeof requestIdleCallback !== 'function') return askForTurn();
  if (isIdleAsked) return;
  isIdleAsked = true;
  requestIdleCallback(deadline => {
    isIdleAsked = false;
    // A turn that is on its way belongs to others, unless they have kept this waiting for too long.
    if (!hasUrgent() || isOverdue()) callNext(BACKGROUND, performance.now() + deadline.timeRemaining());
    if (lanes[BACKGROUND].size > 0) askForIdle();
  }, { timeout: LONGEST_WAIT });
}

const hasUrgent = () => lanes[0].size + lanes[1].size > 0;
const isOverdue = () => lanes[BACKGROUND].size > 0 && performance.now() - lanes[BACKGROUND].first.since >= LONGEST_WAIT;

function onTurn() {
  isAsked = false;
  channel?.port1.unref?.(); // an open port keeps Node running
  // A turn that finds nobody else is an idle moment, as far as it can be told here.
  const isIdle = !hasUrgent();
  if (!isIdle) callNext(0, performance.now() + SLICE);
  if (isOverdue() || (isIdle && typeof requestIdleCallback !== 'function')) callNext(BACKGROUND, 0);
  if (hasUrgent() || (lanes[BACKGROUND].size > 0 && typeof requestIdleCallback !== 'function')) askForTurn();
}

/** Calls the next of the lanes from this one on, and goes on until the time is over: each after the microtasks of the one before. */
function callNext(lane, until) {
  if (lane < BACKGROUND) {
    lane = lanes[0].size > 0 && (lanes[1].size === 0 || inARow < PATIENCE) ? 0 : 1;
    inARow = lane === 0 ? inARow + 1 : 0;
  }
  if (lanes[lane].size === 0) return;
  const { callback, alone } = lanes[lane].shift();
  try {
    callback();
  } finally {
    if (!alone) SETTLED.then(() => { if (performance.now() < until) callNext(lane < BACKGROUND ? 0 : lane, until); });
  }
}
