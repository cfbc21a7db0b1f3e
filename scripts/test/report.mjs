// What a run of the tests has come to, as it is printed in the end.

import { describe } from '../setup/failure.mjs';
import { duration } from '../setup/step.mjs';

const SLOWEST = 10;
/** What of a fallen job's failures is printed last, in lines: a long report may be cut from the front. */
const LAST_LINES = 60;

/**
 * The result of a job that has ended. `text` is what it said, `fell` what failed; a job that ran again keeps what `first` fell by.
 */
export function resultOf(job, failure, seconds, first) {
  const text = job.said.splice(0).join('').trimEnd();
  const why = failure && describe(failure);
  return { job, text, why, seconds, ...countsIn(text), fell: first?.fell ?? (why && whatFell(text)) };
}

/** How many tests passed and failed, by what Node's and cargo's runners print last. */
function countsIn(text) {
  const sum = pattern => [...text.matchAll(pattern)].reduce((all, [, count]) => all + Number(count), 0);
  return {
    passed: sum(/^ℹ pass (\d+)$/gm) + sum(/^test result: .*? (\d+) passed/gm),
    failed: sum(/^ℹ (?:fail|cancelled) (\d+)$/gm) + sum(/^test result: .*? (\d+) failed/gm),
    skipped: sum(/^ℹ (?:skipped|todo) (\d+)$/gm) + sum(/^test result: .*? (\d+) ignored/gm),
  };
}

/** What Node's and cargo's runners say last of what has failed. */
function whatFell(text) {
  const lines = text.split('\n');
  const start = lines.findIndex(line => /^(✖ failing tests:|failures:)$/.test(line));
  return (start < 0 ? lines.slice(-LAST_LINES) : lines.slice(start, start + LAST_LINES)).join('\n');
}

export function summarize(results, setUp, total) {
  const sum = (list, name) => list.reduce((all, result) => all + result[name], 0);
  console.log(`\nThe slowest of ${results.length} runs:`);
  for (const { job, seconds } of [...results].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST)) {
    console.log(`  ${duration(seconds).padStart(12)}  ${job.name}`);
  }
  console.log('Each part, by how long its runs took one by one:');
  for (const part of [...new Set(results.map(({ job }) => job.part))]) {
    const runs = results.filter(({ job }) => job.part === part);
    console.log(`${runs.some(({ why }) => why) ? '✘' : '✔'} ${duration(sum(runs, 'seconds')).padStart(12)}  ${part}`);
  }
  for (const { job, why, fell } of results) {
    if (fell !== undefined) console.log(`✘ ${job.name}: ${why ?? 'fell beside others, and passed by itself'}\n${fell.replaceAll(/^/gm, '    ')}`);
  }
  console.log(`All took ${duration(total)}${setUp >= 1 ? `, after ${duration(setUp)} of set-up` : ''}.`);
  console.log(`${sum(results, 'passed')} passed, ${sum(results, 'failed')} failed, ${sum(results, 'skipped')} skipped`);
}
