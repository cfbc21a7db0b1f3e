import { Random } from '../shared/random.js';
import { primesInSegment } from './primes.js';

const SEED = 2026;
const PARTS = 80;

export class LostConnectionError extends Error {
  name = 'LostConnectionError';
}

/** A job and what the room shows of it. Jobs of the same number have the same size and the same luck. */
export class Job {
  /** `failureRate()` is asked before each attempt. */
  constructor({ number, name, priority, failureRate }) {
    this.number = number;
    this.name = name;
    this.priority = priority;
    this.failureRate = failureRate;
    this.luck = new Random(SEED + number);
    this.segmentsPerPart = 10 + Math.floor(this.luck.next() * 24); // 0.3 to 1 s on a laptop
    this.task = null;
    this.asked = 1;
    this.deadline = null;
    this.backOff = null; // { until, length } while it waits for its next attempt
    this.failure = null; // what the attempt before threw
  }

  // #region job
  /** Counts primes in a stretch of numbers. An attempt that is out of luck breaks off somewhere in it. */
  async work(ctx) {
    this.begin(ctx);
    const { luck, segmentsPerPart } = this;
    const total = PARTS * segmentsPerPart;
    const breaksAt = luck.next() < this.failureRate() ? Math.floor(luck.next() * total) : total;
    let primes = 0;
    for (let segment = 0; segment < total; segment++) {
      if (segment === breaksAt) throw new LostConnectionError(`lost at ${Math.floor(100 * segment / total)} %`);
      primes += primesInSegment(this.number * total + segment);
      if (segment % segmentsPerPart === 0) ctx.progress({ value: segment, total }); // what task.timeLeft needs
      await ctx.checkpoint(); // lets the page breathe; throws if cancelled or out of time
    }
    return primes;
  }
  // #endregion

  begin({ deadline }) {
    this.backOff = null;
    this.deadline = deadline;
  }

  /** Notes that the next attempt comes in `length` milliseconds. */
  backsOff(length, failure) {
    this.backOff = { until: performance.now() + length, length };
    this.failure = failure;
  }
}
