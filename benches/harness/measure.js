// Takes the samples of one experiment: its contenders in turn, in a new order each round.

import { shuffled } from './statistics.js';

const MILLISECONDS = { ns: 1e6, us: 1e3, ms: 1 };

/** A sample shorter than this many milliseconds drowns in the clock's resolution (0.1 ms). */
export const SHORTEST_SAMPLE = 20;

const WARM_UP_ROUNDS = 2;

/**
 * Runs the experiment and returns `{ CONTENDER: { FIELD: number[] } }`, one number a round, already
 * in the unit of the row.
 *
 * `host` is what the page lends: `now()` in milliseconds, `turn()` that resolves in a later
 * macrotask, `settle()` that collects garbage and lets timers run, `random()`.
 */
export async function measure(experiment, { rounds, host }) {
  const contenders =
    typeof experiment.contenders === 'function' ? await experiment.contenders() : experiment.contenders;
  try {
    const sample = experiment.kind === 'timed'
      ? await timedSampler(experiment, contenders, host)
      : (name) => contenders[name]();
    return await takeRounds(Object.keys(contenders), experiment, { rounds, host, sample });
  } finally {
    await experiment.finish?.();
  }
}

async function takeRounds(names, experiment, { rounds, host, sample }) {
  const samples = Object.fromEntries(
    names.map((name) => [name, Object.fromEntries(experiment.rows.map(({ field }) => [field, []]))]),
  );
  const count = Math.min(rounds, experiment.rounds ?? Infinity);
  for (let round = 0; round < count; round++) {
    for (const name of shuffled(names, host.random)) {
      await host.settle();
      const figures = await named(name, () => sample(name));
      for (const { field } of experiment.rows) {
        if (!Number.isFinite(figures[field])) throw new Error(`${name} gave no number for "${field}"`);
        samples[name][field].push(figures[field]);
      }
    }
  }
  return samples;
}

/** Checks, warms up and calibrates each contender; returns a function that takes one sample. */
async function timedSampler(experiment, contenders, host) {
  await checkAgreement(contenders);
  const counts = {};
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      await host.settle();
      counts[name] = await named(name, () => calibrate(work, host, counts[name]));
    }
  }
  const perOperation = MILLISECONDS[experiment.rows[0].unit] / experiment.per;
  if (!(perOperation > 0)) throw new Error(`"${experiment.rows[0].unit}" is not ns, us or ms`);
  return async (name) => {
    const elapsed = await time(contenders[name], counts[name], host);
    return { time: (elapsed / counts[name]) * perOperation };
  };
}

/** The number of repetitions, from `count` up, at which `work` takes at least SHORTEST_SAMPLE. */
export async function calibrate(work, host, count = 1) {
  for (;;) {
    const elapsed = await time(work, count, host);
    if (elapsed >= SHORTEST_SAMPLE) return count;
    // Straight to the count that the last one promises with a fifth to spare, tenfold at most: a
    // short first run says little.
    const promised = elapsed > 0 ? (SHORTEST_SAMPLE / elapsed) * 1.2 : Infinity;
    count = Math.ceil(count * Math.min(10, Math.max(1.2, promised)));
  }
}

async function time(work, count, host) {
  const start = host.now();
  await work(count);
  // What a contender put off to a later macrotask is part of its cost.
  await host.turn();
  return host.now() - start;
}

/** Two repetitions of each contender must give the same. */
async function checkAgreement(contenders) {
  let first;
  for (const [name, work] of Object.entries(contenders)) {
    const result = await named(name, () => work(2));
    first ??= { name, result };
    if (!Object.is(result, first.result)) {
      throw new Error(`${name} gave ${result} where ${first.name} gave ${first.result}: not the same work`);
    }
  }
}

async function named(name, work) {
  try {
    return await work();
  } catch (error) {
    throw new Error(`contender ${name}: ${error?.message ?? error}`, { cause: error });
  }
}
