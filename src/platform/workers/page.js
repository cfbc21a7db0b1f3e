// The page's side of a worker that runs Rust jobs: makes it, passes frames on, and tells what becomes of it.

import * as protocol from '../../js/worker/protocol.js';

/**
 * A worker that runs the jobs of a Rust crate: `module` is the crate's compiled module, `glue` the URL of its glue, `jobs` the function in the
 * module's table that adds the jobs. It speaks the protocol, so any pool can have it.
 */
export function startWorker(module, glue, jobs) {
  const worker = new Worker(new URL('./bootstrap.js', import.meta.url), { type: 'module' });
  worker.postMessage({ module, glue, jobs });
  return worker;
}

export class Port {
  #worker;
  #tell;
  #shared = null;
  #isReady = false;
  #end = new AbortController();

  /** `create` makes the worker; `tell(what, value)` is called later, not from within. */
  constructor(create, tell) {
    this.#tell = (what, value) => {
      if (!this.#end.signal.aborted) tell(what, value);
    };
    queueMicrotask(() => this.#start(create));
  }

  #start(create) {
    const { signal } = this.#end;
    if (signal.aborted) return;
    try {
      this.#worker = create();
      this.#worker.addEventListener('message', ({ data }) => this.#receive(data), { signal });
      this.#worker.addEventListener('messageerror', () => this.#tell('unreadable'), { signal });
      this.#worker.addEventListener('error', event => this.#fail(event), { signal });
    } catch (error) {
      this.#tell('failed', String(error));
    }
  }

  #receive(frame) {
    if (!Array.isArray(frame) || frame[0] !== protocol.MAGIC) return;
    if (frame[1] !== protocol.VERSION) {
      this.#tell('version', frame[1]);
      return;
    }
    if (frame[2] === protocol.READY) this.#share(frame[4]);
    this.#tell('frame', frame);
  }

  /** It is ready, and holds this lock as long as it lives. */
  #share(lock) {
    this.#isReady = true;
    // WebKitGTK has isolated pages without shared memory.
    if (globalThis.crossOriginIsolated && globalThis.SharedArrayBuffer) this.#shared = new Int32Array(new SharedArrayBuffer(protocol.SHARED_BYTES));
    this.#shared?.fill(-1, protocol.SHARED_STARTED, protocol.SHARED_STARTED + 1);
    if (lock) navigator.locks.request(lock, { signal: this.#end.signal }, () => this.#tell('gone')).catch(() => {});
  }

  /** Before it is ready, an error means that it can't be; afterwards it is one of the worker's own, and no end of it. */
  #fail(event) {
    if (this.#isReady) return;
    event.preventDefault();
    this.#tell('failed', event.message || 'the browser does not say why: check that the file exists, that it is JavaScript of your own ' +
      'origin, and that the CSP allows it (worker-src)');
  }

  /** Throws if the frame can't be sent. */
  post(kind, sequence, fields) {
    this.#worker.postMessage([protocol.MAGIC, protocol.VERSION, kind, sequence, ...fields]);
  }

  /** The shared memory, or null; the page reads no ring. */
  get hello() {
    return [this.#shared?.buffer ?? null, false];
  }

  /** The job sees it even in a loop that never gives the thread back. */
  flag(number) {
    if (this.#shared) Atomics.store(this.#shared, protocol.SHARED_FLAGS + (number % protocol.MAX_OPEN), number + 1);
  }

  /** The number of the last call that has started; undefined if that is not known. */
  get lastStarted() {
    return this.#shared ? Atomics.load(this.#shared, protocol.SHARED_STARTED) >>> 0 : undefined;
  }

  terminate() {
    this.#end.abort();
    this.#worker?.terminate();
  }
}
