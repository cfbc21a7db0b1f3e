// Time zones, as the platform knows them; numbers stand for their names. This file imports nothing: the Rust side links it by itself.

const names = ['UTC'];
const formats = [undefined];
let systemZone;
let asked = -Infinity;
let offset;
/** How long what is known of the system's zone may be old, in milliseconds: to ask takes some 20 us, its offset next to nothing. */
const STALE = 1000;

const formatOf = timeZone =>
  new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });

/** The number of a zone; a RangeError if the platform does not know it. */
export function zoneNumber(name) {
  const known = names.indexOf(name);
  if (known >= 0) return known;
  const format = formatOf(name);
  return formats.push(format) && names.push(name) - 1;
}

export const zoneName = number => names[number];

/** The zone of the system, which may change. */
export function systemZoneNumber() {
  const now = performance.now();
  const offsetNow = new Date().getTimezoneOffset();
  if (now - asked < STALE && offsetNow === offset) return systemZone;
  asked = now;
  offset = offsetNow;
  try {
    systemZone = zoneNumber(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch {
    systemZone = 0; // the platform does not know its own
  }
  return systemZone;
}

const DAY = 86_400;
const MAX_SECONDS = 8.64e12;

/** How many seconds a zone is ahead of UTC at this time in seconds. Never throws: Rust calls it. */
export function zoneOffset(number, at) {
  if (number === 0) return 0;
  const time = new Date(Math.min(Math.max(at, -MAX_SECONDS), MAX_SECONDS) * 1000);
  const [day, hour, minute, second] = formats[number].format(time).match(/\d+/g);
  const days = day - time.getUTCDate();
  // The day before or after, also in another month.
  const ahead = days > 1 ? -1 : days < -1 ? 1 : days;
  return ahead * DAY + (hour - time.getUTCHours()) * 3600 + (minute - time.getUTCMinutes()) * 60 + (second - time.getUTCSeconds());
}
