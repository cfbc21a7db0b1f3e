// What the worker has to say: entries are collected, and sent as one frame.

import * as protocol from '../protocol.js';
import { notSerializable, pack } from '../border.js';

/** What so many of the latest frames have answered is remembered, in case the page can't read one. */
const REMEMBERED = 64;

export class Outbox {
  constructor(port) {
    this.port = port;
    this.ring = undefined; // if the page reads one
    this.sequence = 0;
    this.frame = [protocol.MAGIC, protocol.VERSION, protocol.RESULTS, 0];
    this.transfer = [];
    this.sentAt = performance.now();
    this.answered = []; // first and last number in each of the latest frames
  }

  get isEmpty() {
    return this.frame.length === protocol.HEADER;
  }

  add(kind, number, value, micros, transfer) {
    this.frame.push(kind, number, value, micros);
    if (transfer) this.transfer.push(...transfer);
  }

  /** Sends what was added. */
  flush() {
    if (this.isEmpty) return;
    const { frame, transfer } = this;
    this.frame = [protocol.MAGIC, protocol.VERSION, protocol.RESULTS, 0];
    this.transfer = [];
    frame[3] = this.sequence;
    try {
      if (transfer.length > 0 || !this.ring?.write(frame)) this.port.postMessage(frame, transfer);
      this.sent(frame);
    } catch (error) {
      this.sendOneByOne(frame, transfer, error);
    }
  }

  /** One of several values can't be sent: the others must not suffer. */
  sendOneByOne(frame, transfer, error) {
    for (let i = protocol.HEADER; i < frame.length; i += protocol.FIELDS) {
      const entry = [...frame.slice(0, protocol.HEADER), ...frame.slice(i, i + protocol.FIELDS)];
      entry[3] = this.sequence;
      try {
        this.port.postMessage(entry, frame.length === protocol.HEADER + protocol.FIELDS ? transfer : []);
      } catch (cause) {
        const [kind, number, value, micros] = entry.slice(protocol.HEADER);
        const what = kind === protocol.PROGRESS ? 'the progress value' : 'the result';
        const refusal = notSerializable(what, value, cause ?? error);
        if (kind === protocol.PROGRESS) {
          reportError(refusal);
          continue;
        }
        entry.splice(protocol.HEADER, protocol.FIELDS, protocol.FAILED, number, pack(refusal), micros);
        this.port.postMessage(entry);
      }
      this.sent(entry);
    }
  }

  sent(frame) {
    this.sentAt = performance.now();
    let last = frame.length - protocol.FIELDS;
    while (last >= protocol.HEADER && frame[last] !== protocol.DONE && frame[last] !== protocol.FAILED) last -= protocol.FIELDS;
    // Calls are answered in the order of their numbers.
    this.answered[this.sequence++ % REMEMBERED] = last < protocol.HEADER ? undefined : [frame[protocol.HEADER + 1], frame[last + 1]];
  }

  /** Sends a frame of another kind, after all that was said before it. */
  post(kind, ...fields) {
    this.flush();
    this.port.postMessage([protocol.MAGIC, protocol.VERSION, kind, this.sequence++, ...fields]);
  }

  /** The page could not read the frame that came after this one: what it has answered is answered with an error. */
  sendAgain(sequence, error) {
    const [first, last] = this.answered[(sequence + 1) % REMEMBERED] ?? [];
    for (let number = first; number <= last; number++) this.add(protocol.FAILED, number, pack(error), 0);
    this.flush();
  }
}
