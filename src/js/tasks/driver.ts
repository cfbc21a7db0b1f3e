// The driver of tasks: carries out what the engine decides. Handles are kept here by slot.

import * as constants from '#constants';
import { tasksPart } from '#parts/tasks';
import * as wasm from '#wasm';
import { epoch, onEnd, recheck } from '../base/engine.js';
import { abortError, called, report, timeoutError } from '../base/errors.js';
import { beforeExit, keepWaiting, quietTimeout } from '../base/host.js';
import { onTracing } from '../base/tracing.js';
import { postTurn } from '../base/turn.js';
import { trace } from './observe.js';

/** What the driver needs of a task's handle. */
interface Driven {
  readonly name: string;
  readonly done: boolean;
  _promise: Promise<unknown> | undefined;
  _attempt: number;
  _retry: { _numbers: number[] } | undefined;
  _rare: { limits: number[] | undefined } | undefined;
  _begin(): void;
  _threw(attempt: number, error?: unknown): void;
  _attemptTimedOut(): void;
  _settle(state: number, error: unknown, held: boolean): void;
  _abort(error: unknown): void;
  _stop(): void;
  _lose(error: unknown): void;
  _parentReason(): unknown;
}

/** What it needs of a manager. */
interface Manager {
  _restart(): void;
  _idle(): void;
  _rateHasChanged(): void;
  _follow(): void;
}

/** What it needs of the worker pools. */
interface Pools {
  /** Those for which there is something to do are told to. */
  act(): void;
  /** All that all of them have is lost. */
  lose(): void;
  /** These three stand for the engine's own calls: what waits, and the timer, are then of the pools too. */
  pending(): number;
  arm(): number;
  fire(): number;
}

/** Live task handles by slot: those that wait, run, or have settled but not stopped. */
export const live: (Driven | undefined)[] = [];
/** Task handles that the engine has yet to hear of: they wait for something else. */
export const held = new Set<Driven>();
/** Managers by number; weak, so that an engine never keeps a manager alive. */
export const managers: ({ deref(): Manager | undefined } | undefined)[] = /* @__PURE__ */ drive([]);

export const slotOf = (key: number): number => key >>> 0; // the low 32 bits of a key: see TaskKey::to_number

/** Has the managers follow the engine's life. Returns them: a bundle that has no managers has nothing of this. */
function drive(managers: ({ deref(): Manager | undefined } | undefined)[]): typeof managers {
  tasksPart._onBegin(() => {
    wasm.start(Math.random());
    // A fresh engine knows the default manager only, which is number 0.
    for (const reference of managers.splice(1)) reference?.deref()?._restart();
  });

  onEnd(error => {
    clearTimeout(timer);
    let lost: (Driven | undefined)[] = [];
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
  });
  onTracing(trace);
  return managers;
}

/** The worker pools, if there are any. */
let pools: Pools | undefined;
export const usePools = (port: Pools): void => { pools = port; };

// ---- what follows a call -------------------------------------------------------------------------------------------

const SETTLED = /* @__PURE__ */ Promise.resolve();
let draining = false;

/** Sees to what an answer says is pending. */
export function follow(answer: number): void {
  if (answer & constants.PENDING_EFFECTS) return applyEffects(); // and then what else is pending
  if (answer & constants.PENDING_ACTIONS) pools!.act();
  if (answer & constants.PENDING_READY) scheduleDrain();
  if (answer & constants.PENDING_TIMER) armTimer();
}

/** The same after a call that answers with something else. */
export const followPending = (): void => follow(pools ? pools.pending() : wasm.pending());

export function scheduleDrain(): void {
  if (draining) return;
  SETTLED.then(drain); // a third of the cost of queueMicrotask, which is a call into the browser
  draining = true;
}

function drain(): void {
  draining = false;
  try {
    let answer = constants.PENDING_READY;
    let others = 0; // a start may have set a deadline, say
    while (tasksPart._isReady && answer & constants.PENDING_READY) {
      const next = wasm.nextReady();
      if (next < 0) break; // what was ready has been cancelled
      answer = Math.trunc(next / constants.ANSWER_UNIT);
      others |= answer & ~constants.PENDING_READY;
      live[slotOf(next)]!._begin();
    }
    if (tasksPart._isReady && others) follow(others);
  } catch (error) {
    report(error); // callers' code has its own catch: only the engine throws here
    if (tasksPart._isReady) scheduleDrain();
  }
}

let timer: ReturnType<typeof quietTimeout> | undefined;

function armTimer(): void {
  clearTimeout(timer);
  const delay = pools ? pools.arm() : wasm.armTimer();
  if (delay < 0) return;
  timer = quietTimeout(onTimer, delay);
  watchExit ??= beforeExit(() => {
    if (tasksPart._isReady && live.some(task => task?._promise && !task.done)) keepWaiting(timer!);
  }) ?? true;
}

/** The timer of a limit keeps Node running only while somebody waits for a task: a retry is worth waiting for, a timeout by itself is not. */
let watchExit: unknown;

function onTimer(): void {
  if (wasm.interrupted) recheck();
  if (!tasksPart._isReady) return;
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
function applyEffects(): void {
  const then: (() => void)[] = [];
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
        then.push(attempt(live[slotOf(key)]!));
        break;
      case constants.EFFECT_ATTEMPT_TIMED_OUT:
        then.push(attemptTimedOut(live[slotOf(key)]!));
        break;
      case constants.EFFECT_SETTLED: {
        const task = live[slotOf(key)]!;
        const { state, error } = endingOf(detail & constants.OUTCOME_MASK, task);
        task._settle(state, error, (detail & constants.OUTCOME_HELD) !== 0);
        then.push(() => task._abort(error));
        break;
      }
      case constants.EFFECT_STOPPED: {
        const slot = slotOf(key);
        const task = live[slot]!;
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
  if (tasksPart._isReady) followPending();
}

// By the time that these run, a caller's handler may have cancelled the task. The engine counts the attempt as running already.
const attempt = (task: Driven) => () => (task.done ? task._threw(task._attempt + 1) : task._begin());
const attemptTimedOut = (task: Driven) => () => {
  if (!task.done) task._attemptTimedOut();
};

function endingOf(outcome: number, task: Driven): { state: number; error: unknown } {
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
      return { state: constants.STATE_ERROR, error: timeoutError(`The last attempt of t${it.slice(1)} took longer than its attemptTimeout of ${task._retry!._numbers[6]} ms`) };
    default:
      return { state: constants.STATE_ERROR, error: timeoutError(`${it} took longer than its timeout of ${timeout} ms`) };
  }
}

// ---- priorities ----------------------------------------------------------------------------------------------------

function post(key: number, priority: number): void {
  const posted = epoch;
  const begin = () => {
    if (posted !== epoch) return;
    const task = live[slotOf(key)]!;
    let answer: number;
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
