// What hosts that are no browser lack or do otherwise: Node, Bun and Deno, and the test environments that mix their globals with a page's
// (jsdom, happy-dom). Nothing here is looked at before it is needed: importing the package touches no global.

import { TaskloomError } from './errors.js';

/** What is used of the globals of Node and Deno. Their own declarations would have every file think that they are always there. */
declare global {
  var process: {
    getBuiltinModule?<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined;
    on?(event: 'beforeExit', listener: () => void): unknown;
  } | undefined;
  var Deno: { unrefTimer(timer: number): void; refTimer(timer: number): void } | undefined;
}

/** What is used of Node's own modules. */
interface NodeModules {
  'node:fs': { promises: { readFile(path: string): Promise<Uint8Array<ArrayBuffer>> } };
  'node:stream/web': Pick<typeof globalThis, 'ReadableStream'>;
  'node:url': { fileURLToPath(url: string | URL): string };
  'node:util': Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder'>;
  'node:v8': { serialize(value: unknown): Uint8Array; deserialize(bytes: Uint8Array): unknown };
}

/** A timer of `setTimeout()`: a number on a page and in Deno, an object in Node. */
export type Timer = number & { ref?(): void; unref?(): void };

/**
 * A module of Node's own, where there is one. No bundler follows this, as one would follow `import()`, and a page's entry needs no twin.
 * Node from 20.16 on, Bun and Deno 2 have it.
 */
export const nodeModule = <Name extends keyof NodeModules>(name: Name) => globalThis.process?.getBuiltinModule?.(name);

/** jest's jsdom lacks classes that Node itself has. */
const classOf = <Name extends 'ReadableStream' | 'TextDecoder' | 'TextEncoder'>(name: Name, module: 'node:stream/web' | 'node:util') =>
  globalThis[name] ?? (nodeModule(module) as typeof globalThis)[name];

export const newTextDecoder = () => new (classOf('TextDecoder', 'node:util'))('utf-8', { ignoreBOM: true });
export const newTextEncoder = () => new (classOf('TextEncoder', 'node:util'))();
export const newReadableStream = <T>(source: UnderlyingSource<T>, strategy?: QueuingStrategy<T>): ReadableStream<T> =>
  new (classOf('ReadableStream', 'node:stream/web'))(source, strategy);

export function structuredCopy<T>(value: T): T {
  if (typeof structuredClone === 'function') return structuredClone(value);
  const { deserialize, serialize } = nodeModule('node:v8')!;
  return deserialize(serialize(value)) as T;
}

/** A timer that does not keep Node running: Node ends when nothing else is left to do. */
export function quietTimeout(callback: () => void, delay: number): Timer {
  const timer: Timer = setTimeout(callback, delay);
  if (timer.unref) timer.unref();
  else globalThis.Deno?.unrefTimer(timer);
  return timer;
}

/** Has Node wait for a quiet timer after all. */
export function keepWaiting(timer: Timer) {
  if (timer.ref) timer.ref();
  else globalThis.Deno?.refTimer(timer);
}

/** Calls back when Node has nothing left to do; what the listener starts keeps it running. */
export const beforeExit = (listener: () => void) => globalThis.process?.on?.('beforeExit', listener);

/** The platform's locks by name, if it has any. */
export const locks = (): LockManager | undefined => globalThis.navigator?.locks;

/** Why a storage can't be used that this host does not have. Said by a warning, since nothing is broken. */
export const absent = () => Object.assign(new Error('this host has none'), { absent: true });

/** Throws unless the host has workers. */
export function assertWorkers() {
  if (typeof Worker === 'function') return;
  throw new TaskloomError('not-supported', 'a WorkerPool needs Worker, which this host does not have; use run() here');
}
