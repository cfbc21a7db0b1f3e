import { FaultDetector } from './fault-detector.js';
import { FaultySensor } from './faulty-sensor.js';
import { Random } from '../../shared/random.js';
import { DayStatistics, YearStatistics } from './statistics.js';
import { Weather } from './weather.js';

export const DAYS = 365;

// #region job
/** Simulates a year in quarter seconds, reads a sensor each minute, and sorts out its faults. */
export async function simulateYear(ctx, climate) {
  const random = new Random(climate.seed);
  const weather = new Weather(climate, random);
  const sensor = new FaultySensor(weather, random);
  const detector = new FaultDetector();
  const year = new YearStatistics();

  for (let day = 0; day < DAYS; day++) {
    const today = new DayStatistics(day);
    for (let hour = 0; hour < 24; hour++) {
      for (let minute = 0; minute < 60; minute++) {
        weather.step();
        const reading = sensor.read();
        today.add(reading, weather.humidity, detector.accepts(reading));
      }
      await ctx.checkpoint(); // lets the page breathe; throws if cancelled
    }
    year.add(today);
    ctx.progress({ fraction: (day + 1) / DAYS, day: today.summary() });
  }
  return { ...year.summary(), fronts: weather.fronts, faults: sensor.faults, found: detector.found };
}
// #endregion
