// Which test files there are, and of the end-to-end ones: which browsers each uses, in which lane it runs, and about how long it takes.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { Failure } from '../setup/failure.mjs';
import { fromRoot } from '../setup/root.mjs';

const END_TO_END = 'tests/e2e';

/** These wait for timers, other tabs and the network most of the time, so that several run at once. All others keep a core busy. */
const WAITING = [
  'bfcache', 'bundlers', 'demo', 'demo-memo', 'demo-queue', 'demo-schedules', 'demo-state', 'demo-tabs', 'demo-workers', 'inline', 'memo-storage', 'readme', 'recipes', 'rust-app', 'rust-jobs',
  'schedule', 'schedule-origin', 'shared', 'state',
];

/** These prepare for both browsers what takes longer than the tests themselves. */
const TOGETHER = ['bundlers', 'consumers', 'hosts', 'readme', 'rust-app', 'rust-jobs'];

/** What has to be built for a file besides the package. */
const AFTER = { panic: ['testing build'], schedule: ['testing build'], 'rust-app': ['Rust app'], 'rust-jobs': ['Rust app'] };

/** About how many seconds a file takes in a browser, where that is much: the longest start first. */
const SECONDS = {
  'schedule-origin': 170, schedule: 120, shared: 90, 'demo-workers': 120, 'demo-schedules': 110, pool: 100, state: 80, 'demo-memo': 70, 'memo-storage': 60, memo: 60, 'rust-jobs': 60, 'rust-app': 60, demo: 50,
  recipes: 45, bundlers: 25, imports: 40, inline: 20, tasks: 20, 'demo-state': 60, 'demo-tabs': 20, stack: 50, hosts: 50, stress: 30,
};

/** The test files of a folder. */
export function filesIn(folder) {
  if (!existsSync(fromRoot(folder))) return [];
  return readdirSync(fromRoot(folder)).filter(name => name.endsWith('.test.mjs')).sort().map(name => `${folder}/${name}`);
}

/**
 * A run for each end-to-end file and each browser that it uses, as jobs for `runInLanes` with `file` and `browsers`, the longest first. `only` has names of files, as in
 * `['schedule', 'pool']`.
 */
export function endToEndRuns({ only = [], browser } = {}) {
  const files = new Map(filesIn(END_TO_END).map(file => [/([^/]+)\.test\.mjs$/.exec(file)[1], file]));
  const unknown = only.filter(name => !files.has(name));
  if (unknown.length > 0) throw new Failure(`There is no end-to-end file called ${unknown.join(', ')}. There are ${[...files.keys()].join(', ')}.`, { exitCode: 2 });
  const runs = [...files].filter(([name]) => only.length === 0 || only.includes(name)).flatMap(([name, file]) => {
    const lane = WAITING.includes(name) ? 'waiting' : 'working';
    const browsers = browsersOf(file).filter(each => !browser || each === browser);
    return (TOGETHER.includes(name) ? [browsers] : browsers.map(each => [each])).filter(each => each.length > 0).map(browsers => ({
      name: `${name} (${browsers.join(' and ')})`, file, browsers, lane, after: ['package', ...(AFTER[name] ?? [])], seconds: SECONDS[name] ?? 0,
    }));
  });
  return runs.sort((a, b) => b.seconds - a.seconds);
}

/** A file that runs in all browsers takes them from `browsers` in tests/e2e/support/browsers.mjs. */
function browsersOf(file) {
  return /import \{[^}]*\bbrowsers\b[^}]*\} from '\.\/support\/browsers\.mjs'/.test(readFileSync(fromRoot(file), 'utf8')) ? ['chromium', 'firefox'] : ['chromium'];
}
