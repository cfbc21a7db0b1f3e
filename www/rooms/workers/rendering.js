import { run } from '../../taskloom.js';
import { tilePixels, tilesFromTheMiddle, traceTile } from './tracer/tile.js';

const SAMPLE_MS = 250;

/**
 * One picture in the making: its tiles, what was tried for each and when, and how fast it goes. `setup` is one of setups.js.
 *
 * `onChange()` is called when something is to be drawn, `onTile(tile, pixels)` when a tile is done.
 */
export class Rendering {
  constructor({ setup, pathsPerPixel, fleet, onChange, onTile }) {
    Object.assign(this, { setup, pathsPerPixel, fleet, onChange, onTile });
    this.tiles = tilesFromTheMiddle();
    this.tries = []; // { tile, number, place, from, to, end }: all attempts, in the order they began
    this.open = new Map(); // the attempts that run, by tile
    this.lostTiles = new Set(); // those that were lost and have not begun again
    this.left = this.tiles.length;
    this.lost = 0;
    this.paths = 0;
    this.frames = 0;
    this.longestGap = 0;
    this.samples = [];
    this.abort = new AbortController();
    this.startedAt = null;
    this.endedAt = null;
    this.frameAt = null;
  }

  /** Resolves when the picture is done; rejects if it was cancelled or can't be finished. */
  async start() {
    try {
      if (this.setup.workers > 0) {
        await this.fleet.pool.warm(); // so that what is measured is the work
        this.abort.signal.throwIfAborted();
      }
      this.begin();
      await (this.setup.workers > 0 ? this.inWorkers() : this.onThePage());
    } catch (error) {
      this.cancel(); // without one tile the picture can't be finished
      throw error;
    } finally {
      this.finish();
    }
  }

  // #region call
  async inWorkers() {
    const { pool } = this.fleet;
    await Promise.all(this.tiles.map(async tile => {
      const task = pool.run('tile', [tile, this.pathsPerPixel], {
        signal: this.abort.signal,
        retry: { retryOn: 'worker-lost', maxAttempts: 20, baseDelay: 250, maxDelay: 1000, onRetry: () => this.lose(tile) },
      });
      task.subscribe(() => { // its progress or its state has changed
        for (const { worker, paths } of task.drainProgress()) this.advance(tile, worker, paths);
      });
      this.complete(tile, await task);
    }));
  }
  // #endregion

  // #region page
  /** The same tiles by the same function, on the page's own thread. */
  onThePage() {
    const { tiles, pathsPerPixel, setup, abort: { signal } } = this;
    return run(async ctx => {
      for (const tile of tiles) {
        const pixels = tilePixels();
        this.advance(tile, null, 0);
        for (const paths of traceTile(tile, pathsPerPixel, pixels)) {
          this.advance(tile, null, paths);
          if (setup.sliced) await ctx.checkpoint(); // the page gets a turn within a tile
        }
        this.complete(tile, pixels);
        await ctx.checkpoint(); // and after each
      }
    }, { signal });
  }
  // #endregion

  cancel() {
    this.abort.abort();
  }

  // ---- what has happened -------------------------------------------------------------------------------------------

  begin() {
    this.startedAt = this.frameAt = performance.now();
    this.samples.push({ at: 0, paths: 0, frames: 0 });
    this.onChange();
  }

  advance(tile, number, paths) {
    let attempt = this.open.get(tile);
    if (!attempt) {
      const place = number === null ? 0 : this.fleet.member(number).place;
      attempt = { tile, number, place, from: this.elapsed, to: null, end: null, paths: 0 };
      this.open.set(tile, attempt);
      this.tries.push(attempt);
      this.lostTiles.delete(tile);
    }
    attempt.paths += paths;
    this.paths += paths;
    this.onChange();
  }

  complete(tile, pixels) {
    this.close(tile, 'done');
    this.left--;
    this.onTile(tile, pixels);
  }

  lose(tile) {
    this.close(tile, 'lost');
    this.lost++;
    this.lostTiles.add(tile);
  }

  close(tile, end) {
    const attempt = this.open.get(tile);
    if (!attempt) return; // its worker was gone before it had said anything
    this.open.delete(tile);
    Object.assign(attempt, { to: this.elapsed, end });
    this.onChange();
  }

  finish() {
    for (const tile of this.open.keys()) this.close(tile, 'cancelled');
    if (this.startedAt !== null) {
      this.sample(this.elapsed);
      this.endedAt = performance.now();
    }
    this.onChange();
  }

  // ---- how fast it goes --------------------------------------------------------------------------------------------

  /** To be called in each frame. */
  frame() {
    if (this.startedAt === null || this.endedAt !== null) return;
    const now = performance.now();
    this.frames++;
    this.longestGap = Math.max(this.longestGap, now - this.frameAt);
    this.frameAt = now;
    if (this.elapsed - this.samples.at(-1).at >= SAMPLE_MS) this.sample(this.elapsed);
  }

  sample(at) {
    this.samples.push({ at, paths: this.paths, frames: this.frames });
  }

  get elapsed() {
    return this.startedAt === null ? 0 : (this.endedAt ?? performance.now()) - this.startedAt;
  }

  /** Paths of light a second, over all of it. */
  get rate() {
    return this.elapsed > 0 ? this.paths * 1000 / this.elapsed : 0;
  }
}

/** The change of `key` a second at sample `i`, over about the second before it. */
export function rateAt(samples, i, key) {
  let first = i - 1;
  while (first > 0 && samples[i].at - samples[first].at < 1000) first--;
  return (samples[i][key] - samples[first][key]) * 1000 / Math.max(1, samples[i].at - samples[first].at);
}
