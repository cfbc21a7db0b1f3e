// How much of the suite runs: all of it by `npm test -- --all`, else what tells something.

/** Whether everything runs. */
export const everything = Boolean(process.env.TASKLOOM_ALL);

/** In so many parts what is core's alone is divided, of which Firefox runs one. */
export const SHARDS = 4;

const shard = Number(process.env.TASKLOOM_SHARD || 0);

/**
 * For tests of decisions that core makes, which another browser can't change: in Firefox registers those of this run's shard only. Its names decide, so that a test stays in
 * its shard when others come.
 */
export function ofCore(test, { name: browser }, chosen = { everything, shard }) {
  if (chosen.everything || browser !== 'Firefox') return test;
  return (name, ...rest) => { if (shardOf(name) === chosen.shard) test(name, ...rest); };
}

/** The shard of the test with a name. */
export function shardOf(name) {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  return hash % SHARDS;
}
