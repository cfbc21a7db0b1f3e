const STOPS = [
  [0.00, 0x0b, 0x13, 0x2b],
  [0.18, 0x1c, 0x4e, 0x80],
  [0.40, 0xe8, 0xf1, 0xf2],
  [0.58, 0xf2, 0xb1, 0x34],
  [0.76, 0x8c, 0x2f, 0x39],
  [1.00, 0x0b, 0x13, 0x2b],
];
const SIZE = 2048;

/** A closed ramp of `SIZE` colours, three bytes each. */
const ramp = (() => {
  const bytes = new Uint8ClampedArray(SIZE * 3);
  let segment = 0;
  for (let i = 0; i < SIZE; i++) {
    const at = i / SIZE;
    while (at >= STOPS[segment + 1][0]) segment++;
    const [from, ...a] = STOPS[segment];
    const [to, ...b] = STOPS[segment + 1];
    const linear = (at - from) / (to - from);
    const eased = linear * linear * (3 - 2 * linear);
    for (let c = 0; c < 3; c++) bytes[i * 3 + c] = a[c] + (b[c] - a[c]) * eased;
  }
  return bytes;
})();

const INSIDE = [6, 8, 14];

/** Adds the colour of an escape time to `sum`, an array of red, green and blue. A negative time is inside the set. */
export function addColour(sum, time, cycle) {
  if (time < 0) {
    for (let c = 0; c < 3; c++) sum[c] += INSIDE[c];
    return;
  }
  const offset = (Math.floor((time / cycle) * SIZE) % SIZE) * 3;
  for (let c = 0; c < 3; c++) sum[c] += ramp[offset + c];
}
