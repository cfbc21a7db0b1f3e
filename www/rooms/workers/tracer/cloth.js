// A plain weave without end, as a distance field: warp threads along z at each whole x, weft threads along x at each whole z, and where
// they cross, one is above the other by turns.

const RADIUS = 0.37;
const SWING = 0.38; // how far a thread goes up and down: a little more than its radius, so that crossing threads don't touch
const TOP = RADIUS + SWING;
const FLOOR = -1.4;
/** A thread's slope makes the field too steep; by this factor a step never goes too far. */
const SAFE = 0.66;
const NEAR = 0.002;
const FAR = 70;
const MOST_STEPS = 96;

const YARNS = {
  navy: { colour: [0.03, 0.09, 0.26], shine: 0.05 },
  blue: { colour: [0.06, 0.24, 0.62], shine: 0.05 },
  teal: { colour: [0.03, 0.36, 0.36], shine: 0.05 },
  red: { colour: [0.56, 0.06, 0.07], shine: 0.05 },
  linen: { colour: [0.82, 0.74, 0.58], shine: 0.03 },
  gold: { colour: [0.95, 0.58, 0.14], shine: 0.6 },
};
const WARP = ['navy', 'blue', 'navy', 'teal', 'linen', 'blue', 'navy', 'gold'].map(name => YARNS[name]);
const WEFT = ['linen', 'linen', 'red', 'linen', 'linen', 'teal', 'linen', 'gold', 'linen'].map(name => YARNS[name]);
const FELT = { colour: [0.1, 0.1, 0.12], shine: 0 };

const pick = (yarns, index) => yarns[((index % yarns.length) + yarns.length) % yarns.length];

/** The distance from a point to the nearest thread, or less. */
function distance(x, y, z) {
  const i = Math.floor(x);
  const k = Math.floor(z);
  // Of two neighbours one is as high as the other is low.
  const warp = (i & 1 ? -SWING : SWING) * Math.cos(Math.PI * z);
  const weft = (k & 1 ? SWING : -SWING) * Math.cos(Math.PI * x);
  const dx = x - i, dz = z - k;
  const a = dx * dx + (y - warp) ** 2;
  const b = (1 - dx) ** 2 + (y + warp) ** 2;
  const c = dz * dz + (y - weft) ** 2;
  const d = (1 - dz) ** 2 + (y + weft) ** 2;
  return Math.sqrt(Math.min(Math.min(a, b), Math.min(c, d))) - RADIUS;
}

/** How far a ray goes until it meets a thread or the floor; Infinity if it meets neither. */
export function march(ox, oy, oz, dx, dy, dz) {
  let t = 0;
  if (oy > TOP) {
    if (dy >= 0) return Infinity;
    t = (TOP - oy) / dy;
  }
  const floor = dy < 0 ? (FLOOR - oy) / dy : Infinity;
  const end = Math.min(FAR, floor);
  for (let step = 0; step < MOST_STEPS && t < end; step++) {
    const y = oy + t * dy;
    if (dy > 0 && y > TOP) return Infinity;
    const gap = y < -TOP ? -TOP - y + NEAR : distance(ox + t * dx, y, oz + t * dz);
    if (gap < NEAR) return t;
    t += gap * SAFE;
  }
  return t >= floor ? floor : t >= FAR ? Infinity : t;
}

/** What is at a point that a ray has met: sets the normal in `hit` and what it is made of. */
export function look(hit, x, y, z) {
  if (y < FLOOR + 0.01) {
    hit.nx = hit.nz = 0;
    hit.ny = 1;
    hit.yarn = FELT;
    hit.shade = 1;
    return;
  }
  const i = Math.round(x), k = Math.round(z);
  let best = Infinity;
  for (let n = -1; n <= 1; n++) {
    const sign = (i + n) & 1 ? -SWING : SWING;
    const side = x - i - n, height = y - sign * Math.cos(Math.PI * z);
    const far = side * side + height * height;
    if (far < best) {
      best = far;
      hit.nx = side;
      hit.ny = height;
      hit.nz = height * sign * Math.PI * Math.sin(Math.PI * z);
      hit.yarn = pick(WARP, i + n);
      hit.shade = ply(Math.atan2(side, height), z);
    }
  }
  for (let n = -1; n <= 1; n++) {
    const sign = (k + n) & 1 ? SWING : -SWING;
    const side = z - k - n, height = y - sign * Math.cos(Math.PI * x);
    const far = side * side + height * height;
    if (far < best) {
      best = far;
      hit.nx = height * sign * Math.PI * Math.sin(Math.PI * x);
      hit.ny = height;
      hit.nz = side;
      hit.yarn = pick(WEFT, k + n);
      hit.shade = ply(Math.atan2(side, height), x);
    }
  }
  const length = Math.hypot(hit.nx, hit.ny, hit.nz);
  hit.nx /= length;
  hit.ny /= length;
  hit.nz /= length;
}

/** A yarn is twisted of several plies: darker where two meet. */
function ply(angle, along) {
  const wave = Math.abs(Math.sin(2 * angle + 7 * along));
  return 0.25 + 0.75 * wave ** 0.7;
}
