const LOCALE = 'en';
const wholeFormat = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const oneFormat = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoFormat = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const percentFormat = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const magnitudeFormat = new Intl.NumberFormat(LOCALE, { notation: 'compact', compactDisplay: 'long', maximumSignificantDigits: 3 });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export const whole = number => wholeFormat.format(number);
export const percent = fraction => percentFormat.format(fraction);
export const magnitude = number => magnitudeFormat.format(number);
export const celsius = degrees => `${oneFormat.format(degrees).replace('-', '−')} °C`;
export const seconds = ms => `${oneFormat.format(ms / 1000)} s`;
/** The date of a day of the year, counted from 0, in a year that is no leap year. */
export const dayOfYear = day => dayFormat.format(Date.UTC(2025, 0, 1 + day));
export const clockTime = date => timeFormat.format(date);
/** Binary units, as storages are measured in. */
export const bytes = count => {
  if (count < 1024) return `${wholeFormat.format(count)} B`;
  return count < 1024 ** 2 ? `${oneFormat.format(count / 1024)} KiB` : `${twoFormat.format(count / 1024 ** 2)} MiB`;
};
