// Random cron expressions, and what to ask croner for instead where it reads one in another way than we do.

/** xorshift32. */
export function randomFrom(seed) {
  let state = seed;
  return limit => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Expressions of five fields or six that name some time, in each kind of syntax that we take. */
export function expressions(count, seed) {
  const random = randomFrom(seed);
  const one = (...choices) => choices[random(choices.length)];
  const between = (min, max) => min + random(max - min + 1);
  /** Each choice with how often it is to come up. */
  const weighed = choices => {
    let at = random(choices.reduce((sum, [weight]) => sum + weight, 0));
    return choices.find(([weight]) => (at -= weight) < 0)[1]();
  };
  const inAnyCase = text => (random(3) === 0 ? text.toLowerCase() : text);
  const name = (field, value) => (field.names && random(2) ? inAnyCase(field.names[(value - field.min) % field.names.length]) : String(value));

  const range = field => {
    const from = between(field.min, field.max - 1);
    return `${name(field, from)}-${name(field, between(from + 1, field.max))}`;
  };
  const value = field => name(field, between(field.min, field.max));
  const simple = field => weighed([
    [6, () => value(field)], [3, () => range(field)], [1, () => `${range(field)}/${between(1, 5)}`], [field.ofStep ?? 1, () => `${value(field)}/${between(2, field.max)}`],
  ]);
  const list = (part, field) => Array.from({ length: between(1, 3) }, () => part(field)).join(',');
  const plain = field => weighed([
    [3, () => '*'], [1, () => '?'], [2, () => `${one('*', '*', '?')}/${between(1, Math.min(field.max, 30))}`], [6, () => list(simple, field)],
    [1, () => `*/${between(2, 7)},${value(field)}`],
  ]);

  const SECOND = { min: 0, max: 59 };
  const HOUR = { min: 0, max: 23 };
  const DAY = { min: 1, max: 31 };
  const MONTH = { min: 1, max: 12, names: MONTHS };
  const WEEKDAY = { min: 0, max: 6, names: DAYS };

  // Times of day at which clocks change come up often.
  const hour = () => weighed([[6, () => plain(HOUR)], [5, () => list(() => String(between(0, 4)), HOUR)], [2, () => `${between(0, 2)}-${between(3, 5)}`], [1, () => one('0-23', '0-11,12-23')]]);
  const minute = () => weighed([[3, () => plain(SECOND)], [4, () => one('0', '15', '30', '59', '0,30', '5-55')]]);
  const day = () => weighed([
    [6, () => '*'], [1, () => '?'], [2, () => `*/${between(2, 20)}`], [1, () => `*/${between(2, 9)},${value(DAY)}`], [5, () => list(simple, DAY)], [2, () => 'L'], [1, () => `${value(DAY)},${one('L', 'l')}`],
    [1, () => `L-${between(0, 10)}`], [1, () => 'LW'], [1, () => `LW,${value(DAY)}`], [2, () => `${between(1, 31)}${one('W', 'w')}`],
    [1, () => `${between(1, 31)}W,${value(DAY)}`], [1, () => `L-${between(1, 5)},${value(DAY)}`],
  ]);
  const weekday = () => weighed([
    [10, () => '*'], [1, () => '?'], [1, () => `*/${between(2, 5)}`], [5, () => list(simple, WEEKDAY)], [2, () => `${one(value(WEEKDAY), range(WEEKDAY))}#${one(1, 2, 3, 4, 5, 'L', 'l')}`],
    [1, () => `${one(value(WEEKDAY), range(WEEKDAY))}${one('L', 'l')}`], [1, () => `+${list(simple, WEEKDAY)}`], [1, () => `${one('SAT-SUN', 'fri-0', '5-7', 'MON-SUN', 'THU-SUN/2', 'SAT-0')}`],
    [1, () => '7'], [1, () => `${value(WEEKDAY)},${value(WEEKDAY)}#2`],
  ]);
  const month = () => weighed([[8, () => '*'], [3, () => list(simple, MONTH)], [1, () => `*/${between(2, 6)}`], [3, () => one('3', 'MAR,OCT', '4', 'apr', '10-11', 'NOV')]]);

  const found = new Set();
  while (found.size < count) {
    const fields = [minute(), hour(), day(), month(), weekday()];
    if (random(4) === 0) fields.unshift(weighed([[3, () => plain(SECOND)], [2, () => one('0', '30', '0,30')]]));
    found.add(random(40) === 0 ? one('@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly', '@Daily') : fields.join(' '));
  }
  return [...found];
}

const FIELDS = [[0, 59], [0, 59], [0, 23], [1, 31], [1, 12], [0, 7]];
const LAST = { 5: 6 };

const numbersOf = (text, names, min) => (names ? names.reduce((out, name, index) => out.replaceAll(new RegExp(name, 'gi'), index + min), text) : text);

/** The values of a field that has no L, W or #. */
function valuesOf(text, [min, max]) {
  const values = new Set();
  for (const part of text.split(',')) {
    const [range, step] = part.split('/');
    const [from, until = step ? max : from] = /[*?]/.test(range) ? [min, max] : range.split('-').map(Number);
    for (let value = from; value <= until; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

/**
 * Why croner, as it is by default, may say something else of an expression than we do; and how to ask it so that it must say the same: the earliest of
 * the runs of all `patterns`, with these options.
 */
export function inCroner(expression) {
  const reasons = [];
  const options = { fixedTimeRule: 'no-wildcard' };
  if (expression.startsWith('@')) return { reasons, patterns: [expression], options };
  const fields = expression.split(' ');
  if (fields.length === 5) fields.unshift('0');

  const isPaced = fields.slice(0, 3).some(field => /[*?/]/.test(field));
  if (!isPaced && valuesOf(fields[2], FIELDS[2]).size === 24) {
    reasons.push('all hours named keep a pace');
    fields[2] = '*';
  } else if (!isPaced && fields.slice(0, 3).some((field, index) => valuesOf(field, FIELDS[index]).size > 1)) {
    reasons.push('lists and ranges name fixed times');
  }
  const steps = fields.map((field, index) => field.split(',').map(part => {
    const last = LAST[index] ?? FIELDS[index][1];
    return part.replace(/^(\+?\w+)\/(?=\d)/, `$1-${last}/`);
  }).join(','));
  if (steps.join(' ') !== fields.join(' ')) reasons.push('a step from a value goes on to the last');
  const week = steps[5].split(',').map(part => part.replace(/^(\+?(?!0|SUN)\w+)-0/i, '$1-7')).join(',');
  if (week !== steps[5]) reasons.push('a week may end with a Sunday called 0');
  const [second, minute, hour, days, months] = steps;
  const isRestricted = field => !/^[*?]/.test(field);
  const isAny = field => /^[*?]$/.test(field);
  if (!isAny(days) && !isAny(week) && !week.startsWith('+') && !(isRestricted(days) && isRestricted(week))) {
    reasons.push('a field of days that begins with * restricts nothing');
    options.domAndDow = true;
  }

  const parts = days.split(',');
  const lastButSome = parts.filter(part => /^L-/i.test(part)).map(part => Number(part.slice(2)));
  const hasLastWeekday = parts.length > 1 && parts.some(part => /^LW$/i.test(part));
  const others = parts.filter(part => !/^L-/i.test(part) && !(hasLastWeekday && /^LW$/i.test(part)));
  const pattern = (day, month = months, year = '*') => [second, minute, hour, day, month, week, year].join(' ');
  const patterns = others.length > 0 ? [pattern(others.join(','))] : [];
  if (hasLastWeekday) {
    reasons.push('LW may be in a list');
    patterns.push(pattern('LW'));
  }
  if (lastButSome.length > 0) reasons.push('L-2 is the second day before the last');
  for (const before of lastButSome) {
    const named = valuesOf(numbersOf(months, MONTHS, 1), FIELDS[4]);
    const of = (...those) => those.filter(month => named.has(month)).join(',');
    const [long, short] = [of(1, 3, 5, 7, 8, 10, 12), of(4, 6, 9, 11)];
    if (long) patterns.push(pattern(31 - before, long));
    if (short) patterns.push(pattern(30 - before, short));
    if (named.has(2)) {
      patterns.push(pattern(29 - before, 2, '1904-2096/4'));
      for (const year of [1901, 1902, 1903]) patterns.push(pattern(28 - before, 2, `${year}-2099/4`));
    }
  }
  return { reasons, patterns, options };
}
