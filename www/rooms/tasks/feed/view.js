import { colourToken, h } from '../../../shell/dom.js';
import { celsius, whole } from '../../shared/format.js';
import { CHUNKS, CHUNK_RECORDS, readFeed } from './job.js';
import { Feed } from './records.js';

const WIDTH = 640;
const HEIGHT = 400;
const COLUMNS = 40;
const CELL = 15;
const GAP = 3;
const LEFT = (WIDTH - COLUMNS * CELL + GAP) / 2;
const TOP = (HEIGHT - (CHUNKS / COLUMNS) * CELL + GAP) / 2;
const CORRUPT_AT = Math.floor(CHUNKS * CHUNK_RECORDS * 0.618);

/** A job that reads a feed with a corrupt record, with a map of what it has read. */
export function feedJob() {
  const canvas = h('canvas', { width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': 'Map of the records read' });
  const brush = canvas.getContext('2d');
  const feed = new Feed({ records: CHUNKS * CHUNK_RECORDS, corruptAt: CORRUPT_AT });
  const read = []; // the mean temperature of each chunk

  function cell(chunk, colour, { alpha = 1, grow = 0 } = {}) {
    const x = LEFT + (chunk % COLUMNS) * CELL;
    const y = TOP + Math.floor(chunk / COLUMNS) * CELL;
    const size = CELL - GAP + 2 * grow;
    brush.fillStyle = colourToken(colour);
    brush.clearRect(x - grow, y - grow, size, size);
    brush.globalAlpha = alpha;
    brush.fillRect(x - grow, y - grow, size, size);
    brush.globalAlpha = 1;
  }

  const drawRead = chunk => cell(chunk, '--chart-humidity', { alpha: shade(read[chunk]) });

  function draw(values, state) {
    for (const value of values) drawRead(read.push(value.celsius) - 1);
    if (state === 'error') cell(read.length, '--status-error', { grow: 4 });
  }

  function redraw(state) {
    brush.clearRect(0, 0, WIDTH, HEIGHT);
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      if (chunk < read.length) drawRead(chunk);
      else cell(chunk, '--line');
    }
    draw([], state);
  }

  redraw('pending');
  return {
    kind: 'failing',
    name: 'Sensor feed',
    canvas,
    work: ctx => readFeed(ctx, feed),
    draw,
    redraw,
    rows: ({ records, mean }) => [['Records', whole(records)], ['Mean', celsius(mean)]],
  };
}

/** How strongly a chunk of this mean temperature is drawn, 0.35 to 1. */
const shade = mean => 0.35 + 0.65 * Math.min(1, Math.max(0, mean / 25));
