import { Raster } from './raster.js';

const FIRST_SQUARE = 16;
const SLICE = 32; // pixels between two checkpoints: a few hundred microseconds of work

// #region job
/** Renders a place into `image`: coarse squares, ever finer, then smooth edges. */
export async function renderMandelbrot(ctx, image, place) {
  const raster = new Raster(image, place);
  const total = image.width * image.height * place.grid ** 2;

  for (let size = FIRST_SQUARE; size >= 1; size /= 2) {
    for (const { x, y, step } of gridRows(image, size)) {
      for (let at = x; at < image.width; at += SLICE * step) {
        raster.coarse(at, y, size, step, SLICE);
        await ctx.checkpoint(); // lets the page breathe; throws if cancelled
      }
      ctx.progress({ fraction: raster.points / total });
    }
  }
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x += SLICE) {
      raster.smooth(x, y, SLICE);
      await ctx.checkpoint();
    }
    ctx.progress({ fraction: raster.points / total });
  }
  const { points, iterations, inside } = raster;
  return { points, iterations, inside: inside / points, zoom: 3 / place.width };
}
// #endregion

/** The rows of a grid of `size`, less the points that the grid of twice the size has had. */
function* gridRows({ height }, size) {
  for (let y = 0; y < height; y += size) {
    const had = size < FIRST_SQUARE && y % (size * 2) === 0;
    yield had ? { x: size, y, step: size * 2 } : { x: 0, y, step: size };
  }
}
