/** Running figures over the readings of one day. */
export class DayStatistics {
  constructor(day) {
    this.day = day;
    this.readings = 0;
    this.rejected = 0;
    this.sum = 0;
    this.humidity = 0;
    this.low = Infinity;
    this.high = -Infinity;
  }

  add(temperature, humidity, accepted) {
    if (!accepted) {
      this.rejected++;
      return;
    }
    this.readings++;
    this.sum += temperature;
    this.humidity += humidity;
    if (temperature < this.low) this.low = temperature;
    if (temperature > this.high) this.high = temperature;
  }

  summary() {
    const { day, readings, rejected, low, high } = this;
    return { day, readings, rejected, low, high, mean: this.sum / readings, humidity: this.humidity / readings };
  }
}

/** Running figures over the days of one year. */
export class YearStatistics {
  constructor() {
    this.readings = 0;
    this.sum = 0;
    this.humidity = 0;
    this.frostDays = 0;
    this.coldest = { value: Infinity, day: 0 };
    this.hottest = { value: -Infinity, day: 0 };
  }

  add({ day, readings, sum, humidity, low, high }) {
    this.readings += readings;
    this.sum += sum;
    this.humidity += humidity;
    if (low < 0) this.frostDays++;
    if (low < this.coldest.value) this.coldest = { value: low, day };
    if (high > this.hottest.value) this.hottest = { value: high, day };
  }

  summary() {
    const { readings, frostDays, coldest, hottest } = this;
    return { readings, frostDays, coldest, hottest, mean: this.sum / readings, humidity: this.humidity / readings };
  }
}
