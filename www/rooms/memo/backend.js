import { Random } from '../shared/random.js';

/**
 * What there is to be cached: a function of this page that takes as long as the visitor says and makes up a temperature. `settings` is `{ delay, isFailing }`,
 * and may change while it runs.
 */
export class Backend {
  constructor(settings, { onFailure } = {}) {
    this.settings = settings;
    this.onFailure = onFailure;
    this.runs = 0;
    this.failed = new Set(); // cities whose latest run has failed
    this._running = new Map(); // when each began, and how long it will take
    this._random = new Random(Date.now());
  }

  // #region slow
  async ask(city) {
    const run = ++this.runs;
    const { delay } = this.settings;
    this._running.set(city, { began: performance.now(), delay });
    await new Promise(resolve => setTimeout(resolve, delay));
    this._running.delete(city);
    if (this.settings.isFailing) {
      this.failed.add(city);
      this.onFailure?.(city);
      throw new Error('the backend does not answer');
    }
    this.failed.delete(city);
    return { city, run, degrees: this.temperature(city) }; // another one each time
  }
  // #endregion

  /** How far the run for a city has come, from 0 to 1. */
  progress(city) {
    const run = this._running.get(city);
    return run ? Math.min(1, (performance.now() - run.began) / Math.max(1, run.delay)) : 0;
  }

  temperature(city) {
    const seed = [...city].reduce((sum, letter) => Math.imul(sum, 31) + letter.codePointAt(0), 7);
    return 4 + 26 * new Random(seed).next() + 2 * this._random.normal();
  }
}
