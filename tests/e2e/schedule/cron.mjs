// Cron expressions: what they say, in which zone, and what is refused.

import assert from 'node:assert/strict';
import { expressions } from './expressions.mjs';

/** Runs by expression, zone and the time they are after, where clocks change and where they do not. */
const RUNS = [
  // Gaps: a fixed time once, at the first moment after it; a pace has none in it.
  ['30 2 * * *', 'Europe/Berlin', '2025-03-29T00:00Z', '2025-03-29T01:30Z 2025-03-30T01:00Z 2025-03-31T00:30Z'],
  ['0,20,40 2 * * *', 'Europe/Berlin', '2025-03-30T00:00Z', '2025-03-30T01:00Z 2025-03-31T00:00Z'],
  ['30 2,3 * * *', 'Europe/Berlin', '2025-03-30T00:00Z', '2025-03-30T01:00Z 2025-03-30T01:30Z 2025-03-31T00:30Z'],
  ['0 2,3 * * *', 'Europe/Berlin', '2025-03-30T00:00Z', '2025-03-30T01:00Z 2025-03-31T00:00Z'], // both at the same moment
  ['*/30 1-3 * * *', 'Europe/Berlin', '2025-03-29T23:59Z', '2025-03-30T00:00Z 2025-03-30T00:30Z 2025-03-30T01:00Z 2025-03-30T01:30Z 2025-03-30T23:00Z'],
  ['30 */2 * * *', 'Europe/Berlin', '2025-03-29T23:00Z', '2025-03-29T23:30Z 2025-03-30T02:30Z'],
  ['30 2 * * *', 'America/New_York', '2025-03-09T00:00Z', '2025-03-09T07:00Z 2025-03-10T06:30Z'],
  ['15 2 * * *', 'Australia/Lord_Howe', '2024-10-05T00:00Z', '2024-10-05T15:30Z 2024-10-06T15:15Z'],
  ['30 23 * * *', 'America/Nuuk', '2024-03-30T12:00Z', '2024-03-31T01:00Z 2024-04-01T00:30Z'], // to midnight, on another day
  ['30 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00Z', '2018-11-04T03:00Z 2018-11-05T02:30Z'], // from midnight
  ['0 12 * * *', 'Pacific/Apia', '2011-12-29T00:00Z', '2011-12-29T22:00Z 2011-12-30T10:00Z 2011-12-30T22:00Z'], // a whole day
  ['0 */12 * * *', 'Pacific/Apia', '2011-12-29T00:00Z', '2011-12-29T10:00Z 2011-12-29T22:00Z 2011-12-30T10:00Z'],
  ['30 2 * * *', 'Antarctica/Troll', '2025-03-30T00:00Z', '2025-03-30T01:00Z 2025-03-31T00:30Z'], // two hours
  // Folds: a fixed time in the first pass only; a pace in both.
  ['30 2 * * *', 'Europe/Berlin', '2025-10-25T12:00Z', '2025-10-26T00:30Z 2025-10-27T01:30Z'],
  ['*/30 2 * * *', 'Europe/Berlin', '2025-10-25T12:00Z', '2025-10-26T00:00Z 2025-10-26T00:30Z 2025-10-26T01:00Z 2025-10-26T01:30Z 2025-10-27T01:00Z'],
  ['30 0-23 * * *', 'Europe/Berlin', '2025-10-26T00:00Z', '2025-10-26T00:30Z 2025-10-26T01:30Z 2025-10-26T02:30Z'],
  ['30 1-3 * * *', 'Europe/Berlin', '2025-10-26T00:00Z', '2025-10-26T00:30Z 2025-10-26T02:30Z'],
  ['30 1 * * *', 'America/New_York', '2025-11-02T00:00Z', '2025-11-02T05:30Z 2025-11-03T06:30Z'],
  ['45 1 * * *', 'Australia/Lord_Howe', '2025-04-05T00:00Z', '2025-04-05T14:45Z 2025-04-06T15:15Z'],
  ['45 * * * *', 'Australia/Lord_Howe', '2025-04-05T14:00Z', '2025-04-05T14:45Z 2025-04-05T15:15Z 2025-04-05T16:15Z'],
  ['30 0 * * *', 'Atlantic/Azores', '2025-10-26T00:00Z', '2025-10-26T00:30Z 2025-10-27T01:30Z'],
  // No change near.
  ['0 9 * * MON-FRI', 'Asia/Kathmandu', '2026-01-02T12:00Z', '2026-01-05T03:15Z 2026-01-06T03:15Z'],
  ['0 0 29 2 *', 'UTC', '2096-03-01T00:00Z', '2104-02-29T00:00Z 2108-02-29T00:00Z'],
];

/** An expression, and what the refusal has to name. */
const REFUSED = [
  ['60 * * * *', 'minute'], ['-1 * * * *', 'minute'], ['5-3 * * * *', 'minute'], ['*/0 * * * *', 'minute'], ['*/61 * * * *', 'minute'], ['1, * * * *', 'minute'], [', * * * *', 'minute'],
  ['1.5 * * * *', 'minute'], ['a * * * *', 'minute'], ['1--2 * * * *', 'minute'], ['1/2/3 * * * *', 'minute'], ['/5 * * * *', 'minute'], ['* 24 * * *', 'hour'], ['* 5pm * * *', 'hour'],
  ['* * 0 * *', 'dayOfMonth'], ['* * 32 * *', 'dayOfMonth'], ['* * L-28 * *', 'dayOfMonth'], ['* * 0W * *', 'dayOfMonth'], ['* * W * *', 'dayOfMonth'], ['* * 1-5W * *', 'dayOfMonth'],
  ['* * LL * *', 'dayOfMonth'], ['* * MON * *', 'dayOfMonth'], ['* * * 0 *', 'month'], ['* * * 13 *', 'month'], ['* * * JANUARY *', 'month'], ['* * * FOO *', 'month'], ['* * * * 8', 'dayOfWeek'],
  ['* * * * MONDAY', 'dayOfWeek'], ['* * * * MON#0', 'dayOfWeek'], ['* * * * MON#6', 'dayOfWeek'], ['* * * * MON#', 'dayOfWeek'], ['* * * * L', 'dayOfWeek'], ['* * * * +', 'dayOfWeek'],
  ['* * * * FRI-TUE', 'dayOfWeek'], ['60 * * * * *', 'second'], ['x * * * * *', 'second'], ['0 60 * * * *', 'minute'],
  // No date ever matches.
  ['0 0 30 2 *', 'dayOfMonth'], ['0 0 31 4,6,9,11 *', 'dayOfMonth'], ['0 0 30 2 +MON', 'dayOfMonth'], ['0 0 31W 2 *', 'dayOfMonth'], ['0 0 LW * +SUN', 'dayOfMonth'],
  // No fields.
  ['', 'cron'], ['   ', 'cron'], ['*', 'cron'], ['* * * *', 'cron'], ['* * * * * * *', 'cron'], ['@reboot', 'cron'], ['@every 5m', 'cron'], ['2026-01-01T00:00:00', 'cron'], ['*****', 'cron'],
];

export default function cron(test, { browser }) {
  test('nextRun, nextRuns, previousRun and matches of a time: after, before, and the second it is in', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const cron = new Cron('30 9 * * MON-FRI', { timeZone: 'UTC' });
      const monday = Date.parse('2026-01-05T09:30:00Z');
      const at = date => date.toISOString();
      return [
        at(cron.nextRun(monday - 1)), at(cron.nextRun(monday)), at(cron.nextRun(new Date(monday + 999))), cron.nextRuns(3, monday).map(at), cron.nextRuns(0, monday),
        at(cron.previousRun(monday)), at(cron.previousRun(monday + 1)), at(cron.previousRun(new Date(monday + 1000))),
        [0, 1, 999, 1000, -1].map(after => cron.matches(monday + after)), cron.matches(new Date(monday)),
        `${cron}`, cron.expression, cron.timeZone, cron.dialect, cron.nextRun() > Date.now(), cron.previousRun() <= Date.now(), cron.nextRuns(10_000, 0).length,
      ];
    }), [
      '2026-01-05T09:30:00.000Z', '2026-01-06T09:30:00.000Z', '2026-01-06T09:30:00.000Z', ['2026-01-06T09:30:00.000Z', '2026-01-07T09:30:00.000Z', '2026-01-08T09:30:00.000Z'], [],
      '2026-01-02T09:30:00.000Z', '2026-01-05T09:30:00.000Z', '2026-01-05T09:30:00.000Z', [true, true, true, false, false], true,
      '30 9 * * MON-FRI', '30 9 * * MON-FRI', 'UTC', 'cron', true, true, 10_000,
    ]);
  });

  test('when clocks change: fixed times and paces, in gaps and folds of an hour, half an hour, two hours and a day', async tab => {
    const found = await tab.run(({ Cron }, runs) => runs.map(([expression, timeZone, after, expected]) => {
      const cron = new Cron(expression, { timeZone });
      const dates = cron.nextRuns(expected.split(' ').length, new Date(after));
      const back = [cron.previousRun(dates.at(-1).getTime() + 1)];
      while (back.length < dates.length) back.unshift(cron.previousRun(back[0]));
      const text = list => list.map(date => date.toISOString().replace(':00.000Z', 'Z')).join(' ');
      return [text(dates), text(back), dates.every(date => cron.matches(date))];
    }), RUNS);
    assert.deepEqual(found, RUNS.map(([, , , expected]) => [expected, expected, true]));
  });

  test('a zone whose clocks were ahead by odd seconds, before there were time zones', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => [
      ['Europe/Paris', '1900-01-01T00:00Z'], ['America/New_York', '1880-01-01T00:00Z'], ['Asia/Kolkata', '1850-01-01T00:00Z'],
    ].map(([timeZone, after]) => new Cron('0 12 * * *', { timeZone }).nextRun(new Date(after)).toISOString())), [
      '1900-01-01T11:50:39.000Z', '1880-01-01T16:56:02.000Z', '1850-01-01T06:06:32.000Z',
    ]);
  });

  test('random expressions in 14 zones: each run matches, there is none between two, and going back meets the same ones', async tab => {
    const zones = [
      'UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Nuuk', 'Pacific/Apia', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Africa/Casablanca', 'Africa/Cairo', 'Asia/Tehran',
      'America/St_Johns', 'Pacific/Chatham', 'Antarctica/Troll',
    ];
    const instants = ['2011-12-29T08:00:00Z', '2018-11-03T22:10:00Z', '2024-03-30T20:00:00Z', '2024-04-06T12:00:00Z', '2023-04-27T20:00:00.750Z', '2022-03-21T18:00:00Z', '2025-10-25T22:00:00Z'];
    assert.deepEqual(await tab.run(({ Cron }, { list, zones, instants }) => {
      const wrong = [];
      for (const [index, expression] of list.entries()) {
        for (const timeZone of zones) {
          let cron;
          try {
            cron = new Cron(expression, { timeZone });
          } catch {
            continue; // never due; croner.mjs counts these
          }
          const from = Date.parse(instants[(index + zones.indexOf(timeZone)) % instants.length]);
          const runs = cron.nextRuns(6, from).map(Number);
          const back = [cron.previousRun(runs[5] + 1).getTime()];
          while (back.length < 6) back.unshift(cron.previousRun(back[0]).getTime());
          const between = runs.slice(1).map((at, i) => cron.nextRun(runs[i] + Math.floor((at - runs[i]) / 2) - 1).getTime());
          const ok = runs.every(at => cron.matches(at) && at % 1000 === 0) && runs[0] > from && `${back}` === `${runs}` && `${between}` === `${runs.slice(1)}`
            && !runs.some((at, i) => at - 1000 !== runs[i - 1] && at - 1000 > from && cron.matches(at - 1000));
          if (!ok) wrong.push([expression, timeZone, new Date(from), runs, back, between]);
        }
      }
      return wrong;
    }, { list: expressions(400, 7), zones, instants }), []);
  });

  test('two dialects: who is 0, and whether one field of days is enough', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const days = (expression, dialect) => new Cron(expression, { timeZone: 'UTC', dialect }).nextRuns(4, Date.parse('2026-02-01T00:00:00Z') - 1).map(date => date.toISOString().slice(5, 10)).join(' ');
      return [
        ['0 0 * * 0', undefined], ['0 0 * * 7', 'cron'], ['0 0 * * 0', 'apscheduler'], ['0 0 * * 6', 'apscheduler'], ['0 0 * * SUN', 'apscheduler'], ['0 0 * * mon-wed', 'apscheduler'],
        ['0 0 13 * FRI', 'cron'], ['0 0 13 * FRI', 'apscheduler'], ['0 0 13 * +FRI', 'cron'], ['0 0 */2 * MON', 'cron'], ['0 0 ?/2 * MON', 'cron'], ['0 0 13 * */2', 'cron'], ['0 0 1-31 * MON', 'cron'],
      ].map(args => days(...args));
    }), [
      '02-01 02-08 02-15 02-22', '02-01 02-08 02-15 02-22', '02-02 02-09 02-16 02-23', '02-01 02-08 02-15 02-22', '02-01 02-08 02-15 02-22', '02-02 02-03 02-04 02-09',
      '02-06 02-13 02-20 02-27', '02-13 03-13 11-13 08-13', '02-13 03-13 11-13 08-13', '02-09 02-23 03-09 03-23', '02-09 02-23 03-09 03-23', '06-13 08-13 09-13 10-13', '02-01 02-02 02-03 02-04',
    ]);
  });

  test('days that are counted from the end, that are workdays, that are the second of their kind', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => [
      '0 0 L * *', '0 0 L-2 * *', '0 0 LW * *', '0 0 15W * *', '0 0 1W * *', '0 0 31W * *', '0 0 * * FRI#2', '0 0 * * FRI#L', '0 0 * * FRIL', '0 0 * * MON#5', '0 0 1,L * *', '0 0 * * MON-TUE#1', '5/15 0 1 1 *',
      '0 0 * * SAT-SUN', '0 0 * * FRI-0', '@weekly', ' @Monthly ', '0 0 5/10 feb *',
    ].map(expression => new Cron(expression, { timeZone: 'UTC' }).nextRuns(3, Date.parse('2026-01-31T23:59:59Z')).map(date => date.toISOString().slice(2, 16)).join(' '))), [
      '26-02-28T00:00 26-03-31T00:00 26-04-30T00:00', '26-02-26T00:00 26-03-29T00:00 26-04-28T00:00', '26-02-27T00:00 26-03-31T00:00 26-04-30T00:00', '26-02-16T00:00 26-03-16T00:00 26-04-15T00:00',
      '26-02-02T00:00 26-03-02T00:00 26-04-01T00:00', '26-03-31T00:00 26-05-29T00:00 26-07-31T00:00', '26-02-13T00:00 26-03-13T00:00 26-04-10T00:00', '26-02-27T00:00 26-03-27T00:00 26-04-24T00:00',
      '26-02-27T00:00 26-03-27T00:00 26-04-24T00:00', '26-03-30T00:00 26-06-29T00:00 26-08-31T00:00', '26-02-01T00:00 26-02-28T00:00 26-03-01T00:00', '26-02-02T00:00 26-02-03T00:00 26-03-02T00:00',
      '27-01-01T00:05 27-01-01T00:20 27-01-01T00:35', '26-02-01T00:00 26-02-07T00:00 26-02-08T00:00', '26-02-01T00:00 26-02-06T00:00 26-02-07T00:00', '26-02-01T00:00 26-02-08T00:00 26-02-15T00:00',
      '26-02-01T00:00 26-03-01T00:00 26-04-01T00:00', '26-02-05T00:00 26-02-15T00:00 26-02-25T00:00',
    ]);
  });

  test('each wrong expression is an invalid-argument that names the field and says what it takes', async tab => {
    const refused = await tab.run(({ Cron, scheduleCron, getScheduler, thrownBy }, list) => {
      const errors = list.map(([expression]) => [() => new Cron(expression), () => scheduleCron(() => {}, { cron: expression })].map(call => thrownBy(call)));
      return { errors: errors.map(both => both.map(({ code, message }) => [code, message])), jobs: getScheduler().jobs.length };
    }, REFUSED);
    const wrong = refused.errors.flatMap((both, index) => {
      const [expression, field] = REFUSED[index];
      const name = field === 'cron' ? 'cron is ' : `cron.${field} is `;
      return both.filter(([code, message]) => code !== 'invalid-argument' || !message.startsWith(name) || !message.includes('it must be')).map(error => [expression, ...error]);
    });
    assert.deepEqual([wrong, refused.jobs], [[], 0]);
  });

  test('what is no expression, zone, dialect, date or count is refused by its name', async tab => {
    assert.deepEqual(await tab.run(({ Cron, thrownBy }) => {
      const cron = new Cron('* * * * *');
      const cases = [
        ['cron', [5, null, undefined, {}, ['* * * * *'], Symbol('s'), 1n], value => new Cron(value)],
        ['options', [null, 5, 'UTC', [], true], value => new Cron('* * * * *', value)],
        ['timeZone', ['Mars/Olympus', '', ' ', 'Europe/Berlin ', 'CEST+', 5, {}, [], true, Symbol('s'), 'A'.repeat(1000), '\ud800'], timeZone => new Cron('* * * * *', { timeZone })],
        ['dialect', ['quartz', '', 5, ['cron'], Symbol('s')], dialect => new Cron('* * * * *', { dialect })],
        ['after', [NaN, new Date(NaN), Infinity, 8.64e15 + 1, -8.64e15 - 1, '2026-01-01', null, {}, 5n, [0]], value => cron.nextRun(value)],
        ['after', [NaN, new Date(NaN), null, '5'], value => cron.nextRuns(1, value)],
        ['before', [NaN, new Date(NaN), Infinity, null, '2026-01-01'], value => cron.previousRun(value)],
        ['date', [NaN, new Date(NaN), Infinity, undefined, null, '2026-01-01'], value => cron.matches(value)],
        ['count', [-1, 1.5, NaN, Infinity, 10_001, '3', undefined, null, {}, 3n], value => cron.nextRuns(value)],
      ];
      return cases.flatMap(([name, values, call]) => values.map(value => thrownBy(() => call(value))).filter(({ code, message }) => code !== 'invalid-argument' || !message.startsWith(`${name} is `)));
    }), []);
  });

  test('zones are whatever Intl knows: in any case, by an older name, as an offset', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => ['europe/berlin', 'Asia/Calcutta', 'US/Eastern', 'Etc/GMT+5', '+05:30', 'GMT'].map(timeZone => {
      try {
        new Intl.DateTimeFormat('en', { timeZone });
      } catch {
        return 'Intl does not know it';
      }
      return new Cron('0 12 * * *', { timeZone }).nextRun(Date.parse('2026-01-05T00:00:00Z')).toISOString().slice(11, 16);
    }).map((at, index) => at === 'Intl does not know it' || at === ['11:00', '06:30', '17:00', '17:00', '06:30', '12:00'][index])), Array(6).fill(true));
  });

  test('far years, both ways', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const utc = expression => new Cron(expression, { timeZone: 'UTC' });
      const yearly = new Cron('0 12 1 7 *', { timeZone: 'Europe/Berlin' });
      return [
        utc('@yearly').nextRun(8.64e15), utc('@yearly').nextRun(8.64e15 - 1), utc('@yearly').previousRun(-8.64e15), utc('@daily').nextRun(8.64e15 - 1).getTime(), utc('@daily').nextRuns(5, 8.64e15 - 86_400_001).length,
        utc('@yearly').nextRun(-8.64e15).toISOString(), utc('@yearly').previousRun(8.64e15).toISOString(), utc('* * * * * *').matches(8.64e15), utc('* * * * * *').matches(-8.64e15),
        yearly.nextRun(Date.UTC(9999, 0)).toISOString(), yearly.nextRun(Date.UTC(200_000, 0)).toISOString(), yearly.previousRun(Date.UTC(-500, 0)).toISOString().slice(0, 13),
      ];
    }), [
      null, null, null, 8.64e15, 2, '-271820-01-01T00:00:00.000Z', '+275760-01-01T00:00:00.000Z', true, true,
      '9999-07-01T10:00:00.000Z', '+200000-07-01T10:00:00.000Z', '-000501-07-01',
    ]);
  });

  test('at the ends of Date each zone has runs up to it, and null beyond', async tab => {
    assert.deepEqual(await tab.run(({ Cron }) => {
      const hour = 3_600_000;
      const next = (expression, timeZone, before) => new Cron(expression, { timeZone }).nextRun(8.64e15 - before);
      const previous = (expression, timeZone, after) => new Cron(expression, { timeZone }).previousRun(-8.64e15 + after);
      const zones = ['UTC', 'America/New_York', 'Asia/Tokyo'];
      return [
        zones.map(zone => [next('* * * * *', zone, 1).getTime(), next('* * * * *', zone, 0), next('* * * * *', zone, 5 * hour) - 8.64e15, previous('* * * * *', zone, 0)]),
        zones.map(zone => String(next('30 * * * *', zone, 1))), zones.map(zone => String(previous('29 * * * *', zone, 1))), next('0 3 * * *', 'Asia/Tokyo', 12 * hour) - 8.64e15,
      ];
    }), [Array(3).fill([8.64e15, null, -5 * 3_600_000 + 60_000, null]), ['null', 'null', 'null'], ['null', 'null', 'null'], -6 * 3_600_000]);
  });

  test('a Cron given to scheduleCron brings its zone and dialect, and may be in many jobs', async tab => {
    assert.deepEqual(await tab.run(({ Cron, scheduleCron, thrownBy }) => {
      const cron = new Cron('0 9 * * 0', { timeZone: 'Asia/Tokyo', dialect: 'apscheduler' });
      const jobs = [scheduleCron(() => {}, { cron }), scheduleCron(() => {}, { cron }), scheduleCron(() => {}, { cron: '0 9 * * 0', timeZone: 'Asia/Tokyo', dialect: 'apscheduler' })];
      jobs[0].cancel();
      const monday = Date.parse('2026-01-05T00:00:00Z');
      return [
        jobs.map(job => job.nextRuns(1, monday - 1)[0]?.getTime() - monday), jobs[1].matches(monday + 999), jobs[1].matches(monday + 1000), jobs[1].nextRun.getUTCDay(), cron.matches(monday),
        thrownBy(() => scheduleCron(() => {}, { cron, timeZone: 'UTC' })).message.split(' ')[0], thrownBy(() => scheduleCron(() => {}, { cron, dialect: 'cron' })).message.split(' ')[0],
      ];
    }), [[null, 0, 0], true, false, 1, true, 'timeZone', 'dialect']);
  });

  if (browser.name !== 'Chromium') return;

  test('without a zone an expression follows the system\'s, also when that changes, and so do its jobs', async tab => {
    const devtools = await tab.page.context().newCDPSession(tab.page);
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
    const look = () => tab.run(({ Cron, scheduleCron, getScheduler }) => {
      window.cron ??= new Cron('0 9 * * *');
      window.job ??= scheduleCron(() => {}, { cron: '0 9 * * *' });
      window.fixed ??= scheduleCron(() => {}, { cron: '0 9 * * *', timeZone: 'UTC' });
      dispatchEvent(new Event('focus')); // as when its user comes back
      const noon = Date.parse('2026-01-05T12:00:00Z');
      const hour = date => date.getUTCHours();
      return [window.cron.timeZone, hour(window.cron.nextRun(noon)), hour(window.job.nextRun), hour(window.job.nextRuns(1, noon)[0]), hour(window.fixed.nextRun), getScheduler().jobs.length];
    });
    const before = await look();
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Dubai' });
    const after = await look();
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: '' });
    assert.deepEqual([before, after], [['Asia/Tokyo', 0, 0, 0, 9, 2], ['Asia/Dubai', 5, 5, 5, 9, 2]]);
  });

  test('an expression follows the system\'s zone also in a page without jobs', async tab => {
    const devtools = await tab.page.context().newCDPSession(tab.page);
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
    const look = () => tab.run(({ Cron }) => {
      window.cron ??= new Cron('0 9 * * *');
      dispatchEvent(new Event('focus'));
      return [window.cron.timeZone, new Cron('0 9 * * *').timeZone, window.cron.nextRun(0).getUTCHours()];
    });
    const before = await look();
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Dubai' });
    const after = await look();
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId: '' });
    assert.deepEqual([before, after], [['Asia/Tokyo', 'Asia/Tokyo', 0], ['Asia/Dubai', 'Asia/Dubai', 5]]);
  });
}
