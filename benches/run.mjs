// npm run bench -- [--only GROUP] [--json FILE] [--rounds N] [--strict]
// What the rows mean and how to read them: benches/README.md.

import { readdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser } from './harness/browser.mjs';
import { readPackage } from './harness/package.mjs';
import { printedRow, rowsOf } from './harness/report.js';

const BENCHES = import.meta.dirname;
const USAGE = `usage: npm run bench -- [options]
  --only GROUP    run this group only (may be repeated)
  --json FILE     also write the rows to FILE
  --rounds N      rounds to measure (default 15)
  --strict        exit with code 1 if a target is missed
  --package DIR   measure the built package in DIR (default pkg)
  --help          show this`;

/** Exit codes: a wrong call, and a row that could not be measured or, with --strict, a miss. */
const WRONG_CALL = 2;
const FAILED = 1;

class WrongCall extends Error {}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(USAGE);
  const library = await readPackage(options.package);
  const groups = chosen(await existingGroups(), options.only);

  const rows = [];
  const failures = [];
  const report = {
    rows(measured) {
      for (const row of measured) console.log(`${printedRow(row)}\n`);
      rows.push(...measured);
    },
    skipped: (names, missing) => console.log(`skipped: ${names} (the package has no ${missing.join(', ')} yet)\n`),
    failed(names, error) {
      console.error(`FAILED: ${names}: ${error.message}\n`);
      failures.push(names);
    },
  };

  await runInNode(groups.filter(({ inBrowser }) => !inBrowser), { library, report, rounds: options.rounds });
  await runInBrowser(groups.filter(({ inBrowser }) => inBrowser), { library, report, rounds: options.rounds });

  if (options.json) await writeFile(options.json, `${JSON.stringify({ rows }, null, 2)}\n`);
  const misses = rows.filter(({ ok }) => !ok);
  console.log(summary(rows, misses, failures));
  if (failures.length > 0 || (options.strict && misses.length > 0)) process.exitCode = FAILED;
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        rounds: { type: 'string', default: '15' },
        strict: { type: 'boolean', default: false },
        package: { type: 'string', default: join(BENCHES, '../pkg') },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new WrongCall(`${error.message}\n${USAGE}`);
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new WrongCall(`--rounds takes a whole number from 1, not "${values.rounds}"`);
  }
  return { ...values, rounds, package: resolve(values.package) };
}

/** A group is a file in groups/: NAME.js runs in the browser, NAME.mjs here. */
async function existingGroups() {
  return (await readdir(join(BENCHES, 'groups')))
    .map((file) => /^([\w-]+)\.(m?js)$/.exec(file))
    .filter(Boolean)
    .map(([file, name, extension]) => ({ name, file, inBrowser: extension === 'js' }));
}

function chosen(existing, only) {
  if (!only) return existing;
  const names = existing.map(({ name }) => name);
  for (const name of only) {
    if (!names.includes(name)) throw new WrongCall(`there is no group "${name}"; there are: ${names.join(', ')}`);
  }
  return existing.filter(({ name }) => only.includes(name));
}

async function runInNode(groups, { library, report, rounds }) {
  for (const { name, file } of groups) {
    console.log(`== ${name} ==\n`);
    try {
      const { default: measure } = await import(`./groups/${file}`);
      report.rows(await measure({ library, rounds }));
    } catch (error) {
      report.failed(name, error);
    }
  }
}

async function runInBrowser(groups, { library, report, rounds }) {
  if (groups.length === 0) return;
  warnOfLoad();
  const browser = await openBrowser({ benches: BENCHES, groups: groups.map(({ name }) => name), library });
  try {
    for (const { name: group } of groups) {
      console.log(`== ${group} == (median of ${rounds} rounds at most, the middle half of them)\n`);
      const experiments = await browser.describe(group).catch((error) => {
        report.failed(group, error);
        return [];
      });
      for (const [index, experiment] of experiments.entries()) {
        const names = experiment.rows.map(({ name }) => `"${name}"`).join(', ');
        if (experiment.missing.length > 0) {
          report.skipped(names, experiment.missing);
          continue;
        }
        try {
          const samples = await browser.measure(group, index, { isolated: experiment.isolated, rounds });
          report.rows(rowsOf(experiment, samples));
        } catch (error) {
          report.failed(names, error);
        }
      }
    }
  } finally {
    await browser.close();
  }
}

/** Something else at work is the commonest reason for a wide spread. */
function warnOfLoad() {
  const [load] = loadavg();
  const cores = availableParallelism();
  if (load > cores / 2) {
    console.log(`note: this machine is busy (load average ${load.toFixed(1)} on ${cores} cores), so the figures will be noisy\n`);
  }
}

function summary(rows, misses, failures) {
  const withTarget = rows.filter(({ target }) => target !== null).length;
  const parts = [`${rows.length} rows, ${withTarget - misses.length} of ${withTarget} targets met`];
  if (misses.length > 0) parts.push(`missed: ${misses.map(({ name }) => name).join('; ')}`);
  if (failures.length > 0) parts.push(`could not be measured: ${failures.join('; ')}`);
  return parts.join('\n');
}

main().catch((error) => {
  console.error(error instanceof WrongCall ? error.message : error);
  process.exitCode = error instanceof WrongCall ? WRONG_CALL : FAILED;
});
