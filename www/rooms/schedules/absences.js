const BEAT_MS = 200;
const AWAY_MS = 3000; // a page in the background has its timers once a second

/** Calls `onBeat(now)` some times a second, and notices when the page could not: `latest` is `{ from, to, isHeld }`. */
export class Absences {
  constructor(onBeat) {
    this.latest = null;
    this.beat = Date.now();
    const look = () => {
      const now = Date.now();
      if (now - this.beat > AWAY_MS) this.note(this.beat, now, false);
      this.beat = now;
      onBeat(now);
    };
    this.timer = setInterval(look, BEAT_MS);
  }

  note(from, to, isHeld) {
    this.latest = { from, to, isHeld };
    this.beat = to;
  }

  // #region hold
  /** Keeps the page's only thread to itself: nothing is drawn, no click is heard, no timer is called. */
  hold(ms) {
    const from = Date.now();
    const end = performance.now() + ms;
    while (performance.now() < end);
    this.note(from, Date.now(), true);
  }
  // #endregion

  dispose() {
    clearInterval(this.timer);
  }
}
