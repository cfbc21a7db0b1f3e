// `npm test`: gets what the tests need and runs them all; `npm test -- --only native,web` runs some parts.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Failure, main } from './setup/failure.mjs';
import { fromRoot, root } from './setup/root.mjs';
import { duration } from './setup/step.mjs';
import { runInLanes } from './test/lanes.mjs';
import { resultOf, summarize } from './test/report.mjs';
import { builds, parts, RESULTS, room } from './test/parts.mjs';
import { SHARDS } from '../tests/e2e/support/matrix.mjs';

const QUICK = { only: ['scripts', 'native', 'types', 'e2e'], files: ['readme'], browser: 'chromium' };
/** In these a browser and a busy machine have their say. A job that falls runs once more when nothing runs beside it, and what fell is told in any case. */
const AGAIN = ['web', 'e2e'];

const usage = `Usage: npm test -- [options]
  --only PART,…         ${parts.map(({ name, what }) => `${name.padEnd(8)} ${what}`).join('\n                        ')}
  --file NAME,…         of e2e these files, as in schedule,pool
  --browser NAME        chromium or firefox, of the parts web and e2e
  --shard N             which part of what is core's alone runs in Firefox, 0 to ${SHARDS - 1}; by default the commit decides
  --all                 everything: all shards, all of the matrix, and thousands of random cases
  --once                a file that falls is not run again by itself
  --quick               what tells most in three minutes: ${QUICK.only.slice(0, -1).join(', ')}, and the README's example in Chromium`;

await main(async () => {
  const options = choose();
  if (!options) return console.log(usage);

  const started = performance.now();
  for (const part of options.parts) for (const need of part.needs) await need();
  const ready = performance.now();

  rmSync(fromRoot(RESULTS), { recursive: true, force: true });
  const jobs = await jobsOf(options);
  if (jobs.some(({ name }) => name.includes('firefox'))) {
    console.log(options.all ? 'Everything runs.' : `Firefox runs shard ${options.shard} of ${SHARDS} of what is core's alone; --shard ${options.shard} repeats it, --all runs all.`);
  }
  const results = await runAll(jobs, options);
  summarize(results, (ready - started) / 1000, (performance.now() - ready) / 1000);
  return results.some(({ why }) => why) ? 1 : 0;
});

/** Runs the jobs, and by itself once more what fell beside others, unless `once`; resolves to a result of each. */
async function runAll(jobs, { once }) {
  const results = new Map(); // by name
  const run = jobs => runInLanes(jobs, room, (job, { failure, seconds }) => {
    const result = resultOf(job, failure, seconds, results.get(job.name));
    console.log(`\n── ${job.name}\n${result.text}\n── ${job.name}: ${failure ? `FAILED, ${result.why},` : 'passed'} after ${duration(seconds)}`);
    results.set(job.name, result);
  });
  await run(jobs);
  if (!once) {
    for (const { job, why, text } of [...results.values()]) if (why && text && AGAIN.includes(job.part)) await run([{ ...job, after: [] }]);
  }
  return [...results.values()];
}

/** The jobs of the parts that were chosen, and the builds that they come after. Each collects what it says in `said`. */
async function jobsOf(options) {
  const ofParts = [];
  for (const part of options.parts) {
    for (const job of await part.jobs(options)) ofParts.push({ ...job, part: part.name });
  }
  const needed = Object.keys(builds).filter(name => ofParts.some(({ after = [] }) => after.includes(name)));
  const jobs = [...needed.map(name => ({ name, part: 'builds', lane: 'building', ...builds[name]() })), ...ofParts];
  return jobs.sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0)).map(job => {
    const said = [];
    return { ...job, said, run: () => job.run(text => said.push(text)) };
  });
}

/** What was asked for; undefined if it was help. */
function choose() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true }, file: { type: 'string', multiple: true }, browser: { type: 'string' }, shard: { type: 'string' },
        all: { type: 'boolean' }, once: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw refusal(error.message);
  }
  if (values.help) return undefined;
  const listed = lists => lists?.flatMap(list => list.split(',')).map(name => name.trim()).filter(Boolean);
  const { quick, all = false, once = false, browser = quick ? QUICK.browser : undefined } = values;
  const only = listed(values.only) ?? (quick ? QUICK.only : values.file ? ['e2e'] : undefined);
  const unknown = only?.filter(name => !parts.some(part => part.name === name)) ?? [];
  if (only?.length === 0 || unknown.length > 0) throw refusal(`--only takes parts of the suite${unknown.length > 0 ? `, not ${unknown.join(', ')}` : ''}.`);
  if (browser !== undefined && !['chromium', 'firefox'].includes(browser)) throw refusal(`--browser takes chromium or firefox, not ${browser}.`);
  const shard = values.shard === undefined ? shardOfCommit() : Number(values.shard);
  if (!Number.isInteger(shard) || shard < 0 || shard >= SHARDS) throw refusal(`--shard takes a number from 0 to ${SHARDS - 1}, not ${values.shard}.`);
  return { parts: only ? parts.filter(part => only.includes(part.name)) : parts, files: listed(values.file) ?? (quick ? QUICK.files : []), browser, shard, all, once };
}

const refusal = message => new Failure(`${message}\n${usage}`, { exitCode: 2 });

/** Another commit, another shard, so that each gets its turn. Where there is no repository it is the first. */
function shardOfCommit() {
  try {
    return parseInt(execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).slice(0, 8), 16) % SHARDS;
  } catch {
    return 0;
  }
}
