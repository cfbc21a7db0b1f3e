import { h } from '../../../shell/dom.js';
import { celsius, dayOfYear, whole } from '../../shared/format.js';
import { YearChart } from './chart.js';
import { simulateYear } from './job.js';

/** A job that simulates a year of `climate`, with the chart it draws. */
export function sensorsJob(climate) {
  const canvas = h('canvas', {
    role: 'img', 'aria-label': `Temperature and humidity by day, ${climate.name.toLowerCase()} climate`,
  });
  const chart = new YearChart(canvas);
  return {
    kind: 'sensors',
    name: `${climate.name} year`,
    canvas,
    work: ctx => simulateYear(ctx, climate),
    draw(values) {
      for (const { day } of values) chart.add(day);
      chart.draw();
    },
    redraw: () => chart.draw(),
    rows: ({ mean, humidity, coldest, hottest, frostDays, faults, found, readings }) => [
      ['Mean', `${celsius(mean)}, ${whole(humidity)}% RH`],
      ['Frost days', whole(frostDays)],
      ['Coldest', `${celsius(coldest.value)}, ${dayOfYear(coldest.day)}`],
      ['Hottest', `${celsius(hottest.value)}, ${dayOfYear(hottest.day)}`],
      ['Faults found', `${whole(found)} of ${whole(faults)}`],
      ['Good readings', whole(readings)],
    ],
  };
}
