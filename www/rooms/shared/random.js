/** A seeded generator (mulberry32), so that the same seed gives the same numbers. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next() {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** About normal, mean 0 and deviation 1: the sum of three uniforms. */
  normal() {
    return (this.next() + this.next() + this.next() - 1.5) * 2;
  }
}
