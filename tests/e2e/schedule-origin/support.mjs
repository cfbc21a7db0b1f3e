// What the tests of schedules of all tabs have in common.

import assert from 'node:assert/strict';
import { sibling } from '../state/support.mjs';
import { patient } from '../support/patience.mjs';

/** A lease that no test lives to see the end of: what goes on within it goes on without it. */
export const NEVER = '1h';

/** What no second try makes good. */
const NOT_ONCE = 'ticks that were not run once';

/** What the server knows the runs of the test under way by. */
let current;

/**
 * Tests in which nobody has known a job before, and of whose tabs all but the first are closed in the end. A tab that leads has half a second to say so when it is
 * asked; where that matters, a machine with much to do gets more than one of `tries`.
 */
export const withTabs = test => (name, body, { tries = 1, timeout = 60_000, ...options } = {}) => test(name, async (tab, site) => {
  for (let left = tries; ; ) {
    try {
      return await once(tab, site, body);
    } catch (error) {
      if (--left === 0 || error.message.startsWith(NOT_ONCE)) throw error;
      await tab.open();
    }
  }
}, { ...options, timeout: tries * timeout });

async function once(tab, site, body) {
  current = crypto.randomUUID();
  await tab.bare(() => new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('taskloom');
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  }));
  const others = [];
  const another = async () => {
    const other = await sibling(tab, site);
    others.push(other);
    return other;
  };
  try {
    await body(tab, another, site);
    for (const other of others) if (!other.page.isClosed() && !other.isDead) await other.checkProblems();
  } finally {
    await Promise.all(others.map(other => (other.page.isClosed() ? undefined : other.page.close().catch(() => {}))));
  }
}

/**
 * Schedules `window.job` in a page. Each of its runs is counted by the server, by its tick and who has run it, so that neither a dead page nor one that hangs can hide it; `window.runs` are those
 * of this page, `window.told` what was told of errors. A run waits for the server's `gate`, or for `takes` milliseconds, or blocks its page for `blocks` of them. Further jobs of a page are in
 * `window.jobs`, by their id.
 */
export const schedule = (tab, who, { gate, takes = 0, blocks = 0, isHeard = true, ...options }) => tab.run(({ scheduleCron, scheduleInterval, scheduleOnce }, { test, who, gate, takes, blocks, isHeard, options }) => {
  const { jobId } = options;
  window.runs = [];
  window.told = [];
  const run = async ({ tick: { scheduledAt, missed, manual }, signal }) => {
    const at = scheduledAt.getTime();
    window.runs.push({ job: jobId, at, missed, manual });
    signal.addEventListener('abort', () => { window.cancelled = (window.cancelled ?? 0) + 1; });
    if (!manual) await fetch(`/count?${test}:${jobId}/${at}/${who}`);
    for (const end = performance.now() + blocks; performance.now() < end;);
    if (gate) await fetch(`/gate?${gate}`);
    if (takes) await new Promise(resolve => setTimeout(resolve, takes));
    return who;
  };
  if (options.in) options.at = Date.now() + options.in;
  window.job = (options.cron ? scheduleCron : options.at ? scheduleOnce : scheduleInterval)(run, {
    scope: 'origin', ...options, ...(isHeard ? { onError: (error, task) => window.told.push(`${error.code ?? error}${task ? ' of a run' : ''}`) } : {}),
  });
  window.jobs = { ...window.jobs, [jobId]: window.job };
}, { test: current, who, gate, takes, blocks, isHeard, options });

/** The ticks of a job that were run so far, oldest first: `{ at, by }`, where `by` lists who has run it, and as often. The page need not have the job. */
export async function ticksOf(tab, jobId) {
  const counts = await tab.bare((_, test) => fetch(`/counted-all?${test}`).then(answer => answer.json()), current);
  const ticks = new Map();
  for (const [id, count] of Object.entries(counts)) {
    const [job, at, who] = id.split('/');
    if (job === jobId) ticks.set(Number(at), [...(ticks.get(Number(at)) ?? []), ...Array(count).fill(who)]);
  }
  return [...ticks].map(([at, by]) => ({ at, by })).sort((a, b) => a.at - b.at);
}

/** What the library has stored of a job, if anything. */
export const recordOf = (tab, jobId) => tab.bare((_, jobId) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('taskloom');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    if (!opening.result.objectStoreNames.contains('jobs')) {
      opening.result.close();
      return resolve();
    }
    const reading = opening.result.transaction('jobs').objectStore('jobs').get(jobId);
    reading.onsuccess = () => {
      opening.result.close();
      resolve(reading.result);
    };
    return undefined;
  };
}), jobId);

/** Waits for something that is looked at from outside, as long as a test may take. */
export async function until(condition) {
  for (const end = Date.now() + patient(60_000); Date.now() < end; await new Promise(resolve => setTimeout(resolve, 50))) {
    const seen = await condition();
    if (seen) return seen;
  }
  throw new Error(`what was waited for has not come: ${condition}`);
}

/** Waits until the job has run a tick after this time, and by one of these if they are given. */
export const untilRun = (tab, jobId, after, by) => until(async () =>
  (await ticksOf(tab, jobId)).find(tick => tick.at > after && (by === undefined || tick.by.some(who => by.includes(who)))));

/** Waits until so many ticks have been run. */
export const untilRuns = (tab, jobId, count) => until(async () => (await ticksOf(tab, jobId)).length >= count);

export const isLeader = (tab, jobId) => tab.bare((_, jobId) => (jobId ? window.jobs[jobId] : window.job)?.isLeader ?? false, jobId);

/** Waits until this tab leads. */
export const untilLeads = (tab, jobId) => until(() => isLeader(tab, jobId));

/** The numbers of those tabs that lead. */
export const leaders = async (tabs, jobId) => (await Promise.all(tabs.map(tab => isLeader(tab, jobId)))).flatMap((leads, i) => (leads ? [i] : []));

/** The time in the browser. */
export const now = tab => tab.bare(() => Date.now());

/** No tick of the job was run twice; returns the ticks. */
export async function assertOnce(tab, jobId) {
  const ticks = await ticksOf(tab, jobId);
  assert.deepEqual(ticks.filter(({ by }) => by.length !== 1), [], NOT_ONCE);
  return ticks;
}

/** Numbers from 0 to 1, the same for each seed. */
export function randomOf(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const devtools = new WeakMap();

/** A command of Chromium's DevTools for this page. */
export async function command(tab, method, parameters) {
  if (!devtools.has(tab)) devtools.set(tab, await tab.page.context().newCDPSession(tab.page));
  return devtools.get(tab).send(method, parameters);
}

/**
 * No code of the page runs until it is thawed, and it may stop in the midst of anything: its debugger holds it. (A browser without windows does not freeze its pages, and one with windows only those that
 * hold no lock.)
 */
export async function freeze(tab) {
  await command(tab, 'Debugger.enable');
  await command(tab, 'Debugger.pause');
}
export const thaw = tab => command(tab, 'Debugger.disable');

/** Ends the process of the page. */
export async function crash(tab) {
  tab.isDead = true;
  const crashed = new Promise(resolve => tab.page.once('crash', resolve));
  command(tab, 'Page.crash').catch(() => {}); // nobody is left to answer
  await crashed;
}

/** Has the page's thread do nothing else for so many milliseconds, soon. */
export const block = (tab, span) => tab.page.evaluate(`void setTimeout(() => { for (const end = performance.now() + ${span}; performance.now() < end;); })`);

/** Keeps what the library asks of its database waiting, in all tabs, until `release` is called for the same page. The library has to have made the database. */
export const hold = tab => tab.bare(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('taskloom');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction('jobs', 'readwrite');
    let isHeld = true;
    const turn = () => {
      if (isHeld) transaction.objectStore('jobs').get('none').onsuccess = turn;
      resolve();
    };
    transaction.objectStore('jobs').get('none').onsuccess = turn;
    window.release = () => new Promise(resolve => {
      isHeld = false;
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    });
  };
}));
export const release = tab => tab.bare(() => window.release());

/** Sets the wall clock of a page by so many milliseconds; the one of the library goes by `Date.now`. */
export const shiftClock = (tab, shift) => tab.bare((_, shift) => {
  window.realNow ??= Date.now;
  Date.now = () => window.realNow() + shift;
}, shift);

/** Has the library wait for its database for so long, in place of its 10 s. */
export const setPatience = (tab, patience) => tab.bare((_, patience) => {
  const { setTimeout } = window;
  window.setTimeout = (call, span, ...args) => setTimeout(call, span === 10_000 ? patience : span, ...args);
}, patience);
