// What the worker has to say: entries are collected, and sent as one frame.

import * as protocol from './protocol.js';
import { notSerializable, pack } from '../base/border.js';
import { NOT_PLAIN, plainCopy } from '../base/snapshot.js';

/** What so many of the latest frames have answered is remembered, in case the page can't read one. */
const REMEMBERED = 64;
/** Names of values, for messages. */
const WHAT = /* @__PURE__ */ (() => ({ [protocol.DONE]: 'the result', [protocol.FAILED]: 'the error', [protocol.PROGRESS]: 'the progress value' }))();

const newFrame = () => [protocol.MAGIC, protocol.VERSION, protocol.RESULTS, 0];

export class Outbox {
  constructor(port) {
    this.port = port;
    this.ring = undefined; // if the page reads one
    this.sequence = 0;
    this.frame = newFrame();
    this.sentAt = performance.now();
    this.answered = []; // first and last number in each of the latest frames
  }

  get isEmpty() {
    return this.frame.length === protocol.HEADER;
  }

  /** Takes the value as it is now. What is not small plain data, or moves something, is sent at once. */
  add(kind, number, value, micros, transfer) {
    const copy = transfer?.length > 0 ? NOT_PLAIN : plainCopy(value);
    if (copy === NOT_PLAIN) this.sendAlone(kind, number, value, micros, transfer);
    else this.frame.push(kind, number, copy, micros);
  }

  /** Sends what was added. */
  flush() {
    if (this.isEmpty) return;
    const { frame } = this;
    this.frame = newFrame();
    frame[3] = this.sequence++;
    if (!this.ring?.write(frame)) this.port.postMessage(frame);
    this.sent(frame);
  }

  /** Sends a value that the platform may refuse, or the other side may not be able to read, in a frame of its own. */
  sendAlone(kind, number, value, micros, transfer) {
    this.flush();
    let frame = newFrame();
    frame[3] = this.sequence++; // before the value's getters are called: they may report something
    frame.push(kind, number, value, micros);
    try {
      this.port.postMessage(frame, transfer);
    } catch (cause) {
      const refusal = notSerializable(WHAT[kind], value, cause);
      frame = frame.slice(0, protocol.HEADER);
      if (kind === protocol.PROGRESS) reportError(refusal);
      else frame.push(protocol.FAILED, number, pack(refusal), micros);
      this.port.postMessage(frame);
    }
    this.sent(frame);
  }

  sent(frame) {
    this.sentAt = performance.now();
    let last = frame.length - protocol.FIELDS;
    while (last >= protocol.HEADER && frame[last] !== protocol.DONE && frame[last] !== protocol.FAILED) last -= protocol.FIELDS;
    // Calls are answered in the order of their numbers.
    this.answered[frame[3] % REMEMBERED] = last < protocol.HEADER ? undefined : [frame[protocol.HEADER + 1], frame[last + 1]];
  }

  /** Sends a frame of another kind, after all that was said before it. */
  post(kind, ...fields) {
    this.flush();
    const empty = newFrame();
    const number = (empty[3] = this.sequence++);
    try {
      this.port.postMessage([protocol.MAGIC, protocol.VERSION, kind, number, ...fields]);
    } catch (error) {
      this.port.postMessage(empty); // the page waits for a frame of each number
      throw error;
    }
  }

  /** The page could not read the frame that came after this one: what it has answered is answered with an error. */
  sendAgain(sequence, error) {
    const [first, last] = this.answered[(sequence + 1) % REMEMBERED] ?? [];
    for (let number = first; number <= last; number++) this.add(protocol.FAILED, number, pack(error), 0);
    this.flush();
  }
}
