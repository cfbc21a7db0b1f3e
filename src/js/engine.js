// Life of the wasm instance, and the carrying out of what the engine in it decides.
//
// Handles are kept here by slot. Every call into wasm goes through this file or is guarded by `fault`: a trap leaves an
// instance whose memory can't be trusted, so it is never entered again (DESIGN: a panic).

import * as wasm from '#wasm';
import * as constants from '#constants';
import { Fifo } from './fifo.js';
import { TaskloomError, onPanic, report, timeoutError, abortError } from './errors.js';

/** Live task handles by slot: those that wait, run, or have settled but not stopped. */
export const live = [];
/** Task handles that the engine has yet to hear of: they wait for something else. */
export const held = new Set();
/** Managers by number; weak, so that an engine never keeps a manager alive. */
export const managers = [];
/** Which life of the instance this is: a task of an earlier one must not reach the engine, where its key may be another's. */
export let epoch = 0;

let loading;
/** What has stopped the engine: `{ message, cause, error }`. */
let broken;
/** Whether what follows from that is still to be done: there was no stack left to do it. */
let unfinished = false;
let ready = false;

export const isReady = () => ready;

export const slotOf = key => key >>> 0; // the low 32 bits of a key: see TaskKey::to_number

/** The error of an engine that has stopped. */
const poison = () => (broken.error ??= new TaskloomError('panic', `taskloom has stopped after an internal error: ${broken.message}; ` +
  'call init({ restart: true }) to go on, and please report it', { cause: broken.cause }));

/** Throws unless the engine can be called. */
export function assertReady() {
  if (ready) return;
  if (unfinished) finishDying();
  throw broken ? poison() : new TaskloomError('not-initialized', 'taskloom is not initialized; await init() before the first call');
}

/**
 * Instantiates the module once, whoever asks and how often. A failed load is forgotten, so that a later call tries
 * again.
 */
export function initialize(load, { restart = false } = {}) {
  if (unfinished) finishDying();
  if (restart && broken) {
    broken = undefined;
    wasm.__wbg_reset_state();
    begin();
    return Promise.resolve();
  }
  if (broken) return Promise.reject(poison());
  return (loading ??= load().then(
    module => {
      wasm.initSync({ module }); // compiled already, it takes no time; the other form brings its own ways to load a file
      begin();
    },
  ).catch(error => {
    loading = undefined;
    throw error instanceof TaskloomError
      ? error
      : new TaskloomError('load-failed', `the WebAssembly module could not be loaded: ${error?.message ?? error}; ` +
          'check its URL, and that the CSP allows \'wasm-unsafe-eval\'', { cause: error });
  }));
}

function begin() {
  epoch++;
  wasm.installPanicHook();
  wasm.start(Math.random());
  ready = true;
  // A fresh engine knows the default manager only, which is number 0.
  for (const reference of managers.splice(1)) reference?.deref()?._restart();
  for (const listener of beginListeners) listener();
}

const beginListeners = [];
/** What keeps something in the engine is told when it begins, and begins afresh. */
export const onBegin = listener => { beginListeners.push(listener); };

onPanic(message => {
  if (!broken) die(message);
});

/** First what calls nothing: the stack may be used up. */
function die(message, cause) {
  ready = false;
  epoch++;
  broken = { message, cause, error: undefined };
  unfinished = true;
  finishDying();
}

/** To be called by who comes back from a deep recursion, if `hasDied`. */
export function finishDying() {
  clearTimeout(timer);
  const error = poison();
  let lost = [];
  // The instance is still on the stack: callers' handlers run when it is off.
  queueMicrotask(() => {
    for (const task of lost) task?._lose(error);
    pools?.lose();
    for (const reference of managers) reference?.deref()?._idle();
  });
  // Last, so that none is lost if the stack ends before.
  lost = [...live, ...held];
  live.length = 0;
  held.clear();
  unfinished = false;
}

/** Whether the engine has stopped, and there was no stack left to tell anybody. */
export const hasDied = () => unfinished;

/** What to throw for something that was thrown around a call into wasm: a trap as `panic`, anything else as it is. */
export function fault(error) {
  if (isTrap(error)) {
    if (!broken) die(error.message, error);
    return poison();
  }
  return error;
}

// A stack overflow is a RangeError in Chromium and Safari, and an InternalError in Firefox.
const isTrap = error =>
  error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === 'InternalError';

/** The worker pools, if there are any: `{ act(), look(), lose() }`. They are told to act, to look at their lines, and that all is lost. */
let pools;
export const usePools = port => { pools = port; };

// ---- what follows a call -------------------------------------------------------------------------------------------

const SETTLED = Promise.resolve();
let draining = false;

/** Sees to what an answer says is pending. */
export function follow(answer) {
  if (answer & constants.PENDING_EFFECTS) return applyEffects(); // and then what else is pending
  if (answer & constants.PENDING_ACTIONS) pools.act();
  if (answer & constants.PENDING_READY) scheduleDrain();
  if (answer & constants.PENDING_TIMER) armTimer();
}

/** The same after a call that answers with something else. */
export const followPending = () => follow(wasm.pending());

export function scheduleDrain() {
  if (draining) return;
  draining = true;
  SETTLED.then(drain); // a third of the cost of queueMicrotask, which is a call into the browser
}

function drain() {
  draining = false;
  try {
    let answer = constants.PENDING_READY;
    let others = 0; // a start may have set a deadline, say
    while (ready && answer & constants.PENDING_READY) {
      const next = wasm.nextReady();
      if (next < 0) break; // what was ready has been cancelled
      answer = Math.trunc(next / constants.ANSWER_UNIT);
      others |= answer & ~constants.PENDING_READY;
      live[slotOf(next)]._begin();
    }
    if (ready && others) follow(others);
  } catch (error) {
    report(fault(error)); // callers' code has its own catch: only the engine throws here
  }
}

let timer;

function armTimer() {
  clearTimeout(timer);
  const delay = wasm.armTimer();
  if (delay >= 0) timer = setTimeout(onTimer, delay);
}

function onTimer() {
  if (!ready) return;
  try {
    follow(wasm.fire());
    pools?.look();
  } catch (error) {
    report(fault(error));
  }
}

/**
 * First all states change, then callers' code runs (signals abort, functions are called), so that no handler meets a
 * half-applied decision.
 */
function applyEffects() {
  const then = [];
  for (;;) {
    const key = wasm.nextEffect();
    if (key < 0) break;
    const packed = wasm.effectKind();
    const detail = packed >> constants.EFFECT_DETAIL_SHIFT;
    switch (packed & constants.EFFECT_KIND_MASK) {
      case constants.EFFECT_POST:
        post(key, detail);
        break;
      case constants.EFFECT_ATTEMPT:
        then.push(attempt(live[slotOf(key)]));
        break;
      case constants.EFFECT_ATTEMPT_TIMED_OUT:
        then.push(attemptTimedOut(live[slotOf(key)]));
        break;
      case constants.EFFECT_SETTLED: {
        const task = live[slotOf(key)];
        const { state, error } = endingOf(detail & constants.OUTCOME_MASK, task);
        task._settle(state, error, (detail & constants.OUTCOME_HELD) !== 0);
        then.push(() => task._abort(error));
        break;
      }
      case constants.EFFECT_STOPPED: {
        const slot = slotOf(key);
        const task = live[slot];
        live[slot] = undefined;
        task._stop();
        break;
      }
      case constants.EFFECT_IDLE:
        managers[key]?.deref()?._idle();
        break;
      case constants.EFFECT_WAITING:
        pools.look();
        break;
    }
  }
  for (const run of then) {
    try {
      run();
    } catch (error) {
      report(fault(error));
    }
  }
  if (ready) followPending();
}

// By the time that these run, a caller's handler may have cancelled the task. The engine counts the attempt as running already.
const attempt = task => () => (task.done ? task._threw(task._attempt + 1) : task._begin());
const attemptTimedOut = task => () => {
  if (!task.done) task._attemptTimedOut();
};

function endingOf(outcome, task) {
  switch (outcome) {
    case constants.OUTCOME_PARENT_STOPPED:
      return { state: constants.STATE_CANCELLED, error: abortError(task._parentReason(), 'The parent task has stopped') };
    case constants.OUTCOME_PARENT_DONE:
      return { state: constants.STATE_CANCELLED, error: abortError(undefined, 'The parent task has finished') };
    case constants.TIMED_OUT_QUEUE:
      return { state: constants.STATE_ERROR, error: timeoutError('The task waited longer than its queueTimeout to start') };
    case constants.TIMED_OUT_ATTEMPT:
      return { state: constants.STATE_ERROR, error: timeoutError('The last attempt took longer than attemptTimeout') };
    default:
      return { state: constants.STATE_ERROR, error: timeoutError('The task took longer than its timeout') };
  }
}

// ---- priorities ----------------------------------------------------------------------------------------------------

export const PRIORITIES = ['user-blocking', 'user-visible', 'background'];

function post(key, priority) {
  const posted = epoch;
  const begin = () => {
    if (posted !== epoch) return;
    const task = live[slotOf(key)];
    let answer;
    try {
      answer = wasm.begin(key);
    } catch (error) {
      return void fault(error);
    }
    if (answer & constants.ANSWER_MASK) task._begin();
    if (answer > constants.ANSWER_MASK) follow(answer);
  };
  if (typeof scheduler === 'object' && scheduler.postTask) {
    scheduler.postTask(begin, { priority: PRIORITIES[priority] });
  } else {
    fallback[priority](begin);
  }
}

// Without the Prioritized Task Scheduling API: urgent work in a microtask, visible work in the next turn of the event
// loop, background work when the browser is idle, or after 1 s at the latest where it can tell, else in a timer.
const fallback = [
  run => queueMicrotask(run),
  run => nextTurn().then(run),
  run => (typeof requestIdleCallback === 'function' ? requestIdleCallback(() => run(), { timeout: 1000 }) : setTimeout(run)),
];

// ---- yielding ------------------------------------------------------------------------------------------------------

let channel;
const turns = new Fifo();

/** A promise for the next turn of the event loop by a message: unlike a timer it is never held back for 4 ms. */
function nextTurn() {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => turns.shift()();
  }
  return new Promise(resolve => {
    turns.push(resolve);
    channel.port2.postMessage(0);
  });
}

const noop = () => {};

/**
 * Gives the event loop a turn. Not by `scheduler.yield()`: in Chromium its continuation goes ahead of every ordinary task, so a job that
 * yields in a loop starves timers, messages and fetches until it ends (measured: a 50 ms timer fired after 5.9 s). A posted
 * task takes its turn behind what waits already, at the priority that core gives to checkpoints.
 */
export const yieldTurn = priority =>
  typeof scheduler === 'object' && scheduler.postTask
    ? scheduler.postTask(noop, { priority: PRIORITIES[priority] ?? 'user-visible' })
    : nextTurn();
