// The same expressions, asked of croner 11 in the same page. Where it reads one in another way the reason is one of a list, and it agrees once it is asked for our rule: see `inCroner`.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';
import { expressions, inCroner } from './expressions.mjs';

const COUNT = everything ? 2400 : 600;
const SEED = 20_261_121;

/** Instants in each zone, most of them around its changes: in the last hours before a gap, in it and after it, in either pass of a fold. */
const ZONES = {
  UTC: ['2023-12-31T12:00:00Z', '2024-02-28T23:59:59.999Z', '2025-03-30T00:30:00Z'],
  'Europe/Berlin': ['2025-03-29T22:10:00Z', '2025-03-30T00:59:59.500Z', '2024-10-26T22:40:00Z', '2024-10-27T00:20:00Z', '2024-10-27T01:20:00Z'],
  'America/New_York': ['2025-03-09T05:00:00Z', '2025-03-09T06:59:00Z', '2024-11-03T04:30:00Z', '2024-11-03T05:30:00Z', '2024-11-03T06:30:30.250Z'],
  'Australia/Lord_Howe': ['2024-10-05T12:00:00Z', '2024-10-05T15:29:00Z', '2025-04-05T14:00:00Z', '2025-04-05T14:50:00Z', '2025-04-05T15:10:00Z'],
};

/** How many expressions there are for each reason. */
const EXPRESSIONS = {
  'lists and ranges name fixed times': 785, 'all hours named keep a pace': 106, 'a field of days that begins with * restricts nothing': 217,
  'a step from a value goes on to the last': 406, 'a week may end with a Sunday called 0': 38, 'LW may be in a list': 99, 'L-2 is the second day before the last': 193,
};

/**
 * In how many answers croner says something else, by what is the reason: as it is, and with `fixedTimeRule: 'no-wildcard'`, which leaves little of the first. Where both are given
 * the expression has both, and the days alone make the difference in UTC.
 */
const DIFFERENCES = Object.fromEntries(Object.entries({
  UTC: [[0, 0, 240, 131, 17], [0, 0, 240, 131, 17]],
  'Europe/Berlin': [[174, 0, 434, 234, 30], [0, 35, 434, 232, 30]],
  'America/New_York': [[175, 0, 440, 224, 30], [0, 40, 440, 221, 30]],
  'Australia/Lord_Howe': [[100, 0, 439, 220, 30], [0, 25, 439, 219, 30]],
}).map(([zone, both]) => {
  const [fixed, hours, days] = ['lists and ranges name fixed times', 'all hours named keep a pace', 'a field of days that begins with * restricts nothing'];
  const columns = [fixed, hours, days, `${fixed}, and ${days}`, `${hours}, and ${days}`];
  return [zone, both.map(counts => Object.fromEntries(columns.map((column, index) => [column, counts[index]]).filter(([, count]) => count > 0)))];
}));

/** What croner does not take. */
const REFUSED = new Set(['a step from a value goes on to the last', 'a week may end with a Sunday called 0', 'LW may be in a list', 'L-2 is the second day before the last']);

const countOf = lists => {
  const counts = {};
  for (const reason of lists.flat()) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};

export default function croner(test) {
  const asked = expressions(COUNT, SEED).map(expression => ({ expression, ...inCroner(expression) }));

  test(`of ${COUNT} random expressions croner takes all but those with a syntax that it does not have`, async tab => {
    const refused = await tab.run(async ({ Cron, TaskloomError }, asked) => {
      const { Cron: Croner } = await import('/croner.js');
      const refuses = make => {
        try {
          make();
          return '';
        } catch (error) {
          return error instanceof TaskloomError ? `${error.code} ${error.message.split(' ')[0]}` : error.name;
        }
      };
      return asked.map(({ expression, patterns, options }) => ({
        ours: refuses(() => new Cron(expression)), its: refuses(() => new Croner(expression)) !== '', again: refuses(() => patterns.map(each => new Croner(each, { ...options }))),
      }));
    }, asked);
    const unexplained = asked.filter(({ reasons }, index) => refused[index].its !== reasons.some(reason => REFUSED.has(reason)));
    assert.deepEqual(unexplained, []);
    assert.deepEqual(refused.filter(({ again }) => again !== ''), []);
    // That they are never due is shown below.
    const ours = countOf(refused.map(({ ours }) => ours || []));
    assert.deepEqual(Object.keys(ours), ['invalid-argument cron.dayOfMonth']);
    if (everything) assert.deepEqual([ours, countOf(asked.map(({ reasons }) => reasons))], [{ 'invalid-argument cron.dayOfMonth': 11 }, EXPRESSIONS]);
  }, { timeout: 120_000 });

  for (const [zone, instants] of Object.entries(ZONES)) {
    test(`${COUNT} random expressions in ${zone}: each run is croner's by the same rule, and where croner by itself says otherwise there is a reason`, async tab => {
      const found = await tab.run(async ({ Cron, nextTurn }, { asked, zone, instants }) => {
        const { Cron: Croner } = await import('/croner.js');
        const found = { compared: 0, never: 0, wrong: [], different: [], differentByItsRule: [] };
        const text = (...times) => times.map(time => (Number.isFinite(time) ? new Date(time).toISOString() : 'none')).join();
        const orNothing = make => {
          try {
            return make();
          } catch {
            return undefined;
          }
        };
        for (const [index, { expression, patterns, options }] of asked.entries()) {
          if (index % 50 === 0) await nextTurn();
          const timezone = zone;
          const ours = orNothing(() => new Cron(expression, { timeZone: zone }));
          const theirs = patterns.map(each => new Croner(each, { timezone, ...options }));
          const [plain, byRule] = [{}, { fixedTimeRule: 'no-wildcard' }].map(more => ours && orNothing(() => new Croner(expression, { timezone, ...more })));
          const next = after => Math.min(...theirs.map(each => each.nextRun(after)?.getTime() ?? Infinity));
          const previous = before => Math.max(...theirs.map(each => each.previousRuns(1, before)[0]?.getTime() ?? -Infinity));
          if (!ours) found.never++;
          for (const at of ours ? instants : instants.slice(0, 1)) { // to find that there is none takes croner 400 years
            const instant = new Date(at);
            const runs = ours?.nextRuns(2, instant).map(Number) ?? [];
            const first = next(instant);
            const said = ours ? text(runs[0], runs[1], ours.previousRun(instant)?.getTime()) : text(NaN);
            const expected = ours ? text(first, next(new Date(first)), previous(instant)) : text(first);
            found.compared += 1 + 2 * Boolean(ours);
            if (said !== expected) found.wrong.push({ expression, at, said, expected });
            for (const [peer, list] of [[plain, found.different], [byRule, found.differentByItsRule]]) {
              const said = peer?.nextRuns(2, instant).map(Number);
              if (said && text(...said) !== text(...runs)) list.push(index);
            }
          }
        }
        return found;
      }, { asked, zone, instants });
      assert.deepEqual(found.wrong, []);
      assert.equal(found.compared, (COUNT - found.never) * instants.length * 3 + found.never);
      const unexplained = [...found.different, ...found.differentByItsRule].filter(index => asked[index].reasons.length === 0);
      assert.deepEqual(unexplained.map(index => asked[index].expression), []);
      const differences = [found.different, found.differentByItsRule].map(list => countOf(list.map(index => asked[index].reasons.join(', and '))));
      for (const [i, seen] of differences.entries()) assert.deepEqual(Object.keys(seen).filter(reason => !(reason in DIFFERENCES[zone][i])), []);
      if (everything) assert.deepEqual(differences, DIFFERENCES[zone]);
    }, { timeout: 180_000 });
  }

  test('a fixed time in a gap that ends on another day runs at its end; croner leaves it out', async tab => {
    assert.deepEqual(await tab.run(async ({ Cron }) => {
      const { Cron: Croner } = await import('/croner.js');
      // Nuuk's clocks go from 23:00 to midnight; Apia had no 30 December 2011; São Paulo's went from midnight to 1:00, on the same day.
      return [
        ['30 23 * * *', 'America/Nuuk', '2024-03-30T12:00:00Z'], ['0 12 * * *', 'Pacific/Apia', '2011-12-29T23:00:00Z'], ['30 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z'],
      ].map(([expression, zone, at]) => {
        const crons = [new Cron(expression, { timeZone: zone }), new Croner(expression, { timezone: zone, fixedTimeRule: 'no-wildcard' })];
        return crons.map(cron => cron.nextRun(new Date(at)).toISOString());
      });
    }), [
      ['2024-03-31T01:00:00.000Z', '2024-04-01T00:30:00.000Z'], ['2011-12-30T10:00:00.000Z', '2011-12-30T22:00:00.000Z'], ['2018-11-04T03:00:00.000Z', '2018-11-04T03:00:00.000Z'],
    ]);
  });
}
