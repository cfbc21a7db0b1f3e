// What a group file exports a list of: experiments. An experiment has contenders that do the same
// work, and one or more rows of the report that its samples fill.
//
// Options of both kinds:
//   contenders  { NAME: function }, or an async function that prepares and returns that.
//               Ours is named 'taskloom', a peer by its npm name.
//   target      { peer, max, aim?, also? }: ours / peer may be at most `max`; without `max` the ratio is
//               only shown. `also` lists limits for further peers, [{ peer, max }]. No target: no ratio.
//   needs       names that the package must export; without one of them the rows are skipped.
//   isolated    true: runs in a cross-origin isolated page.
//   rounds      at most so many rounds, for an experiment that is long and steady.
//   finish      called at the end, to close what the contenders opened.

/** The name of our own contender in every experiment. */
export const OURS = 'taskloom';

/**
 * One row, filled by the clock: a contender `async n => …` does the work n times, and the figure
 * is the time of one. `per` says how many operations one time is (10,000 tasks in a burst).
 * `unit` is 'ns', 'us' or 'ms'. What a contender returns must be the same for each contender, so that
 * one that does not do the work is found out.
 */
export function timed({ name, unit, per = 1, target = null, ...options }) {
  return { kind: 'timed', per, rows: [{ name, unit, field: 'time', target }], ...options };
}

/**
 * Rows filled by the contenders themselves: a contender `async () => ({ FIELD: number })` runs once
 * a round, and `rows` says for each field `{ name, unit, target? }`. Lower must be better.
 */
export function observed({ rows, ...options }) {
  const described = Object.entries(rows).map(([field, row]) => ({ target: null, ...row, field }));
  return { kind: 'observed', rows: described, ...options };
}
