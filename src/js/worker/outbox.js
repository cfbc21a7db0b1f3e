// What the worker has to say: entries are collected, and sent as one frame.

import * as protocol from '../protocol.js';
import { notSerializable, pack } from '../border.js';

const HEADER = 4;
const FIELDS = 4;
/** The numbers of the calls that the latest frames have answered, in case the page can't read one. */
const REMEMBERED = 64;

export class Outbox {
  constructor(port) {
    this.port = port;
    this.ring = undefined; // if the page reads one
    this.sequence = 0;
    this.frame = [protocol.MAGIC, protocol.VERSION, protocol.RESULTS, 0];
    this.transfer = [];
    this.sentAt = performance.now();
    this.answered = new Map();
  }

  get isEmpty() {
    return this.frame.length === HEADER;
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
    for (let i = HEADER; i < frame.length; i += FIELDS) {
      const entry = [...frame.slice(0, HEADER), ...frame.slice(i, i + FIELDS)];
      entry[3] = this.sequence;
      try {
        this.port.postMessage(entry, frame.length === HEADER + FIELDS ? transfer : []);
      } catch (cause) {
        const [kind, number, value, micros] = entry.slice(HEADER);
        const what = kind === protocol.PROGRESS ? 'the progress value' : 'the result';
        const refusal = notSerializable(what, value, cause ?? error);
        if (kind === protocol.PROGRESS) {
          reportError(refusal);
          continue;
        }
        entry.splice(HEADER, FIELDS, protocol.FAILED, number, pack(refusal), micros);
        this.port.postMessage(entry);
      }
      this.sent(entry);
    }
  }

  sent(frame) {
    this.sentAt = performance.now();
    const numbers = [];
    for (let i = HEADER; i < frame.length; i += FIELDS) {
      if (frame[i] === protocol.DONE || frame[i] === protocol.FAILED) numbers.push(frame[i + 1]);
    }
    this.answered.set(this.sequence++, numbers);
    this.answered.delete(this.sequence - REMEMBERED);
  }

  /** Sends a frame of another kind, after all that was said before it. */
  post(kind, ...fields) {
    this.flush();
    this.port.postMessage([protocol.MAGIC, protocol.VERSION, kind, this.sequence++, ...fields]);
  }

  /** The page could not read the frame that came after this one: what it has answered is answered with an error. */
  sendAgain(sequence, error) {
    for (const number of this.answered.get(sequence + 1) ?? []) this.add(protocol.FAILED, number, pack(error), 0);
    this.flush();
  }
}
