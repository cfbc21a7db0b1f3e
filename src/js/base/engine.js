// Life of the wasm instance, and the carrying out of what the engine in it decides.
//
// Handles are kept here by slot. Every call into wasm is guarded by the glue (pkg-config/build.mjs), which asks `fault`: a trap
// leaves an instance whose memory can't be trusted, so it is never entered again (DESIGN: a panic).
//
// A call from outside may come when the stack is all but used up. It asks for room first, by `assertReady` or `takeRoom`, and so
// either has enough for all that it does or throws before anything has changed. One that goes on to call others that ask for room
// themselves asks for theirs too: `inside` is how deep they go. Whatever is noted for later ("this was scheduled") is noted after what
// it says has been done, which may throw.

import * as wasm from '#wasm';
import * as constants from '#constants';
import { TaskloomError, abortError, called, onPanic, onThrown, report, timeoutError } from './errors.js';
import { beforeExit, keepWaiting, nodeModule, quietTimeout } from './host.js';
import { loadFailed } from './load.js';
import { postTurn } from './turn.js';

/** Live task handles by slot: those that wait, run, or have settled but not stopped. */
export const live = [];
/** Task handles that the engine has yet to hear of: they wait for something else. */
export const held = new Set();
/** Managers by number; weak, so that an engine never keeps a manager alive. */
export const managers = [];
/** Which life of the instance this is: a task of an earlier one must not reach the engine, where its key may be another's. */
export let epoch = 0;

let loading;
/** Why the latest `init()` has failed. */
let loadError;
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

/** What a call takes of the stack at most, in units of 16 kB, where nothing has been compiled yet (Firefox takes more than others), */
const ROOM = 3;
/** and what one takes that calls another, besides what that one asks for. */
const INSIDE = 2;

/** Throws unless the engine can be called, and the stack has room for what is called. */
export function assertReady(inside = 0) {
  if (wasm.interrupted) recheck();
  if (ready) return void wasm.takeRoom(ROOM + inside * INSIDE);
  if (unfinished) finishDying();
  throw broken ? poison() : loadError ?? new TaskloomError('not-initialized', 'taskloom is not initialized; await init() before the first call');
}

/** The same for what changes nothing, or calls nothing. */
export function checkReady() {
  if (!ready || wasm.interrupted) assertReady();
}

/** Throws the platform's own error unless the stack has room for a call, which is to be done whether the engine lives or not. */
export function takeRoom(inside = 0) {
  if (wasm.interrupted) recheck();
  if (ready) wasm.takeRoom(ROOM + inside * INSIDE);
}

/** Why there is no engine, if that is what the latest `init()` has come to: tasks fail with it. */
export const whyNotLoaded = () => loadError;

/**
 * Instantiates the module once, whoever asks and how often. A failed load is forgotten, so that a later call tries
 * again.
 */
export function initialize(load, { restart = false } = {}) {
  if (unfinished) finishDying();
  if (restart && broken) {
    const was = broken;
    try {
      broken = undefined;
      wasm.__wbg_reset_state();
      wasm.takeRoom(ROOM + INSIDE);
      begin();
    } catch (error) {
      ready = false;
      broken = was;
      throw error; // the stack is used up, or there is no memory: it can be asked for again
    }
    return Promise.resolve();
  }
  if (broken) return Promise.reject(poison());
  if (loading) return loading;
  loading = load().then(
    module => {
      wasm.initSync({ module }); // compiled already, it takes no time; the other form brings its own ways to load a file
      loadError = undefined;
      begin();
    },
  ).catch(error => {
    loading = undefined;
    throw (loadError = loadFailed(error));
  });
  // On a server an unhandled rejection ends the process: the tasks tell of it.
  if (nodeModule('node:fs')) loading.catch(() => {});
  return loading;
}

function begin() {
  epoch++;
  wasm.goOn();
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

/** What to throw for something that a call into wasm has thrown: a trap as `panic`, anything else as it is. */
export function fault(error) {
  if (error instanceof TaskloomError) {
    wasm.goOn(); // core has returned it
    return error;
  }
  if (!(error instanceof WebAssembly.RuntimeError)) recheck(error);
  else if (!broken) die(error.message, error);
  return broken ? poison() : error;
}

onThrown(fault);

/**
 * After something was thrown around a call into wasm, by the end of the stack, say: if the call was interrupted, and had not only begun, the engine has
 * stopped. If there is no stack left to see that, whoever comes next asks again.
 */
export function recheck(error) {
  if (!wasm.interrupted) return;
  try {
    if (ready && !wasm.isSound()) die(error?.message ?? 'the stack was used up', error);
    if (unfinished) finishDying();
    wasm.goOn();
  } catch {
    // there is none
  }
}

/**
 * The worker pools, if there are any: `{ act(), lose(), pending(), arm(), fire() }`. Those for which there is something to do are told to, and all that
 * all is lost. The other three stand for the engine's own calls: what waits, and the timer, are then of the pools too.
 */
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
export const followPending = () => follow(pools ? pools.pending() : wasm.pending());

export function scheduleDrain() {
  if (draining) return;
  SETTLED.then(drain); // a third of the cost of queueMicrotask, which is a call into the browser
  draining = true;
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
    report(error); // callers' code has its own catch: only the engine throws here
    if (ready) scheduleDrain();
  }
}

let timer;

function armTimer() {
  clearTimeout(timer);
  const delay = pools ? pools.arm() : wasm.armTimer();
  if (delay < 0) return;
  timer = quietTimeout(onTimer, delay);
  watchExit ??= beforeExit(() => {
    if (ready && live.some(task => task?._promise && !task.done)) keepWaiting(timer);
  }) ?? true;
}

/** The timer of a limit keeps Node running only while somebody waits for a task: a retry is worth waiting for, a timeout by itself is not. */
let watchExit;

function onTimer() {
  if (wasm.interrupted) recheck();
  if (!ready) return;
  try {
    follow(pools ? pools.fire() : wasm.fire());
  } catch (error) {
    report(error);
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
      case constants.EFFECT_RATE_LIMITED:
        managers[key]?.deref()?._rateHasChanged();
        break;
      case constants.EFFECT_WAITING:
        managers[key]?.deref()?._follow();
        break;
    }
  }
  for (const run of then) {
    try {
      run();
    } catch (error) {
      report(error);
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
  const it = called(task);
  const [, timeout, queueTimeout] = task._rare?.limits ?? [];
  switch (outcome) {
    case constants.OUTCOME_PARENT_STOPPED:
      return { state: constants.STATE_CANCELLED, error: abortError(task._parentReason(), `${it} was cancelled, since its parent has stopped`) };
    case constants.OUTCOME_PARENT_DONE:
      return { state: constants.STATE_CANCELLED, error: abortError(undefined, `${it} was cancelled, since its parent has finished`) };
    case constants.TIMED_OUT_QUEUE:
      return { state: constants.STATE_ERROR, error: timeoutError(`${it} waited longer than its queueTimeout of ${queueTimeout} ms to start`) };
    case constants.TIMED_OUT_ATTEMPT:
      return { state: constants.STATE_ERROR, error: timeoutError(`The last attempt of t${it.slice(1)} took longer than its attemptTimeout of ${task._retry._numbers[6]} ms`) };
    default:
      return { state: constants.STATE_ERROR, error: timeoutError(`${it} took longer than its timeout of ${timeout} ms`) };
  }
}

// ---- priorities ----------------------------------------------------------------------------------------------------

function post(key, priority) {
  const posted = epoch;
  const begin = () => {
    if (posted !== epoch) return;
    const task = live[slotOf(key)];
    let answer;
    try {
      answer = wasm.begin(key);
    } catch {
      return; // the task is lost with all others
    }
    if (answer & constants.ANSWER_MASK) task._begin();
    if (answer > constants.ANSWER_MASK) follow(answer);
  };
  postTurn(begin, priority);
}
