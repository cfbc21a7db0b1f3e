import { addColour } from './palette.js';

const BAILOUT = 1 << 16; // squared; far out, so that the smooth count has no visible bands

/** The pixels of one picture and the arithmetic that fills them; knows nothing of tasks. */
export class Raster {
  constructor(image, place) {
    this.image = image;
    this.place = place;
    this.points = 0;
    this.iterations = 0;
    this.inside = 0;
    this.sum = [0, 0, 0];
    this.colours = new Float32Array(image.width * image.height * 3);
  }

  /** Computes up to `count` pixels of row `y`, every `step` from `x`, and paints each as a square of `size`. */
  coarse(x, y, size, step, count) {
    const { image, sum, colours } = this;
    for (let i = 0; i < count && x < image.width; i++, x += step) {
      sum.fill(0);
      this.sample(x, y);
      const index = (y * image.width + x) * 3;
      for (let c = 0; c < 3; c++) colours[index + c] = sum[c];
      this.paint(x, y, size, sum);
    }
  }

  /** Takes the rest of the grid of points in each of `count` pixels of row `y`, from `x`, and paints the mean. */
  smooth(x, y, count) {
    const { image, sum, colours } = this;
    const { grid } = this.place;
    for (let i = 0; i < count && x < image.width; i++, x++) {
      const index = (y * image.width + x) * 3;
      for (let c = 0; c < 3; c++) sum[c] = colours[index + c];
      for (let k = 1; k < grid * grid; k++) this.sample(x + (k % grid) / grid, y + Math.floor(k / grid) / grid);
      for (let c = 0; c < 3; c++) sum[c] /= grid * grid;
      this.paint(x, y, 1, sum);
    }
  }

  sample(px, py) {
    const { image, place } = this;
    const step = place.width / image.width;
    const time = this.escapeTime(place.re + (px - image.width / 2) * step, place.im + (py - image.height / 2) * step);
    addColour(this.sum, time, place.cycle);
  }

  /** Iterations until the point leaves, smoothed to a fraction (https://iquilezles.org/articles/msetsmooth/), or -1. */
  escapeTime(re, im) {
    const { limit } = this.place;
    let x = 0, y = 0, xx = 0, yy = 0, n = 0;
    while (n < limit && xx + yy < BAILOUT) {
      y = 2 * x * y + im;
      x = xx - yy + re;
      xx = x * x;
      yy = y * y;
      n++;
    }
    this.points++;
    this.iterations += n;
    if (n === limit) {
      this.inside++;
      return -1;
    }
    return n + 1 - Math.log2(Math.log2(xx + yy) / 16);
  }

  paint(x, y, size, colour) {
    const { width, height, data } = this.image;
    const right = Math.min(x + size, width);
    const bottom = Math.min(y + size, height);
    for (let row = y; row < bottom; row++) {
      for (let i = (row * width + x) * 4, end = (row * width + right) * 4; i < end; i += 4) {
        data[i] = colour[0];
        data[i + 1] = colour[1];
        data[i + 2] = colour[2];
        data[i + 3] = 255;
      }
    }
  }
}
