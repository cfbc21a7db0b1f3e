// Life of the wasm instance.
//
// Every call into wasm is guarded by the glue (pkg-config/build.mjs), which asks `fault`: a trap leaves an instance whose memory can't be
// trusted, so it is never entered again (DESIGN: a panic).
//
// A call from outside may come when the stack is all but used up. It asks for room first, by `assertReady` or `takeRoom`, and so
// either has enough for all that it does or throws before anything has changed. One that goes on to call others that ask for room
// themselves asks for theirs too: `inside` is how deep they go. Whatever is noted for later ("this was scheduled") is noted after what
// it says has been done, which may throw.

import * as wasm from '#wasm';
import { basePart as base } from '#parts/base';
import { TaskloomError, onPanic, onThrown, tell } from './errors.js';
import { nodeModule } from './host.js';
import { loadFailed } from './load.js';
import { Part, parts } from './parts.js';

/** Which life of the instance this is: what an earlier one has given out must not reach the engine, where its key may be another's. */
export let epoch = 0;

/** An `init()` that goes on, or has ended well. */
interface Start {
  /** Whether the app itself has called it, and no call that could wait. */
  _isAsked: boolean;
  readonly _done: Promise<void>;
}

/** The latest, unless it has failed. */
let latest: Start | undefined;
/** Why the latest that failed has, until one ends well, */
let loadError: TaskloomError | undefined;
/** and whether that was the app's own, and it has not called another since. */
let isItsOwn = false;
/** What has stopped the engine. */
let broken: { readonly message: string; readonly cause: unknown; error: TaskloomError | undefined } | undefined;
/** Whether what follows from that is still to be done: there was no stack left to do it. */
let unfinished = false;

/** Whether this part can be called. */
export const isReady = (part: Part): boolean => part._isReady;

/** The error of an engine that has stopped. */
function poison(stopped: NonNullable<typeof broken>): TaskloomError {
  return (stopped.error ??= new TaskloomError('panic', `taskloom has stopped after an internal error: ${stopped.message}; ` +
    'call init({ restart: true }) to go on, and please report it', { cause: stopped.cause }));
}

/** What a call takes of the stack at most, in units of 16 kB, where nothing has been compiled yet (Firefox takes more than others), */
const ROOM = 3;
/** and what one takes that calls another, besides what that one asks for. */
const INSIDE = 2;

/** Throws unless the part can be called, and the stack has room for what is called. */
export function assertReady(part: Part, inside = 0): void {
  if (wasm.interrupted) recheck();
  if (part._isReady) return void wasm.takeRoom(ROOM + inside * INSIDE);
  if (unfinished) finishDying();
  throw whyNotReady();
}

/** Why a part can't be called. */
function whyNotReady(): TaskloomError {
  if (broken) return poison(broken);
  return loadError ?? new TaskloomError('not-initialized', base._isReady
    ? "this part of taskloom was imported after init(); await init() once more before the first call that can't wait"
    : "taskloom is not initialized; await init() before the first call that can't wait");
}

/** The same for what changes nothing, or calls nothing. */
export function checkReady(part: Part): void {
  if (!part._isReady || wasm.interrupted) assertReady(part);
}

/** Throws the platform's own error unless the stack has room for a call, which is to be done whether the engine lives or not. */
export function takeRoom(inside = 0): void {
  if (wasm.interrupted) recheck();
  if (base._isReady) wasm.takeRoom(ROOM + inside * INSIDE);
}

/** Whether what needs the part has to wait for `init()`. Throws if the engine has stopped, and will not begin by itself. */
export function isEarly(part: Part): boolean {
  if (wasm.interrupted) recheck();
  if (broken) assertReady(part);
  return !part._isReady;
}

/**
 * Why there is no engine, if that is what the latest `init()` of the app has come to: tasks fail with it until there is another. One that a call
 * has begun by itself is begun again by the next call.
 */
export const whyNotLoaded = (): TaskloomError | undefined => (isItsOwn ? loadError : undefined);

// ---- what came too early -------------------------------------------------------------------------------------------

interface Early {
  readonly _part: Part;
  readonly _make: () => void;
  readonly _refuse: ((error: TaskloomError) => void) | undefined;
  /** Whom it is for, if it is for nobody else. */
  readonly _owner: WeakRef<object> | undefined;
}

/** In the order in which it came. */
let early: Early[] = [];
/** At how many of them those whose owners are gone are let go: on a server that never starts the library each request may make some. */
let sweepAt = 64;

/** Calls `make` once the part has begun, after all that was kept before; `refuse` instead, if there is one, when `init()` has failed. */
export function keep(part: Part, make: () => void, refuse?: (error: TaskloomError) => void): void {
  early.push({ _part: part, _make: make, _refuse: refuse, _owner: undefined });
}

/** Has an object begin once the part has begun, if somebody holds it still. */
export function keepFor<T extends object>(part: Part, owner: T, begin: (owner: T) => void): void {
  if (early.length >= sweepAt) {
    takeEarly(({ _owner: reference }) => reference && !reference.deref());
    sweepAt = Math.max(64, 2 * early.length);
  }
  const reference = new WeakRef(owner);
  const make = () => {
    const held = reference.deref();
    if (held) begin(held);
  };
  early.push({ _part: part, _make: make, _refuse: undefined, _owner: reference });
}

/** What it throws, if it does. */
export function thrownBy(make: () => void): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Takes out what fulfils the condition. */
function takeEarly(isDue: (kept: Early) => unknown): Early[] {
  const due: Early[] = [];
  early = early.filter(kept => !isDue(kept) || !due.push(kept));
  return due;
}

// ---- its life ------------------------------------------------------------------------------------------------------

/** What `init()` waits for besides the wasm. */
const awaited = new Set<Promise<unknown>>();

/** Has `init()` wait for something that is loaded already, and is no part of the wasm; a failure is its caller's to tell. */
export function awaitInInit(promise: Promise<unknown>): void {
  const settled = promise.catch(() => {}).then(() => { awaited.delete(settled); });
  awaited.add(settled);
}

async function allAwaited(): Promise<void> {
  while (awaited.size > 0) await Promise.all(awaited);
}

/** The latest `init()`, unless it has failed: what is loaded later begins by another one. */
export const underWay = (): Promise<void> | undefined => latest?._done;

/** Begins to load parts, by part. */
export type Load = (parts: readonly Part[]) => readonly Promise<WebAssembly.Module>[];

interface StartOptions {
  restart?: boolean;
  /** Whether the app itself calls. */
  asked?: boolean;
  /** Whether it has said what to load. */
  given?: boolean;
}

/**
 * Instantiates the wasm once, whoever asks and how often, and later what was imported since. A failed load is forgotten, so that a later
 * call tries again; what else has come begins. What the app gives takes the place of what a call has begun to load.
 */
export function initialize(load: Load, { restart = false, asked = true, given = false }: StartOptions = {}): Promise<void> {
  if (unfinished) finishDying();
  if (restart && broken) {
    try {
      beginAgain();
    } catch (error) {
      return Promise.reject(error as Error); // the stack is used up, or there is no memory: it can be asked for again
    }
  }
  if (broken) return Promise.reject(poison(broken));
  const takesPlace = given && !base._isReady && !latest?._isAsked;
  if (asked) isItsOwn = false;
  if (latest && !takesPlace && awaited.size === 0 && parts.every(({ _loading: loading }) => loading)) {
    latest._isAsked ||= asked;
    return latest._done;
  }
  if (takesPlace) forget(parts);
  const mine: Start = latest = {
    _isAsked: asked,
    _done: loadAndLink(load).then(() => { loadError = undefined; }, error => {
      if (latest === mine) latest = undefined;
      const failed = loadError = loadFailed(error);
      isItsOwn = mine._isAsked;
      for (const { _refuse: refuse } of takeEarly(({ _part: part, _refuse: refuse }) => refuse && !isComing(part))) refuse!(failed);
      throw failed;
    }),
  };
  // On a server an unhandled rejection ends the process: the tasks tell of it.
  if (nodeModule('node:fs')) mine._done.catch(() => {});
  return mine._done;
}

/** Loads what nobody has asked for yet, and has all that is not there begin when it has come. */
async function loadAndLink(load: Load): Promise<void> {
  ask(load);
  await allAwaited();
  ask(load); // what was awaited may have named parts of its own
  const fresh = missing();
  const failed: unknown[] = [];
  for (const part of fresh) await loaded(part).catch(error => failed.push(error));
  if (broken) throw poison(broken);
  try {
    link(fresh.filter(part => !part._isReady && hasCome(part)));
  } catch (error) {
    forget(missing());
    throw error;
  }
  if (failed.length > 0) throw failed[0];
}

const missing = (): Part[] => parts.filter(part => !part._isReady);

function ask(load: Load): void {
  const wanted = parts.filter(({ _loading: loading }) => !loading);
  load(wanted).forEach((module, i) => {
    const part = wanted[i]!;
    const isCurrent = (): boolean => part._loading === loading;
    const loading = part._loading = module.then(module => {
      if (isCurrent()) part._module = module;
    }, error => {
      if (!isCurrent()) return;
      part._loading = undefined;
      part._error = error;
    });
  });
}

/** Resolves when a part has been loaded, also by what has taken the place of what is loaded now. */
async function loaded(part: Part): Promise<void> {
  while (part._loading && !part._module) await part._loading;
  if (!part._module) throw part._error;
}

/** Has them loaded anew. */
function forget(them: readonly Part[]): void {
  for (const part of them) part._loading = part._module = undefined;
}

/** Whether it is there, or on its way with all that it needs, */
const isComing = (part: Part): boolean => part._isReady || (part._loading !== undefined && part._needs.every(isComing));
/** or has come with them. */
const hasCome = (part: Part): boolean => part._isReady || (part._module !== undefined && part._needs.every(hasCome));

/** The same at once, of the whole wasm. */
export function initializeSync(module: WebAssembly.Module): void {
  if (unfinished) finishDying();
  if (broken) throw poison(broken);
  const fresh = missing();
  for (const part of fresh) {
    part._module = module;
    part._loading = Promise.resolve();
  }
  link(fresh);
  latest ??= { _isAsked: true, _done: Promise.resolve() };
  loadError = undefined;
}

/** Parts that have been compiled begin, each after those that it needs. The first time, or after a restart, the base is among them. */
function link(fresh: readonly Part[]): void {
  if (fresh.length === 0) return;
  const isFirst = fresh.includes(base);
  // Here, and not at the module's top, where every bundle would have to keep them.
  onPanic((message: string) => {
    if (!broken) die(message);
  });
  onThrown(fault);
  wasm.instantiate(fresh.map(part => part._module!), isFirst);
  if (isFirst) {
    epoch++;
    wasm.goOn();
    wasm.noteBase();
  }
  for (const part of fresh) part._isReady = true;
  for (const part of fresh) for (const listener of part._beginListeners) listener();
  for (const { _make: make } of takeEarly(({ _part: part }) => part._isReady)) tell(make);
}

/** A fresh instance takes the place of one that has stopped. */
function beginAgain(): void {
  const was = broken;
  const known = parts.filter(hasCome);
  try {
    broken = undefined;
    link(known);
    wasm.takeRoom(ROOM + INSIDE);
  } catch (error) {
    for (const part of known) part._isReady = false;
    broken = was;
    throw error;
  }
}

const endListeners: ((error: TaskloomError) => void)[] = [];
/** What is lost with the engine is told. A listener first does what calls nothing, and may be called again if the stack ends meanwhile. */
export const onEnd = (listener: (error: TaskloomError) => void): void => { endListeners.push(listener); };

/** First what calls nothing: the stack may be used up. */
function die(message: string, cause?: unknown): void {
  for (const part of parts) part._isReady = false;
  epoch++;
  broken = { message, cause, error: undefined };
  unfinished = true;
  finishDying();
}

function finishDying(): void {
  const error = poison(broken!);
  for (const listener of endListeners) listener(error);
  const lost = takeEarly(({ _refuse: refuse }) => refuse);
  if (lost.length > 0) queueMicrotask(() => lost.forEach(({ _refuse: refuse }) => tell(refuse!, error)));
  unfinished = false;
}

/** What to throw for something that a call into wasm has thrown: a trap as `panic`, anything else as it is. */
export function fault(error: unknown): unknown {
  if (error instanceof TaskloomError) {
    wasm.goOn(); // core has returned it
    return error;
  }
  if (!(error instanceof WebAssembly.RuntimeError)) recheck(error);
  else if (!broken) die(error.message, error);
  return broken ? poison(broken) : error;
}

/**
 * After something was thrown around a call into wasm, by the end of the stack, say: if the call was interrupted, and had not only begun, the engine has
 * stopped. If there is no stack left to see that, whoever comes next asks again.
 */
export function recheck(error?: unknown): void {
  if (!wasm.interrupted) return;
  try {
    if (base._isReady && !wasm.isSound()) die((error as Error | undefined)?.message ?? 'the stack was used up', error);
    if (unfinished) finishDying();
    wasm.goOn();
  } catch {
    // there is none
  }
}
