// Follows paths of light from the eye into the cloth, and up to the sun and the sky.

import { Random } from '../../shared/random.js';
import { look, march } from './cloth.js';

const MOST_BOUNCES = 4;
const OFF = 0.004; // how far above a surface a path goes on, so that it does not meet the same point again

const normalized = ([x, y, z]) => {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
};
const SUN = normalized([-0.75, 0.5, 0.42]);
const SUN_SIZE = 0.05; // a soft edge to the shadows
const SUN_LIGHT = [2.7, 2.2, 1.5];

const EYE = [-1.6, 4.1, -6.4];
const LOOK_AT = [0.35, 0, -0.6];
const LENS = 0.075;
const ZOOM = 2.1;

const forward = normalized(LOOK_AT.map((value, i) => value - EYE[i]));
const right = normalized([forward[2], 0, -forward[0]]);
const up = [forward[1] * right[2] - forward[2] * right[1], forward[2] * right[0] - forward[0] * right[2], forward[0] * right[1] - forward[1] * right[0]];
const FOCUS = Math.hypot(...LOOK_AT.map((value, i) => value - EYE[i])) * 0.9;

/** Paths of light to a picture of `width` by `height`. The same seed gives the same light. */
export class Light {
  constructor(width, height, { seed }) {
    this.width = width;
    this.height = height;
    this.random = new Random(seed);
    this.hit = { nx: 0, ny: 0, nz: 0, yarn: null, shade: 1 };
    this.sum = [0, 0, 0];
  }

  /** The mean colour of `count` paths through a pixel, a square number: each goes through its own cell of a grid. Left in `this.sum`. */
  pixel(x, y, count) {
    const { sum, random } = this;
    const side = Math.sqrt(count);
    sum.fill(0);
    for (let i = 0; i < count; i++) {
      const px = x + ((i % side) + random.next()) / side;
      const py = y + (Math.floor(i / side) + random.next()) / side;
      this.path((2 * px - this.width) / this.height, (this.height - 2 * py) / this.height);
    }
    for (let c = 0; c < 3; c++) sum[c] /= count;
  }

  /** Adds the light of one path through a point of the picture to `this.sum`. */
  path(u, v) {
    const { random, hit, sum } = this;
    // A thin lens: what is at the distance of focus stays where it is, wherever on the lens the path begins.
    const turn = 2 * Math.PI * random.next(), off = LENS * Math.sqrt(random.next());
    const lx = off * Math.cos(turn), ly = off * Math.sin(turn);
    let ox = EYE[0] + lx * right[0] + ly * up[0];
    let oy = EYE[1] + lx * right[1] + ly * up[1];
    let oz = EYE[2] + lx * right[2] + ly * up[2];
    const fx = (u / ZOOM) * FOCUS - lx, fy = (v / ZOOM) * FOCUS - ly;
    let dx = forward[0] * FOCUS + right[0] * fx + up[0] * fy;
    let dy = forward[1] * FOCUS + right[1] * fx + up[1] * fy;
    let dz = forward[2] * FOCUS + right[2] * fx + up[2] * fy;
    const length = Math.hypot(dx, dy, dz);
    dx /= length;
    dy /= length;
    dz /= length;

    let r = 1, g = 1, b = 1;
    for (let bounce = 0; bounce < MOST_BOUNCES; bounce++) {
      const t = march(ox, oy, oz, dx, dy, dz);
      if (t === Infinity) {
        const height = Math.max(0, dy);
        sum[0] += r * (0.62 - 0.4 * height);
        sum[1] += g * (0.64 - 0.28 * height);
        sum[2] += b * (0.72 - 0.06 * height);
        return;
      }
      ox += t * dx;
      oy += t * dy;
      oz += t * dz;
      look(hit, ox, oy, oz);
      const { nx, ny, nz, yarn, shade } = hit;
      ox += nx * OFF;
      oy += ny * OFF;
      oz += nz * OFF;
      r *= yarn.colour[0] * shade;
      g *= yarn.colour[1] * shade;
      b *= yarn.colour[2] * shade;

      const mirrors = random.next() < yarn.shine;
      if (mirrors) {
        const facing = 2 * (dx * nx + dy * ny + dz * nz);
        dx -= facing * nx;
        dy -= facing * ny;
        dz -= facing * nz;
      } else {
        // Light from the sun, if nothing is in between.
        const sx = SUN[0] + SUN_SIZE * (random.next() - 0.5), sy = SUN[1] + SUN_SIZE * (random.next() - 0.5), sz = SUN[2] + SUN_SIZE * (random.next() - 0.5);
        const facing = sx * nx + sy * ny + sz * nz;
        if (facing > 0 && march(ox, oy, oz, sx, sy, sz) === Infinity) {
          sum[0] += r * facing * SUN_LIGHT[0];
          sum[1] += g * facing * SUN_LIGHT[1];
          sum[2] += b * facing * SUN_LIGHT[2];
        }
        // And on into the half of all directions that is above the surface, the more likely the steeper.
        dx = dy = dz = 0;
      }
      // A point on a sphere added to it: for a mirror a small one, which makes it a little rough.
      const z = 2 * random.next() - 1, angle = 2 * Math.PI * random.next(), flat = Math.sqrt(1 - z * z);
      dx += mirrors ? 0.3 * flat * Math.cos(angle) : nx + flat * Math.cos(angle);
      dy += mirrors ? 0.3 * flat * Math.sin(angle) : ny + flat * Math.sin(angle);
      dz += mirrors ? 0.3 * z : nz + z;
      const size = Math.hypot(dx, dy, dz) || 1;
      dx /= size;
      dy /= size;
      dz /= size;
    }
  }
}
