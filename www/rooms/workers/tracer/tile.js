import { Light } from './light.js';

export const WIDTH = 640;
export const HEIGHT = 400;
/** The size of a tile. */
export const ACROSS = 80;
export const DOWN = 50;
const SLICE = 1000; // paths between two yields: some milliseconds of work

/** The tiles of the picture, from its middle outwards. */
export function tilesFromTheMiddle() {
  const tiles = [];
  for (let y = 0; y < HEIGHT; y += DOWN) {
    for (let x = 0; x < WIDTH; x += ACROSS) tiles.push({ x, y });
  }
  const far = ({ x, y }) => Math.hypot(x + ACROSS / 2 - WIDTH / 2, y + DOWN / 2 - HEIGHT / 2);
  return tiles.sort((a, b) => far(a) - far(b));
}

/** Room for the pixels of a tile. */
export const tilePixels = () => new Uint8ClampedArray(ACROSS * DOWN * 4);

// #region tile
/** Computes a tile into `pixels`, and yields every few milliseconds how many paths of light it has followed meanwhile. */
export function* traceTile({ x, y }, pathsPerPixel, pixels) {
  const light = new Light(WIDTH, HEIGHT, { seed: y * WIDTH + x });
  let followed = 0;
  for (let row = 0; row < DOWN; row++) {
    for (let column = 0; column < ACROSS; column++) {
      light.pixel(x + column, y + row, pathsPerPixel);
      paint(pixels, row * ACROSS + column, light.sum);
      followed += pathsPerPixel;
      if (followed >= SLICE) {
        yield followed;
        followed = 0;
      }
    }
  }
  yield followed;
}
// #endregion

function paint(pixels, index, colour) {
  for (let c = 0; c < 3; c++) pixels[4 * index + c] = 255 * film(colour[c]);
  pixels[4 * index + 3] = 255;
}

/** From light to a screen's value: Krzysztof Narkowicz's fit of the ACES film curve, then about sRGB's gamma. */
function film(light) {
  const x = 0.75 * light;
  return Math.min(1, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)) ** (1 / 2.2);
}
