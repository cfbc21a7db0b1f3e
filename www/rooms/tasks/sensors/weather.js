const STEP = 0.25; // seconds

/** What the air does at a climate's station, in steps of a quarter of a second. */
export class Weather {
  constructor(climate, random) {
    this.climate = climate;
    this.random = random;
    this.minute = 0;
    this.fronts = 0;
    this.front = { warmth: 0, cloud: 0.4, dryness: 5 }; // the air mass that is moving in
    this.warmth = 0;
    this.cloud = 0.4;
    this.dryness = 5;
    this.air = climate.mean - climate.season;
    this.gust = 0;
    this.temperature = this.air; // in the sensor's housing, which lags behind the air
    this.humidity = 70;
  }

  /** Moves on by one minute. */
  step() {
    const { climate, random } = this;
    const day = this.minute / 1440;
    const hour = (this.minute % 1440) / 60;
    this.minute++;

    if (random.next() < climate.frontsPerDay / 1440) {
      this.fronts++;
      this.front = { warmth: random.normal() * climate.contrast, cloud: random.next(), dryness: 1 + random.next() * climate.dryness };
    }
    const mixing = 1 / (14 * 60); // a front takes about fourteen hours to pass
    this.warmth += (this.front.warmth - this.warmth) * mixing;
    this.cloud += (this.front.cloud - this.cloud) * mixing;
    this.dryness += (this.front.dryness - this.dryness) * mixing;

    const season = -Math.cos((2 * Math.PI * (day - 20)) / 365);
    const sun = Math.sin((2 * Math.PI * (hour - 8.5)) / 24) * (1 - 0.7 * this.cloud);
    const base = climate.mean + climate.season * season + this.warmth;
    const target = base + climate.daily * sun * (0.75 + 0.25 * season);
    const dew = base - this.dryness;
    const vapour = (17.62 * dew) / (243.12 + dew);

    for (let step = 0; step < 60 / STEP; step++) {
      this.air += (target - this.air) * (STEP / 3600);
      this.gust += -this.gust * (STEP / 45) + 0.05 * Math.sqrt(STEP) * random.normal();
      this.temperature += (this.air + this.gust - this.temperature) * (STEP / 90);
      // Magnus formula with the WMO's constants.
      const relative = 100 * Math.exp(vapour - (17.62 * this.temperature) / (243.12 + this.temperature));
      this.humidity += (Math.min(100, relative) - this.humidity) * (STEP / 30);
    }
  }
}

export const climates = [
  { id: 'continental', name: 'Continental', seed: 11, mean: 8.5, season: 12, daily: 6, contrast: 5.5, frontsPerDay: 0.45, dryness: 9 },
  { id: 'coastal', name: 'Coastal', seed: 23, mean: 11.5, season: 5.5, daily: 3.5, contrast: 2.6, frontsPerDay: 0.7, dryness: 5 },
  { id: 'desert', name: 'Desert', seed: 37, mean: 21, season: 10.5, daily: 9.5, contrast: 3, frontsPerDay: 0.25, dryness: 26 },
];
