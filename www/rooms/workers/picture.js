import { colourToken, h } from '../../shell/dom.js';
import { workerColour } from './colours.js';
import { ACROSS, DOWN, HEIGHT, WIDTH } from './tracer/tile.js';

const EDGE = 3;
const CROSS = 8;

/** The picture, and over it the tiles that are being computed, each framed in the colour of its worker. */
export class Picture {
  constructor() {
    this.canvas = h('canvas', { class: 'picture__canvas', width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': 'A woven cloth, as far as it is computed' });
    this.overlay = h('canvas', { class: 'picture__canvas picture__overlay', width: WIDTH, height: HEIGHT, 'aria-hidden': 'true' });
    this.element = h('div', { class: 'picture' }, this.canvas, this.overlay);
    this.brush = this.canvas.getContext('2d');
    this.over = this.overlay.getContext('2d');
    this.clear();
  }

  /** Takes the picture away; what is left is where its tiles will be. */
  clear() {
    const { brush } = this;
    brush.clearRect(0, 0, WIDTH, HEIGHT);
    brush.fillStyle = colourToken('--line');
    for (let x = ACROSS; x < WIDTH; x += ACROSS) brush.fillRect(x, 0, 1, HEIGHT);
    for (let y = DOWN; y < HEIGHT; y += DOWN) brush.fillRect(0, y, WIDTH, 1);
  }

  put({ x, y }, pixels) {
    this.brush.putImageData(new ImageData(pixels, ACROSS), x, y);
  }

  draw(rendering) {
    const { over } = this;
    over.clearRect(0, 0, WIDTH, HEIGHT);
    if (!rendering) return;
    for (const tile of rendering.lostTiles) this.markLost(tile);
    for (const { tile, number, paths } of rendering.open.values()) {
      this.frame(tile, { colour: workerColour(number), share: paths / (ACROSS * DOWN * rendering.pathsPerPixel) });
    }
  }

  /** Frames a tile, and tints this share of it from the top. */
  frame({ x, y }, { colour, share }) {
    const { over } = this;
    over.fillStyle = over.strokeStyle = colour;
    over.globalAlpha = 0.35;
    over.fillRect(x, y, ACROSS, DOWN * share);
    over.globalAlpha = 1;
    over.lineWidth = EDGE;
    over.strokeRect(x + EDGE / 2, y + EDGE / 2, ACROSS - EDGE, DOWN - EDGE);
  }

  markLost(tile) {
    const { over } = this;
    this.frame(tile, { colour: colourToken('--status-error'), share: 1 });
    const [x, y] = [tile.x + ACROSS / 2, tile.y + DOWN / 2];
    over.beginPath();
    for (const side of [-1, 1]) {
      over.moveTo(x - side * CROSS, y - CROSS);
      over.lineTo(x + side * CROSS, y + CROSS);
    }
    over.stroke();
  }
}
