import { Cron as Croner } from 'croner';
import * as taskloom from 'taskloom';
import { timed } from '../harness/experiment.js';

const TIME_ZONE = 'Europe/Berlin';
/** So many in a row of one expression: that of every five minutes goes through the end of March, when clocks go forward there, and that of the month's end through decades. */
const IN_A_ROW = 500;
const START = new Date('2026-03-28T12:00:00Z');
const EXPRESSIONS = ['*/5 * * * *', '0 9 * * MON-FRI', '30 2 L * *'];

/** The next run, and the one after it, and so on: each a Date, from the Date before. */
function walks(read, expressions) {
  const crons = expressions.map(read);
  const at = crons.map(() => START);
  let steps = 0;
  return async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const which = steps++ % crons.length;
      if (steps % (crons.length * IN_A_ROW) === 0) at.fill(START);
      const next = crons[which].nextRun(at[which]);
      if (!(next instanceof Date) || next <= at[which]) throw new Error(`${next} is no run after ${at[which]}`);
      at[which] = next;
      sum += next.getTime();
    }
    return sum;
  };
}

/** The same contenders, which must agree on every run: then a row measures the same work. */
function contenders(expressions) {
  const readers = {
    taskloom: (expression) => new taskloom.Cron(expression, { timeZone: TIME_ZONE }),
    croner: (expression) => new Croner(expression, { timezone: TIME_ZONE }),
  };
  for (const expression of expressions) {
    let at = START;
    for (let i = 0; i < IN_A_ROW; i++) {
      const [ours, theirs] = Object.values(readers).map((read) => read(expression).nextRun(at));
      if (Number(ours) !== Number(theirs)) throw new Error(`after ${at.toISOString()} comes ${ours.toISOString()} or ${theirs.toISOString()} by ${expression}`);
      at = ours;
    }
  }
  return Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, walks(read, expressions)]));
}

/** Reading an expression, and its first run. */
function readings() {
  const reading = (read) => async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += read(EXPRESSIONS[i % EXPRESSIONS.length]).nextRun(START).getTime();
    return sum;
  };
  return {
    taskloom: reading((expression) => new taskloom.Cron(expression, { timeZone: TIME_ZONE })),
    croner: reading((expression) => new Croner(expression, { timezone: TIME_ZONE })),
  };
}

export default [
  timed({
    name: 'next run',
    unit: 'us',
    target: { peer: 'croner', max: 1 },
    needs: ['Cron'],
    contenders: async () => contenders(EXPRESSIONS),
  }),
  timed({
    name: 'next run, every five minutes',
    unit: 'us',
    target: { peer: 'croner' },
    needs: ['Cron'],
    contenders: async () => contenders(EXPRESSIONS.slice(0, 1)),
  }),
  timed({
    name: 'next run, the last day of the month',
    unit: 'us',
    target: { peer: 'croner' },
    needs: ['Cron'],
    contenders: async () => contenders(EXPRESSIONS.slice(2)),
  }),
  timed({
    name: 'read an expression, first run',
    unit: 'us',
    target: { peer: 'croner' },
    needs: ['Cron'],
    contenders: async () => readings(),
  }),
];
