// Runs the calls that the page sends, one after the other. The rules of what is said when are core's: see src/core/pool/protocol.rs.

import * as protocol from './protocol.js';
import { notSerializable, pack, unpack } from '../base/border.js';
import { TaskloomError } from '../base/errors.js';
import { Ring } from './ring.js';
import { isThenable } from '../base/thenable.js';
import { JobContext } from './context.js';
import { Outbox } from './outbox.js';
import { takeRoom } from './room.js';

const MICROS = 1000; // in a millisecond
const toMillis = micros => micros / MICROS;
const SILENT = /* @__PURE__ */ toMillis(protocol.SILENT_MICROS);
const TURN = /* @__PURE__ */ toMillis(protocol.TURN_MICROS);
const RING_WAIT = /* @__PURE__ */ toMillis(protocol.RING_WAIT_MICROS);
/** So many progress values go out at once; a burst beyond it is sent together. */
const PROGRESS_BURST = 16;
const RESOLVED = /* @__PURE__ */ Promise.resolve();
const GENERATORS = /^\[object (Async)?Generator\]$/;

class Call {
  constructor(number, flags, announced) {
    this.number = number;
    this.flags = flags;
    this.announced = announced; // whether the page knows that it has started
    this.aborted = false;
    this.reason = undefined;
    this.transfer = undefined;
    this.context = undefined;
    this.asked = undefined; // what it has asked the page and has no answer of: resolve and reject, by id
  }

  answer(number, id, hasReturned, value) {
    const ask = number === this.number ? this.asked?.get(id) : undefined;
    if (!ask) return;
    this.asked.delete(id);
    if (hasReturned) ask.resolve(value);
    else ask.reject(unpack(value));
  }

  /** It has settled, or nobody waits for it any more: the page's functions are no longer its own. */
  release() {
    this.asked?.forEach(({ reject }) => reject(released()));
    this.asked = undefined;
  }
}

export class Runner {
  constructor(port, jobs, names, withContext) {
    this.outbox = new Outbox(port);
    this.jobs = jobs;
    this.functions = names.map(name => jobs[name]);
    this.withContext = this.functions.map(withContext);
    this.queue = []; // of each call that has not started: number, flags, job, arguments
    this.next = 0; // where the first of them stands
    this.running = undefined; // a call that can report, wait or be cancelled
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
    this.asks = 0;
    this.end = undefined; // cleans up and ends the worker
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
        this.enqueue(frame);
        break;
      case protocol.CANCEL:
        this.cancel(frame[4], unpack(frame[5]));
        break;
      case protocol.WITHDRAW:
        this.giveBack(number => number >= frame[4]);
        break;
      case protocol.RETURNED:
        this.running?.answer(...frame.slice(4));
        break;
      case protocol.RETIRE:
        this.closed = true;
        this.end();
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

  /** The frame is the queue if nothing else waits: no call is touched before it starts. */
  enqueue(frame) {
    if (this.next < this.queue.length) {
      for (let i = protocol.HEADER; i < frame.length; i++) this.queue.push(frame[i]);
    } else {
      this.queue = frame;
      this.next = protocol.HEADER;
    }
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
      call.release();
      call.context?.abort(reason);
    } else {
      this.giveBack(waiting => waiting === number);
    }
  }

  giveBack(belongs) {
    const { queue, outbox } = this;
    const left = [];
    outbox.flush(); // lest a result that can't be sent take this with it
    for (let i = this.next; i < queue.length; i += protocol.FIELDS) {
      if (belongs(queue[i])) outbox.add(protocol.WITHDRAWN, queue[i], undefined, 0);
      else left.push(...queue.slice(i, i + protocol.FIELDS));
    }
    if (outbox.isEmpty) return;
    this.queue = left;
    this.next = 0;
    outbox.flush();
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
    const { outbox } = this;
    let now = performance.now();
    while (this.next < this.queue.length && !this.closed) {
      if (now - this.turnedAt > TURN) {
        this.rest();
        return false;
      }
      const { queue, next } = this;
      const number = queue[next];
      const job = queue[next + 2];
      const args = queue[next + 3];
      this.next = next + protocol.FIELDS;
      if (this.shared !== undefined && this.isFlagged(number)) {
        outbox.add(protocol.WITHDRAWN, number, undefined, 0); // it was cancelled while it waited here
        continue;
      }
      const announced = this.announce(number, queue[next + 1], now);
      const callsBack = (queue[next + 1] & protocol.CALLS_BACK) !== 0;
      const call = callsBack || this.withContext[job] ? new Call(number, queue[next + 1], announced) : undefined;
      if (callsBack) args.pop().forEach((place, index) => { args[place] = (...values) => this.callBack(call, index, values); });
      this.running = call;
      const started = now;
      let value;
      try {
        value = this.withContext[job] ? this.callWithContext(call, job, args) : this.functions[job].apply(this.jobs, args);
        if (isPending(value)) {
          this.sleep();
          this.wait(call ?? new Call(number, queue[next + 1], announced), value, started);
          return false;
        }
        now = performance.now();
        outbox.add(protocol.DONE, number, value, (now - started) * MICROS, call?.transfer);
      } catch (error) {
        now = performance.now();
        outbox.add(protocol.FAILED, number, pack(error), (now - started) * MICROS);
      }
      this.running = undefined;
      call?.release();
      if (announced || call?.announced) outbox.flush();
    }
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
    takeRoom();
    this.closed = true;
    this.outbox.post(protocol.CLOSING);
  }

  callWithContext(call, job, args) {
    call.context = new JobContext(this, call);
    return this.functions[job].call(this.jobs, call.context, ...args);
  }

  /** Says that a call starts, if that must be said; returns whether it was. */
  announce(number, flags, now) {
    if (this.shared !== undefined) Atomics.store(this.shared, protocol.SHARED_STARTED, number);
    if ((flags & protocol.MARKED) === 0 && now - this.outbox.sentAt <= SILENT) return false;
    this.outbox.add(protocol.STARTED, number, undefined, 0);
    this.outbox.flush();
    return true;
  }

  /** Goes on when a job that takes its time has ended. */
  async wait(call, value, started) {
    this.running = call;
    // What is done already must not wait for it.
    if (!this.outbox.isEmpty) this.turn().then(() => this.outbox.flush());
    try {
      let result = await value;
      if (isGenerator(result)) result = await this.iterate(call, result);
      this.outbox.add(protocol.DONE, call.number, result, (performance.now() - started) * MICROS, call.transfer);
    } catch (error) {
      this.outbox.add(protocol.FAILED, call.number, pack(error), (performance.now() - started) * MICROS);
    }
    this.running = undefined;
    call.release();
    if (call.announced) this.outbox.flush();
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

  // ---- what a job asks for -----------------------------------------------------------------------------------------

  progress(call, value, transfer) {
    if (this.running !== call) return; // it is over
    takeRoom();
    const { outbox } = this;
    if (!call.announced) outbox.add(protocol.STARTED, call.number, undefined, 0);
    call.announced = true;
    outbox.add(protocol.PROGRESS, call.number, value, 0, transfer);
    if (performance.now() - outbox.sentAt > SILENT) this.progressLeft = PROGRESS_BURST;
    if (this.progressLeft > 0) {
      this.progressLeft--;
      outbox.flush();
    } else {
      this.turn().then(() => outbox.flush());
    }
  }

  /** A job calls a function of the page. What it does not wait for fails unheard. */
  callBack(call, index, values) {
    if (this.running !== call || call.aborted || this.isFlagged(call.number)) return rejected(released());
    const { outbox } = this;
    if (!call.announced) outbox.add(protocol.STARTED, call.number, undefined, 0);
    call.announced = true;
    const id = this.asks++;
    const answer = new Promise((resolve, reject) => {
      try {
        outbox.post(protocol.CALLBACK, call.number, id, index, values);
        (call.asked ??= new Map()).set(id, { resolve, reject });
      } catch (cause) {
        reject(notSerializable('the callback\'s arguments', values, cause));
      }
    });
    answer.catch(() => {});
    return answer;
  }

  checkpoint(call) {
    if (call.aborted) return rejected(call.reason);
    if (performance.now() - this.turnedAt <= TURN) return RESOLVED;
    takeRoom();
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

const released = () => new TaskloomError('callback-released', 'the call whose callback this is has settled or was cancelled; await what a callback gives before the job ends');

const isGenerator = value =>
  typeof value?.next === 'function' && GENERATORS.test(Object.prototype.toString.call(value));

const isPending = value => isThenable(value) || isGenerator(value);

const unreadable = what =>
  new TaskloomError('not-serializable', `${what} could not be read on the other side; it may hold shared memory, or be too large`);

function rejected(reason) {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
