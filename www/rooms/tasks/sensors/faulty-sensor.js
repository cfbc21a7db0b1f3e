const RATES = [
  { fault: 'spike', perDay: 0.25, minutes: () => 1 },
  { fault: 'stuck', perDay: 0.06, minutes: random => 45 + random.next() * 180 },
  { fault: 'silent', perDay: 0.05, minutes: random => 20 + random.next() * 240 },
];

/** Reads the weather the way a cheap sensor does: now and then it spikes, sticks or goes silent. */
export class FaultySensor {
  constructor(weather, random) {
    this.weather = weather;
    this.random = random;
    this.fault = null;
    this.left = 0;
    this.offset = 0;
    this.last = 0;
    this.faults = 0;
  }

  /** The temperature at this minute, to a hundredth of a degree, or NaN. */
  read() {
    const { random, weather } = this;
    if (this.left <= 0) {
      this.fault = null;
      for (const { fault, perDay, minutes } of RATES) {
        if (random.next() >= perDay / 1440) continue;
        this.fault = fault;
        this.left = Math.ceil(minutes(random));
        this.offset = (8 + random.next() * 25) * (random.next() < 0.5 ? -1 : 1);
        this.faults++;
        break;
      }
    }
    this.left--;
    if (this.fault === 'silent') return NaN;
    if (this.fault === 'stuck') return this.last;
    const noise = random.normal() * 0.03;
    this.last = Math.round((weather.temperature + noise) * 100) / 100;
    return this.fault === 'spike' ? this.last + this.offset : this.last;
  }
}
