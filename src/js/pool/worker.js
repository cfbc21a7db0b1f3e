// One worker of a pool, as the page sees it: what is sent, what is heard, and how its end is noticed.

import * as constants from '#constants';
import { poolPart } from '#parts/pool';
import * as wasm from '#wasm';
import * as protocol from '../worker/protocol.js';
import { NonRetryableError, notSerializable, pack } from '../base/border.js';
import { epoch, isReady, takeRoom } from '../base/engine.js';
import { follow, live, slotOf } from '../tasks/driver.js';
import { TaskloomError, report } from '../base/errors.js';
import { Ring } from '../worker/ring.js';
import { holdTime } from '../tasks/task.js';
import { OpenCalls } from './open-calls.js';

const SETTLED = /* @__PURE__ */ Promise.resolve();
const PORT_METHODS = ['postMessage', 'terminate', 'addEventListener', 'removeEventListener'];

export class PoolWorker {
  constructor(pool, id) {
    this._pool = pool;
    this._id = id;
    this._epoch = epoch;
    this._port = undefined;
    this._terminate = undefined;
    this._calls = new OpenCalls();
    this._frames = new Map(); // by sequence number: the numbers of the calls in frames that it may not have read
    this._sequence = 0;
    this._heard = -1;
    this._frame = undefined;
    this._jobs = []; // numbers of the worker's jobs by those of the pool's
    this._names = undefined; // of its jobs, by name; unknown until it is ready
    this._shared = undefined; // words that the worker sees too
    this._ringOut = undefined;
    this._ringIn = undefined;
    this._listening = false;
    this._lock = new AbortController();
    this._watched = false; // whether the lock will tell of its end
    this._lossy = false; // whether what it said last may not have arrived
    this._ended = false;
    this._closing = false;
    this._retiring = false;
  }

  get _isReady() {
    return this._names !== undefined;
  }

  // ---- life --------------------------------------------------------------------------------------------------------

  _start(create) {
    try {
      this._adopt(create());
    } catch (error) {
      this._failToStart(error);
    }
  }

  /** Takes what the caller's function has made, which may be anything. */
  _adopt(port) {
    if (!PORT_METHODS.every(method => typeof port?.[method] === 'function')) {
      throw new TaskloomError('invalid-argument', 'the function given to WorkerPool must return a new Worker');
    }
    this._port = port;
    this._terminate = port.terminate.bind(port);
    // Whoever made the worker may end it; what it has said last is lost then.
    port.terminate = () => {
      takeRoom();
      this._terminate();
      this._lossy = true;
      // It may go on for a moment, and start what it was sent. Where shared memory says what has started, that is
      // not the last word until the lock shows that it has really ended.
      if (!this._shared || !this._watched || this._calls.size === 0) this._gone();
    };
    port.addEventListener('message', this._onMessage);
    port.addEventListener('messageerror', this._onUnreadable);
    port.addEventListener('error', this._onError);
  }

  _onMessage = ({ data }) => {
    if (this._ended || !Array.isArray(data) || data[0] !== protocol.MAGIC) return;
    try {
      if (data[1] !== protocol.VERSION) return this._failToStart(undefined, data[1]);
      this._drain(); // what was said before it
      this._receive(data);
      this._drain();
    } catch (error) {
      this._breakDown(error);
    }
  };

  /** Before it is ready, an error means that it can't be; afterwards it is one of the worker's own, and no end of it. */
  _onError = event => {
    if (this._ended || this._isReady) return;
    event.preventDefault();
    this._failToStart(event.error ?? event);
  };

  _onUnreadable = () => {
    if (this._ended || !this._isReady) return;
    this._drain();
    this._tell(protocol.TO_WORKER_UNREADABLE, this._heard++);
  };

  /** `cause` is what the platform said, an error or an event; `version` that of a worker of another time. */
  _failToStart(cause, version) {
    this._pool._loadError = this._pool._describeFailure(cause, version);
    this._report(() => wasm.workerStartFailed(this._pool._number, this._id, version !== undefined));
  }

  /** Its port, or what handles its messages, has thrown: what it has been sent is told why. */
  _breakDown(error) {
    if (this._ended || !isReady(poolPart)) return report(error);
    this._pool._breakdown = error;
    this._pool._loadError = this._pool._describeFailure(error);
    this._report(() => wasm.workerLost(this._pool._number, this._id, NaN, true));
    this._pool._breakdown = undefined;
  }

  /** It ended by itself, or somebody ended it. */
  _gone() {
    if (this._ended) return;
    this._drain();
    if (!this._isReady) this._pool._loadError = this._pool._describeFailure('it ended before it had called expose()');
    const last = this._shared ? Atomics.load(this._shared, protocol.SHARED_STARTED) : NaN;
    this._report(() => wasm.workerLost(this._pool._number, this._id, last, this._lossy));
  }

  /** It has nothing to do any more, and ends when it has cleaned up. */
  _retire() {
    this._retiring = true;
    this._tell(protocol.RETIRE);
  }

  /** The pool ends it, or takes note of its end. */
  _end() {
    if (this._ended) return;
    this._ended = true;
    this._lock.abort();
    const port = this._port;
    this._ringIn?.wake(); // ends the wait for it
    for (const [number, task] of this._calls) if (this._has(task, number)) task._worker = undefined;
    this._calls.clear();
    if (!port) return;
    try {
      this._terminate();
      port.removeEventListener('message', this._onMessage);
      port.removeEventListener('messageerror', this._onUnreadable);
      port.removeEventListener('error', this._onError);
    } catch (error) {
      // A method of the caller's own, in place of the platform's: the thread must end all the same.
      if (port instanceof Worker) Worker.prototype.terminate.call(port);
      report(error);
    }
  }

  /** Passes something on to core, and does what core says. */
  _report(call) {
    if (this._epoch !== epoch) return;
    try {
      follow(call());
    } catch (error) {
      report(error);
    }
    this._pool._look();
  }

  /** The lock that the worker holds is ours as soon as the worker is gone; what it has said last, as far as it comes, is read first. */
  _watch(name) {
    const { signal } = this._lock;
    this._watched = true;
    navigator.locks.request(name, { signal }, () => {
      // One that did not say goodbye may have been terminated past us, and then its last messages are lost.
      this._lossy ||= !this._closing;
      this._pool._afterMessages(() => this._gone());
    }).catch(() => {});
  }

  // ---- sending -----------------------------------------------------------------------------------------------------

  /** Adds a call to the frame of this turn; `_sendFrame` sends it. */
  _add(task, number, marked) {
    const job = (this._jobs[task._job] ??= this._names.get(this._pool._jobNames[task._job]));
    if (job === undefined) {
      this._refuse(task, number, unknownJob(this._pool._jobNames[task._job], [...this._names.keys()]));
      return;
    }
    if (task._refusal) {
      this._refuse(task, number, task._refusal);
      return;
    }
    this._calls.set(number, task);
    if (task._isAlone) this._sendFrame();
    const frame = (this._frame ??= this._newFrame());
    const attempt = task._begun ? task._attempt : task._attempt + 1;
    frame.push(number, (marked ? protocol.MARKED : 0) | (task._rare?.callbacks ? protocol.CALLS_BACK : 0) | (attempt << protocol.ATTEMPT_SHIFT), job, task._args);
    if (task._isAlone) this._sendFrame(task);
  }

  _newFrame() {
    this._pool._unsent.push(this);
    return [protocol.MAGIC, protocol.VERSION, protocol.CALLS, 0];
  }

  /** Sends what was added: small plain data, which any worker can read, or one call that goes alone. */
  _sendFrame(alone) {
    const frame = this._frame;
    if (!frame) return;
    this._frame = undefined;
    frame[3] = this._sequence;
    try {
      if (alone === undefined && this._writeToRing(frame)) return;
      this._announce();
      this._port.postMessage(frame, alone?._transfer ?? []);
    } catch {
      this._sendOneByOne(frame);
      return;
    }
    this._remember(frame);
  }

  /** Only to a worker that is awake: one that sleeps is woken by a message, which may as well be the frame itself. */
  _writeToRing(frame) {
    if (this._ringOut === undefined || !this._isAwake() || !this._ringOut.write(frame)) return false;
    this._sequence++;
    if (!this._isAwake()) this._post(protocol.BELL); // it has fallen asleep meanwhile
    return true;
  }

  _isAwake() {
    return Atomics.load(this._shared, protocol.SHARED_AWAKE) === 1;
  }

  /** One of several calls can't be sent: the others must not suffer. */
  _sendOneByOne(frame) {
    for (let i = protocol.HEADER; i < frame.length; i += protocol.FIELDS) {
      const number = frame[i];
      const task = this._calls.get(number);
      const one = [...frame.slice(0, protocol.HEADER), ...frame.slice(i, i + protocol.FIELDS)];
      one[3] = this._sequence;
      try {
        this._port.postMessage(one, task._transfer ?? []);
        this._remember(one);
      } catch (cause) {
        this._calls.delete(number);
        this._refuse(task, number, notSerializable('args', task._args, cause));
      }
    }
  }

  /** Which calls are in a frame, until an answer shows that it was read. */
  _remember(frame) {
    this._frames.set(this._sequence++, frame[protocol.HEADER]);
    if (this._frames.size > 64) this._frames.delete(this._frames.keys().next().value);
  }

  /** A message is about to be posted: a worker that waits for its ring goes to meet it. */
  _announce() {
    if (this._ringOut === undefined) return;
    Atomics.store(this._shared, protocol.SHARED_POSTED, this._sequence);
    this._ringOut.wake();
  }

  _post(kind, ...fields) {
    this._announce();
    this._port.postMessage([protocol.MAGIC, protocol.VERSION, kind, this._sequence++, ...fields]);
  }

  /** The same, from where nobody is to hear that it can't be posted. */
  _tell(kind, ...fields) {
    try {
      this._post(kind, ...fields);
    } catch (error) {
      this._breakDown(error);
    }
  }

  /** A call that never reached the worker. Another attempt would fare no better. */
  _refuse(task, number, error) {
    follow(wasm.callAnswered(this._pool._number, this._id, number, NaN, true));
    task._break(new NonRetryableError(error));
    this._pool._look(); // the worker is free for what waits
  }

  _cancel(number) {
    const task = this._calls.get(number);
    if (this._shared) Atomics.store(this._shared, protocol.SHARED_FLAGS + (number % protocol.MAX_OPEN), number + 1);
    this._tell(protocol.CANCEL, number, pack(task?._rare?.reason));
  }

  // ---- hearing -----------------------------------------------------------------------------------------------------

  _receive(frame) {
    this._heard = Math.max(this._heard, frame[3]); // a job's getter may report while the result that it stands in is being sent
    switch (frame[2]) {
      case protocol.READY:
        this._becomeReady(frame[4], frame[5], frame[6] === true);
        break;
      case protocol.RESULTS:
        this._receiveResults(frame);
        break;
      case protocol.PONG:
        wasm.workerPong(this._pool._number, this._id);
        break;
      case protocol.CLOSING:
        this._closing = true;
        this._pool._afterMessages(() => this._gone());
        break;
      case protocol.CALLBACK:
        this._callBack(...frame.slice(4));
        break;
      case protocol.TO_PAGE_UNREADABLE:
        this._receiveUnreadable(frame[4]);
        break;
    }
  }

  _becomeReady(lock, names, cleansUp) {
    this._names = new Map(names.map((name, index) => [name, index]));
    this._share();
    if (lock) this._watch(lock);
    this._report(() => wasm.workerReady(this._pool._number, this._id, lock !== null, cleansUp));
    this._pool._tellWaiters();
  }

  /** Shares memory with the worker, if the page may. */
  _share() {
    let buffer;
    try {
      // WebKitGTK has isolated pages without shared memory, and there may be none left.
      buffer = globalThis.crossOriginIsolated ? new SharedArrayBuffer(protocol.SHARED_BYTES) : undefined;
    } catch {
      // then by messages
    }
    if (buffer === undefined) return this._post(protocol.HELLO, null, false);
    this._shared = new Int32Array(buffer, 0, protocol.SHARED_FLAGS + protocol.MAX_OPEN);
    this._shared[protocol.SHARED_STARTED] = -1;
    const reads = typeof Atomics.waitAsync === 'function';
    this._post(protocol.HELLO, buffer, reads);
    this._ringOut = Ring.toWorker(buffer);
    if (!reads) return;
    this._ringIn = Ring.toPage(buffer);
  }

  /**
   * Hears of what the worker writes to its ring, as long as it owes answers. Asked for only now, and not while there is nothing to wait for: a wait that
   * is pending when the worker answers costs more than to look (measured: 0.28 of a message's round trip against 0.17).
   */
  _listen() {
    this._drain();
    if (this._ringIn === undefined || this._listening || this._ended || this._calls.size === 0) return;
    this._ringIn.written().then(() => {
      this._listening = false;
      this._listen();
    });
    this._listening = true;
    this._drain(); // what came between the look and the wait
  }

  /** Takes what is in the ring, up to a frame that a message comes before. */
  _drain() {
    try {
      for (let frame; !this._ended && (frame = this._ringIn?.read(this._heard + 1)); ) this._receive(frame);
    } catch (error) {
      this._breakDown(error);
    }
  }

  _receiveResults(frame) {
    wasm.workerHeard(this._pool._number, this._id);
    holdTime(true); // the answers of one frame come at one time
    let pending;
    try {
      pending = this._receiveEntries(frame);
    } finally {
      holdTime(false);
    }
    if (pending > constants.ANSWER_MASK) follow(pending);
    if (this._pool._calls.waiting > 0) this._pool._look();
  }

  /** A job calls a function that was among its arguments. */
  async _callBack(number, id, index, args) {
    const task = this._calls.get(number);
    let answer;
    try {
      const fn = task && this._has(task, number) ? task._rare?.callbacks?.[index] : undefined;
      if (!fn) throw new TaskloomError('callback-released', 'the call whose callback this is has settled or was cancelled');
      answer = [true, await SETTLED.then(() => fn(...args))]; // not from within
    } catch (error) {
      answer = [false, pack(error)];
    }
    if (this._ended || this._calls.get(number) !== task) return;
    try {
      this._post(protocol.RETURNED, number, id, ...answer);
    } catch (cause) {
      this._tell(protocol.RETURNED, number, id, false, pack(notSerializable('the callback\'s result', answer[1], cause)));
    }
  }

  /** Passes the entries of a frame on to core and to their tasks; returns what is pending then. */
  _receiveEntries(frame) {
    const pool = this._pool._number;
    let pending = 0;
    for (let i = protocol.HEADER; i < frame.length && !this._ended; i += protocol.FIELDS) {
      const number = frame[i + 1];
      const task = this._calls.get(number);
      if (!task) continue;
      const isCurrent = this._has(task, number);
      switch (frame[i]) {
        case protocol.DONE: {
          this._calls.delete(number);
          const answer = wasm.callAnswered(pool, this._id, number, frame[i + 3], false);
          pending |= answer;
          if (isCurrent) task._answer(answer, frame[i + 2]);
          else task._madeLate(frame[i + 2]);
          break;
        }
        case protocol.FAILED: {
          this._calls.delete(number);
          const answer = wasm.callAnswered(pool, this._id, number, frame[i + 3], true);
          pending |= answer;
          if (isCurrent && answer & constants.ANSWER_MASK) task._break(task._failure(frame[i + 2]));
          break;
        }
        case protocol.STARTED: {
          const answer = wasm.callStarted(pool, this._id, number);
          pending |= answer;
          if (isCurrent && answer & constants.ANSWER_MASK) task._start();
          break;
        }
        case protocol.PROGRESS:
          if (isCurrent && !task.done) task._report(frame[i + 2]);
          break;
        case protocol.WITHDRAWN:
          this._calls.delete(number);
          if (isCurrent) task._leave();
          pending |= wasm.callWithdrawn(pool, this._id, number);
          break;
      }
    }
    return pending;
  }

  /** Whether the number is that of the task's present attempt. */
  _has(task, number) {
    return task._worker === this && task._number === number;
  }

  /** The worker could not read the frame after this one. */
  _receiveUnreadable(sequence) {
    const first = this._frames.get(sequence + 1);
    if (first === undefined) return; // a foreign one
    const next = this._frames.get(sequence + 2) ?? Infinity;
    for (const [number, task] of this._calls) {
      if (number < first || number >= next) continue;
      this._calls.delete(number);
      const error = new TaskloomError('not-serializable', 'the arguments could not be read by the worker; they may be too large');
      if (this._has(task, number)) this._refuse(task, number, error);
      else follow(wasm.callAnswered(this._pool._number, this._id, number, NaN, true));
    }
    this._pool._look();
  }
}

const unknownJob = (name, names) =>
  new TaskloomError('unknown-job', `the worker has no job ${JSON.stringify(name)}; it exposes ${names.join(', ') || 'none'}`);
