import { colourToken } from '../../../shell/dom.js';
import { DAYS } from './job.js';

const WIDTH = 640;
const HEIGHT = 400;
const LEFT = 78;
const RIGHT = 24;
const MONTHS = [...'JFMAMJJASOND'];
const MONTH_STARTS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, DAYS];
const TEMPERATURE = { top: 28, bottom: 240, low: -25, high: 45, lines: [-20, 0, 20, 40], unit: '°' };
const HUMIDITY = { top: 272, bottom: 356, low: 0, high: 100, lines: [0, 50, 100], unit: '%' };

/** A year as it comes in, a day at a time: range and mean of temperature, humidity, and bad readings. */
export class YearChart {
  constructor(canvas) {
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    this.canvas = canvas;
    this.brush = canvas.getContext('2d');
    this.days = [];
  }

  add(day) {
    this.days.push(day);
  }

  draw() {
    const { brush, canvas, days } = this;
    const colours = this.colours();
    brush.clearRect(0, 0, canvas.width, canvas.height);
    brush.font = '20px system-ui, sans-serif';
    this.axes(TEMPERATURE, colours);
    this.axes(HUMIDITY, colours);
    this.months(colours);

    const width = xOf(1) - xOf(0);
    brush.fillStyle = colours.range;
    for (const { day, low, high } of days) {
      const top = yOf(TEMPERATURE, high);
      brush.fillRect(xOf(day), top, width + 0.3, yOf(TEMPERATURE, low) - top);
    }
    this.line(TEMPERATURE, 'mean', colours.mean);
    this.line(HUMIDITY, 'humidity', colours.humidity);
    brush.fillStyle = colours.fault;
    for (const { day, rejected } of days) {
      if (rejected > 0) brush.fillRect(xOf(day), TEMPERATURE.top - 16, 2, 4 + Math.min(10, rejected / 12));
    }
  }

  colours() {
    return {
      text: colourToken('--ink-muted'), grid: colourToken('--line'), range: colourToken('--chart-range'), mean: colourToken('--chart-mean'),
      humidity: colourToken('--chart-humidity'), fault: colourToken('--status-error'),
    };
  }

  axes(scale, { text, grid }) {
    const { brush } = this;
    brush.textAlign = 'right';
    brush.textBaseline = 'middle';
    for (const value of scale.lines) {
      const y = yOf(scale, value);
      brush.fillStyle = grid;
      brush.fillRect(LEFT, Math.round(y), WIDTH - LEFT - RIGHT, 1);
      brush.fillStyle = text;
      brush.fillText(`${value < 0 ? '−' : ''}${Math.abs(value)}${scale.unit}`, LEFT - 10, y);
    }
  }

  months({ text }) {
    const { brush } = this;
    brush.fillStyle = text;
    brush.textAlign = 'center';
    brush.textBaseline = 'alphabetic';
    MONTHS.forEach((name, month) => {
      brush.fillText(name, xOf((MONTH_STARTS[month] + MONTH_STARTS[month + 1]) / 2), HEIGHT - 14);
    });
  }

  line(scale, key, colour) {
    const { brush } = this;
    brush.strokeStyle = colour;
    brush.lineWidth = 2.5;
    brush.lineJoin = 'round';
    brush.beginPath();
    for (const day of this.days) brush.lineTo(xOf(day.day + 0.5), yOf(scale, day[key]));
    brush.stroke();
  }
}

const xOf = day => LEFT + (day / DAYS) * (WIDTH - LEFT - RIGHT);
const yOf = ({ top, bottom, low, high }, value) => bottom - ((value - low) / (high - low)) * (bottom - top);
