import { renderMandelbrot } from './mandelbrot/job.js';
import { places } from './mandelbrot/places.js';

const TIME_IS_UP = Symbol('time is up');

// #region block
/** The Mandelbrot job with a checkpoint that only looks at the clock, so that it never yields. */
export async function blockThePage(ms) {
  const start = performance.now();
  const ctx = {
    progress() {},
    checkpoint() {
      if (performance.now() - start >= ms) throw TIME_IS_UP;
    },
  };
  try {
    // Its awaits are microtasks: the browser gets no turn to draw or to handle a click.
    for (;;) await renderMandelbrot(ctx, new ImageData(640, 400), places[0]);
  } catch (error) {
    if (error !== TIME_IS_UP) throw error;
  }
  return performance.now() - start;
}
// #endregion
