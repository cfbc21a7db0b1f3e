import { colourToken, h } from '../../shell/dom.js';
import { CrispCanvas } from './crisp-canvas.js';
import { rateAt } from './rendering.js';

const LEFT = 44;
const RIGHT = 50;
const BOTTOM = 20;
const SHORTEST_MS = 4000;
const FULL_FPS = 60;

/** Paths of light a second over the time of a run, over those of the runs before; and below, the page's frames a second. */
export class SpeedChart {
  constructor() {
    this.speed = new CrispCanvas({ class: 'chart__speed', 'aria-labelledby': 'workers-speed' }, (...args) => this.drawSpeed(...args));
    this.fps = new CrispCanvas({ class: 'chart__fps', 'aria-labelledby': 'workers-fps' }, (...args) => this.drawFps(...args));
    this.element = h('div', { class: 'chart' },
      h('h3', { id: 'workers-speed' }, 'Paths of light a second'), this.speed.element,
      h('h3', { id: 'workers-fps' }, 'Frames of this page a second'), this.fps.element);
    this.runs = [];
  }

  /** Draws anew when there is something new. */
  render(rendering, runs) {
    const isNew = rendering !== this.current || rendering?.samples.length !== this.drawn || runs.length !== this.known;
    if (!isNew) return;
    this.drawn = rendering?.samples.length;
    this.known = runs.length;
    this.current = rendering;
    this.runs = runs.filter(run => run !== rendering);
    this.speed.draw();
    this.fps.draw();
  }

  dispose() {
    this.speed.dispose();
    this.fps.dispose();
  }

  drawSpeed(brush, width, height) {
    const { current, runs } = this;
    const all = [...runs, ...(current ? [current] : [])].map(run => ({ run, points: pointsOf(run, 'paths') }));
    const top = roundUp(Math.max(100_000, ...all.flatMap(({ points }) => points.map(({ rate }) => rate))));
    const y = rate => 8 + (1 - rate / top) * (height - BOTTOM - 8);
    const x = this.scaleOf(width);
    this.axes(brush, width, height, { y, marks: [0, top / 2, top], text: rate => compact.format(rate) });
    this.seconds(brush, width, height, x);

    const drawn = all.filter(({ points }) => points.length > 0);
    const labels = drawn.map(({ run, points }) => {
      const isCurrent = run === current;
      return { text: run.setup.short, left: x(points.at(-1).at) + 6, y: y(points.at(-1).rate), isCurrent };
    });
    if (labels.at(-1)?.isCurrent) area(brush, drawn.at(-1).points, x, y, colourToken('--chart-range')); // below all lines
    drawn.forEach(({ points }, i) => {
      const { isCurrent } = labels[i];
      line(brush, points, x, y, colourToken(isCurrent ? '--chart-mean' : '--line-strong'), isCurrent ? 2.5 : 1.25);
    });
    brush.textAlign = 'left';
    for (const { text, left, y: middle, isCurrent } of spread(labels)) {
      brush.font = `${isCurrent ? '600 ' : ''}12px system-ui, sans-serif`;
      brush.fillStyle = colourToken(isCurrent ? '--chart-mean' : '--ink-muted');
      brush.fillText(text, left, middle);
    }
  }

  drawFps(brush, width, height) {
    const { current } = this;
    const y = rate => 6 + (1 - Math.min(1, rate / FULL_FPS)) * (height - 12);
    this.axes(brush, width, height, { y, marks: [0, 30, 60], text: String });
    const points = current ? pointsOf(current, 'frames') : [];
    if (points.length === 0) return;
    const x = this.scaleOf(width);
    line(brush, points, x, y, colourToken('--chart-humidity'), 2.5);
    brush.textAlign = 'left';
    brush.font = '600 12px system-ui, sans-serif';
    brush.fillStyle = colourToken('--chart-humidity');
    brush.fillText(`${Math.round(points.at(-1).rate)} fps`, x(points.at(-1).at) + 6, Math.min(height - 8, Math.max(8, y(points.at(-1).rate))));
  }

  /** From milliseconds to where they are: the same in both charts. */
  scaleOf(width) {
    const span = Math.max(SHORTEST_MS, this.current?.elapsed ?? 0, ...this.runs.map(run => run.elapsed));
    this.span = span;
    return ms => LEFT + (ms / span) * (width - LEFT - RIGHT);
  }

  axes(brush, width, height, { y, marks, text }) {
    brush.font = '12px system-ui, sans-serif';
    brush.textAlign = 'right';
    brush.textBaseline = 'middle';
    for (const mark of marks) {
      brush.fillStyle = colourToken('--line');
      brush.fillRect(LEFT, Math.round(y(mark)), width - LEFT - RIGHT, 1);
      brush.fillStyle = colourToken('--ink-muted');
      brush.fillText(text(mark), LEFT - 8, y(mark));
    }
  }

  seconds(brush, width, height, x) {
    brush.fillStyle = colourToken('--ink-muted');
    brush.textAlign = 'center';
    const step = this.span > 30_000 ? 10_000 : this.span > 12_000 ? 5_000 : this.span > 6_000 ? 2_000 : 1_000;
    for (let ms = 0; ms <= this.span; ms += step) brush.fillText(`${ms / 1000} s`, x(ms), height - BOTTOM / 2 + 2);
  }
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
export const speed = rate => threeDigits.format(rate);

function pointsOf({ samples }, key) {
  const points = samples.slice(1).map(({ at }, i) => ({ at, rate: rateAt(samples, i + 1, key) }));
  return points.length > 0 ? [{ at: 0, rate: points[0].rate }, ...points] : [];
}

function line(brush, points, x, y, colour, width) {
  brush.strokeStyle = colour;
  brush.lineWidth = width;
  brush.lineJoin = 'round';
  brush.beginPath();
  for (const { at, rate } of points) brush.lineTo(x(at), y(rate));
  brush.stroke();
}

function area(brush, points, x, y, colour) {
  brush.fillStyle = colour;
  brush.beginPath();
  brush.moveTo(x(points[0].at), y(0));
  for (const { at, rate } of points) brush.lineTo(x(at), y(rate));
  brush.lineTo(x(points.at(-1).at), y(0));
  brush.fill();
}

/** Moves labels down that would lie on another. */
function spread(labels) {
  const placed = [];
  for (const label of labels.toSorted((a, b) => a.y - b.y)) {
    for (const other of placed) {
      if (Math.abs(other.left - label.left) < 40 && label.y < other.y + 14) label.y = other.y + 14;
    }
    placed.push(label);
  }
  return placed;
}

/** To one digit, and then to 1, 2, 4, 6 or 8, so that half of it is round as well. */
function roundUp(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 2, 4, 6, 8, 10].find(digit => digit * unit >= value * 1.05);
}
