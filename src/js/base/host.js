// What hosts that are no browser lack or do otherwise: Node, Bun and Deno, and the test environments that mix their globals with a page's
// (jsdom, happy-dom). Nothing here is looked at before it is needed: importing the package touches no global.

import { TaskloomError } from './errors.js';

/**
 * A module of Node's own, where there is one. No bundler follows this, as one would follow `import()`, and a page's entry needs no twin.
 * Node from 20.16 on, Bun and Deno 2 have it.
 */
export const nodeModule = name => globalThis.process?.getBuiltinModule?.(name);

/** jest's jsdom lacks classes that Node itself has. */
const classOf = (name, module) => globalThis[name] ?? nodeModule(module)[name];

export const newTextDecoder = () => new (classOf('TextDecoder', 'node:util'))('utf-8', { ignoreBOM: true });
export const newTextEncoder = () => new (classOf('TextEncoder', 'node:util'))();
export const newReadableStream = (...args) => new (classOf('ReadableStream', 'node:stream/web'))(...args);

export function structuredCopy(value) {
  if (typeof structuredClone === 'function') return structuredClone(value);
  const { deserialize, serialize } = nodeModule('node:v8');
  return deserialize(serialize(value));
}

/** A timer that does not keep Node running: Node ends when nothing else is left to do. */
export function quietTimeout(callback, delay) {
  const timer = setTimeout(callback, delay);
  if (timer.unref) timer.unref();
  else globalThis.Deno?.unrefTimer(timer);
  return timer;
}

/** Has Node wait for a quiet timer after all. */
export function keepWaiting(timer) {
  if (timer.ref) timer.ref();
  else globalThis.Deno?.refTimer(timer);
}

/** Calls back when Node has nothing left to do; what the listener starts keeps it running. */
export const beforeExit = listener => globalThis.process?.on?.('beforeExit', listener);

/** The platform's locks by name, if it has any. */
export const locks = () => globalThis.navigator?.locks;

/** Why a storage can't be used that this host does not have. Said by a warning, since nothing is broken. */
export const absent = () => Object.assign(new Error('this host has none'), { absent: true });

/** Throws unless the host has workers. */
export function assertWorkers() {
  if (typeof Worker === 'function') return;
  throw new TaskloomError('not-supported', 'a WorkerPool needs Worker, which this host does not have; use run() here');
}
