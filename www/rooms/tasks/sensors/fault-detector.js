const WINDOW = 31; // minutes
const MIDDLE = (WINDOW - 1) / 2;
const STUCK_AFTER = 20; // minutes of the very same reading

/**
 * Finds bad readings without knowing what was done to them: silence, the same value for too long,
 * and outliers by a Hampel filter (distance from the running median, in median absolute deviations).
 */
export class FaultDetector {
  constructor() {
    this.ring = new Float64Array(WINDOW);
    this.sorted = new Float64Array(WINDOW);
    this.length = 0;
    this.next = 0;
    this.same = 0;
    this.previous = NaN;
    this.silent = false;
    this.found = 0;
  }

  /** Takes a reading; true if it is to be believed. Each fault is counted once, however long it lasts. */
  accepts(value) {
    if (Number.isNaN(value)) {
      if (!this.silent) this.found++;
      this.silent = true;
      this.forget();
      return false;
    }
    this.silent = false;
    this.same = value === this.previous ? this.same + 1 : 0;
    this.previous = value;
    if (this.same >= STUCK_AFTER) {
      if (this.same === STUCK_AFTER) this.found++;
      this.forget();
      return false;
    }
    const outlier = this.length === WINDOW && this.isOutlier(value);
    if (outlier) this.found++;
    else this.insert(value);
    return !outlier;
  }

  /** After a gap the weather may have changed, so the filter starts anew. */
  forget() {
    this.length = 0;
    this.next = 0;
  }

  isOutlier(value) {
    const median = this.sorted[MIDDLE];
    // The deviations grow outwards from the median on both sides, so the middle one is found by a merge.
    let left = MIDDLE, right = MIDDLE + 1, deviation = 0;
    for (let i = 0; i <= MIDDLE; i++) {
      const below = left >= 0 ? median - this.sorted[left] : Infinity;
      const above = right < WINDOW ? this.sorted[right] - median : Infinity;
      if (below <= above) { deviation = below; left--; } else { deviation = above; right++; }
    }
    return Math.abs(value - median) > 4 + 6 * 1.4826 * deviation;
  }

  insert(value) {
    const { ring, sorted } = this;
    if (this.length === WINDOW) {
      const oldest = sorted.indexOf(ring[this.next]);
      sorted.copyWithin(oldest, oldest + 1);
      this.length--;
    }
    ring[this.next] = value;
    this.next = (this.next + 1) % WINDOW;
    let at = this.length++;
    while (at > 0 && sorted[at - 1] > value) {
      sorted[at] = sorted[at - 1];
      at--;
    }
    sorted[at] = value;
  }
}
