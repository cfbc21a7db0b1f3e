const DAY_MS = 86_400_000;
const LOOK_DAYS = 400;

export const SYSTEM = new Intl.DateTimeFormat().resolvedOptions().timeZone;
export const ZONES = [
  'UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Tokyo', 'Australia/Lord_Howe', 'Pacific/Chatham',
];

const formats = new Map();

function formatOf(timeZone) {
  if (!formats.has(timeZone)) {
    const format = options => new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options });
    formats.set(timeZone, {
      day: format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }),
      time: format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
      offset: format({ timeZoneName: 'shortOffset' }),
      parts: format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    });
  }
  return formats.get(timeZone);
}

export const dayIn = (zone, at) => formatOf(zone).day.format(at);
/** Without seconds where there are none. */
export const timeIn = (zone, at) => formatOf(zone).time.format(at).replace(/^(\d\d:\d\d):00$/, '$1');
export const offsetIn = (zone, at) => formatOf(zone).offset.formatToParts(at).find(({ type }) => type === 'timeZoneName').value;

/** The local time there, as if it were UTC. */
function localIn(zone, at) {
  const part = Object.fromEntries(formatOf(zone).parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

const shiftIn = (zone, at) => localIn(zone, at) - Math.floor(at / 1000) * 1000;

/** What `<input type="datetime-local">` calls this time there, and the time that it so calls. */
export const toField = (zone, at) => new Date(localIn(zone, at)).toISOString().slice(0, 16);
export function fromField(zone, text) {
  const local = Date.parse(`${text}Z`);
  return local - shiftIn(zone, local - shiftIn(zone, local));
}

/** The moment in between at which the clocks change there, `{ at, by }`, or null. `by` is positive when they go forward. */
export function changeBetween(zone, from, to) {
  const before = shiftIn(zone, from);
  const by = shiftIn(zone, to) - before;
  if (by === 0) return null;
  let [low, high] = [Math.floor(from / 1000), Math.ceil(to / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (shiftIn(zone, middle * 1000) === before) low = middle;
    else high = middle;
  }
  return { at: high * 1000, by };
}

/** The next change there in this direction, or null. */
export function nextChange(zone, isForward, from = Date.now()) {
  for (let day = 0; day < LOOK_DAYS; day++) {
    const change = changeBetween(zone, from + day * DAY_MS, from + (day + 1) * DAY_MS);
    if (change && change.by > 0 === isForward) return change;
  }
  return null;
}
