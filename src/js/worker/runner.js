// Runs the calls that the page sends, one after the other. The rules of what is said when are core's: see src/core/protocol.rs.

import * as protocol from '../protocol.js';
import { pack, unpack } from '../border.js';
import { TaskloomError } from '../errors.js';
import { Ring } from '../ring.js';
import { JobContext } from './context.js';
import { Outbox } from './outbox.js';

const MICROS = 1000; // in a millisecond
const SILENT = protocol.SILENT_MICROS / MICROS;
const TURN = protocol.TURN_MICROS / MICROS;
const RING_WAIT = protocol.RING_WAIT_MICROS / MICROS;
/** So many progress values go out at once; a burst beyond it is sent together. */
const PROGRESS_BURST = 16;
const RESOLVED = Promise.resolve();
const GENERATORS = /^\[object (Async)?Generator\]$/;

export class Runner {
  constructor(port, jobs, names, withContext) {
    this.outbox = new Outbox(port);
    this.jobs = jobs;
    this.functions = names.map(name => jobs[name]);
    this.withContext = this.functions.map(withContext);
    this.queue = []; // calls that have not started
    this.running = undefined;
    this.closed = false;
    this.resting = false; // gives the event loop a turn between two calls
    this.shared = undefined; // words that the page sees too
    this.ring = undefined;
    this.hot = false; // whether the last call came so soon that waiting for the next one pays
    this.idleSince = 0;
    this.heard = -1; // the sequence number of the latest frame
    this.turnedAt = performance.now();
    this.turning = undefined;
    this.progressLeft = PROGRESS_BURST;
    this.channel = undefined;
  }

  // ---- what the page says ------------------------------------------------------------------------------------------

  receive(frame) {
    if (!Array.isArray(frame) || frame[0] !== protocol.MAGIC || frame[1] !== protocol.VERSION) return;
    this.turnedAt = performance.now();
    this.drain(); // what was said before it
    this.handle(frame);
    this.drain();
    if (!this.running && !this.resting) this.pump();
  }

  /** Takes what is in the ring, up to a frame that a message comes before. True if there was something. */
  drain() {
    let some = false;
    for (let frame; (frame = this.ring?.read(this.heard + 1)); some = true) this.handle(frame);
    return some;
  }

  handle(frame) {
    this.heard = frame[3];
    switch (frame[2]) {
      case protocol.HELLO:
        if (frame[4]) this.share(frame[4], frame[5]);
        break;
      case protocol.CALLS:
        for (let i = 4; i < frame.length; i += 4) {
          this.queue.push({
            number: frame[i], flags: frame[i + 1], job: frame[i + 2], args: frame[i + 3],
            announced: false, aborted: false, reason: undefined, transfer: undefined, context: undefined,
          });
        }
        break;
      case protocol.CANCEL:
        this.cancel(frame[4], unpack(frame[5]));
        break;
      case protocol.WITHDRAW:
        this.giveBack(call => call.number >= frame[4]);
        break;
      case protocol.PING:
        this.outbox.post(protocol.PONG);
        break;
      case protocol.TO_WORKER_UNREADABLE:
        this.outbox.sendAgain(frame[4], unreadable('the answer'));
        break;
    }
  }

  /** A message has come that could not be read. */
  missed() {
    this.drain();
    this.outbox.post(protocol.TO_PAGE_UNREADABLE, this.heard++);
  }

  share(buffer, pageReadsRing) {
    this.shared = new Int32Array(buffer, 0, protocol.SHARED_FLAGS + protocol.MAX_OPEN);
    this.ring = Ring.toWorker(buffer);
    if (pageReadsRing) this.outbox.ring = Ring.toPage(buffer);
  }

  cancel(number, reason) {
    const call = this.running;
    if (call?.number === number) {
      call.aborted = true;
      call.reason = reason;
      call.context?.abort(reason);
    } else {
      this.giveBack(waiting => waiting.number === number);
    }
  }

  giveBack(belongs) {
    const left = this.queue.filter(call => !belongs(call));
    if (left.length === this.queue.length) return;
    for (const call of this.queue) if (belongs(call)) this.outbox.add(protocol.WITHDRAWN, call.number, undefined, 0);
    this.queue = left;
    this.outbox.flush();
  }

  isFlagged(number) {
    return this.shared !== undefined && Atomics.load(this.shared, protocol.SHARED_FLAGS + (number % protocol.MAX_OPEN)) === number + 1;
  }

  // ---- running -----------------------------------------------------------------------------------------------------

  /** Runs what waits, and what comes meanwhile, until there is nothing or a job takes its time. */
  pump() {
    if (this.ring !== undefined) {
      this.wake();
      this.hot = performance.now() - this.idleSince < 2 * RING_WAIT;
    }
    do {
      if (!this.runQueue()) return;
    } while (this.waitForMore());
  }

  /** Runs the calls that wait as long as each ends at once; false if the event loop has to have its turn first. */
  runQueue() {
    const { queue, outbox } = this;
    let now = performance.now();
    for (let index = 0; index < queue.length && !this.closed; index++) {
      if (now - this.turnedAt > TURN) {
        this.queue = queue.slice(index);
        this.rest();
        return false;
      }
      const call = queue[index];
      const started = now;
      this.announce(call, now);
      this.running = call;
      let value;
      try {
        value = this.call(call);
      } catch (error) {
        this.fail(call, error, started);
        now = this.end(call);
        continue;
      }
      if (isPending(value)) {
        this.queue = queue.slice(index + 1);
        this.sleep();
        this.wait(call, value, started);
        return false;
      }
      now = performance.now();
      outbox.add(protocol.DONE, call.number, value, (now - started) * MICROS, call.transfer);
      this.running = undefined;
      if (call.announced) outbox.flush();
    }
    this.queue = [];
    outbox.flush();
    return true;
  }

  /** All is answered. True if more has come, for which the thread may have been blocked for a moment. */
  waitForMore() {
    if (this.ring === undefined || this.closed) return false;
    const now = (this.idleSince = performance.now());
    if (this.drain()) return true;
    if (this.hot && now - this.turnedAt > TURN) {
      this.rest();
      return false;
    }
    const posted = Atomics.load(this.shared, protocol.SHARED_POSTED);
    if (this.hot && posted <= this.heard && this.ring.wait(RING_WAIT) && this.drain()) return true;
    if (!this.sleep()) return false;
    this.wake();
    return true;
  }

  /** Tells the page that the ring will be looked at. */
  wake() {
    Atomics.store(this.shared, protocol.SHARED_AWAKE, 1);
  }

  /** Lets the event loop have its turn: messages, timers, fetches. True if something came in the last moment. */
  sleep() {
    if (this.ring === undefined) return false;
    Atomics.store(this.shared, protocol.SHARED_AWAKE, 0);
    return this.drain();
  }

  /** The same, and goes on in the next turn. */
  rest() {
    this.outbox.flush();
    this.sleep();
    this.resting = true;
    this.turn().then(() => {
      this.resting = false;
      this.pump();
    });
  }

  /** The worker ends with this turn of its event loop, in which it starts nothing more: the page gives what waits to others. */
  close() {
    this.closed = true;
    this.outbox.post(protocol.CLOSING);
  }

  call(call) {
    const { job, args } = call;
    if (!this.withContext[job]) return this.functions[job].apply(this.jobs, args);
    call.context = new JobContext(this, call);
    return this.functions[job].call(this.jobs, call.context, ...args);
  }

  /** Says that a call starts, if that must be said. */
  announce(call, now) {
    if (this.shared !== undefined) Atomics.store(this.shared, protocol.SHARED_STARTED, call.number);
    if ((call.flags & protocol.MARKED) === 0 && now - this.outbox.sentAt <= SILENT) return;
    this.sayStarted(call);
    this.outbox.flush();
  }

  sayStarted(call) {
    call.announced = true;
    this.outbox.add(protocol.STARTED, call.number, undefined, 0);
  }

  /** Goes on when a job that takes its time has ended. */
  async wait(call, value, started) {
    // What is done already must not wait for it.
    if (!this.outbox.isEmpty) this.turn().then(() => this.outbox.flush());
    try {
      let result = await value;
      if (isGenerator(result)) result = await this.iterate(call, result);
      this.outbox.add(protocol.DONE, call.number, result, (performance.now() - started) * MICROS, call.transfer);
    } catch (error) {
      this.fail(call, error, started);
    }
    this.end(call);
    this.pump();
  }

  /** Each value that a generator yields is a progress value; a cancel ends it at its next yield. */
  async iterate(call, generator) {
    for (;;) {
      const { value, done } = await generator.next();
      if (done) return value;
      this.progress(call, value);
      try {
        await this.checkpoint(call);
      } catch (reason) {
        await generator.return?.();
        throw reason;
      }
    }
  }

  fail(call, error, started) {
    this.outbox.add(protocol.FAILED, call.number, pack(error), (performance.now() - started) * MICROS);
  }

  end(call) {
    this.running = undefined;
    if (call.announced) this.outbox.flush();
    return performance.now();
  }

  // ---- what a job asks for -----------------------------------------------------------------------------------------

  progress(call, value, transfer) {
    if (this.running !== call) return; // it is over
    const { outbox } = this;
    if (!call.announced) this.sayStarted(call);
    outbox.add(protocol.PROGRESS, call.number, value, 0, transfer);
    if (performance.now() - outbox.sentAt > SILENT) this.progressLeft = PROGRESS_BURST;
    if (this.progressLeft > 0) {
      this.progressLeft--;
      outbox.flush();
    } else {
      this.turn().then(() => outbox.flush());
    }
  }

  checkpoint(call) {
    if (call.aborted) return rejected(call.reason);
    if (performance.now() - this.turnedAt <= TURN) return RESOLVED;
    return this.turn().then(() => {
      if (call.aborted) throw call.reason;
    });
  }

  /** A promise for the next turn of the event loop, after the messages that have come already. */
  turn() {
    return (this.turning ??= new Promise(resolve => {
      if (!this.channel) {
        this.channel = new MessageChannel();
        this.channel.port1.onmessage = () => {
          this.turnedAt = performance.now();
          const { done } = this;
          this.turning = undefined;
          done();
        };
      }
      this.done = resolve;
      this.channel.port2.postMessage(0);
    }));
  }
}

const isGenerator = value =>
  typeof value?.next === 'function' && GENERATORS.test(Object.prototype.toString.call(value));

const isPending = value =>
  value !== null && typeof value === 'object' &&
  (typeof value.then === 'function' || isGenerator(value));

const unreadable = what =>
  new TaskloomError('not-serializable', `${what} could not be read on the other side; it may hold shared memory, or be too large`);

function rejected(reason) {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
