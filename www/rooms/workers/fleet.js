import { WorkerPool } from '../../taskloom.js';

/** A Worker that tells of its end, whoever ends it: the pool, or this room. */
class WatchedWorker extends Worker {
  constructor(url, options, onEnd) {
    super(url, options);
    this.onEnd = onEnd;
  }

  terminate() {
    super.terminate();
    this.onEnd();
  }
}

/**
 * A pool, and the workers that it was given. Each has a number that is never used again, and one of `size` places, which it leaves to
 * another when it ends.
 */
export class Fleet {
  constructor(size, { onChange }) {
    this.size = size;
    this.onChange = onChange;
    this.made = 0;
    this.crew = []; // { number, place, worker, bornAt, endedAt, killed }, oldest first
    this.open();
  }

  // #region pool
  open() {
    this.pool = new WorkerPool(() => this.makeWorker(), { size: this.size });
  }

  makeWorker() {
    const member = this.enlist();
    member.worker = new WatchedWorker(
      new URL('./jobs.js', import.meta.url), { type: 'module', name: String(member.number) }, () => this.ended(member),
    );
    return member.worker;
  }

  /** Ends a worker behind the pool's back, whatever it is doing. */
  kill(member) {
    member.killed = true;
    member.worker.terminate();
  }
  // #endregion

  enlist() {
    const taken = new Set(this.alive.map(({ place }) => place));
    const place = Array.from({ length: this.size }, (_, i) => i).find(i => !taken.has(i)) ?? 0;
    const member = { number: ++this.made, place, worker: null, bornAt: performance.now(), endedAt: null, killed: false };
    this.crew.push(member);
    this.onChange();
    return member;
  }

  ended(member) {
    member.endedAt ??= performance.now();
    this.onChange();
  }

  get alive() {
    return this.crew.filter(({ endedAt }) => endedAt === null);
  }

  member(number) {
    return this.crew.find(member => member.number === number);
  }

  /** Forgets those that have ended. */
  forgetEnded() {
    this.crew = this.alive;
  }

  dispose() {
    this.pool.dispose();
  }
}
