// The workers' file: what the page may call, by name.

// #region worker
import { expose, job } from '../../taskloom-worker.js';
import { tilePixels, traceTile } from './tracer/tile.js';

const worker = Number(self.name); // the page has numbered its workers

expose({
  tile: job(async (ctx, tile, pathsPerPixel) => {
    const pixels = tilePixels();
    ctx.progress({ worker, paths: 0 });
    for (const paths of traceTile(tile, pathsPerPixel, pixels)) {
      ctx.progress({ worker, paths });
      await ctx.checkpoint(); // lets a cancel arrive; rejects then
    }
    return ctx.transfer(pixels, [pixels.buffer]); // moved, not copied
  }),
});
// #endregion
