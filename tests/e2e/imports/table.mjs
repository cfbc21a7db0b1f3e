// What an app downloads for what it imports: the limits, and the parts of the wasm that belong to each import.

/**
 * Sizes are in kB of 1,000 bytes: the JavaScript and wasm that a page in Chromium fetches, each file at gzip -9.
 *
 * - `limit`: the most that an app built by esbuild, Vite or webpack may weigh. A change that needs more says why.
 * - `mustBe`: what `limit` is to become; `aim`: what we hope for.
 * - `parts`: the parts of the wasm that it fetches, and no others.
 * - `from`: the entry that has it, for pages without a bundler, which fetch whole entries.
 * - `isApart`: the main entry does not have it.
 * - `app(from)`: the app. It imports what it needs, uses it, and leaves a promise of 'works' in `window.app`.
 * - `jobs`: the file of its workers, which counts too.
 * - `peers`: the packages that a project without it would have instead; benches/groups/size.mjs weighs them.
 */
export const imports = [
  {
    name: 'run', limit: 32.6, mustBe: 32, aim: 27, parts: ['base', 'tasks'], from: 'taskloom/tasks',
    app: from => `
      import init, { run } from '${from}';
      window.app = init().then(() => run(() => 'works'));`,
    peers: ['p-queue', 'p-retry'],
  },
  {
    name: 'run, RetryPolicy, TaskManager', limit: 32.6, mustBe: 32, aim: 27,
    parts: ['base', 'tasks'], from: 'taskloom/tasks',
    app: from => `
      import init, { RetryPolicy, TaskManager, run } from '${from}';
      const policy = () => ({ retry: new RetryPolicy() });
      window.app = init().then(() => new TaskManager({ concurrency: 2 }).submit(() => run(() => 'works'), policy()));`,
    peers: ['p-queue', 'p-retry'],
  },
  {
    name: 'stateRef', limit: 25.3, mustBe: 27, aim: 22, parts: ['base', 'state'], from: 'taskloom/state',
    app: from => `
      import init, { stateRef } from '${from}';
      window.app = init().then(() => stateRef('word', { factory: () => 'works' }).value);`,
    peers: ['zustand persist'],
  },
  {
    name: 'Cron', limit: 27.8, mustBe: 28, aim: 25, parts: ['base', 'schedule'], from: 'taskloom/schedule',
    app: from => `
      import init, { Cron } from '${from}';
      window.app = init().then(() => new Cron('0 9 * * MON-FRI').nextRun() && 'works');`,
    peers: ['croner'],
  },
  {
    name: 'scheduleCron, scheduleInterval', limit: 55.2, mustBe: 47, aim: 43,
    parts: ['base', 'schedule', 'tasks'], from: 'taskloom/schedule',
    app: from => `
      import init, { scheduleCron, scheduleInterval } from '${from}';
      window.app = init().then(() => new Promise(resolve => {
        scheduleCron(() => {}, { cron: '0 9 * * MON-FRI' });
        scheduleInterval(() => resolve('works'), { every: '1h', immediately: true });
      }));`,
    peers: ['croner', 'p-queue', 'p-retry'],
  },
  {
    name: 'WorkerPool', limit: 59.2, mustBe: 48, aim: 42, parts: ['base', 'pool', 'tasks'], from: 'taskloom/workers',
    app: from => `
      import init, { WorkerPool } from '${from}';
      window.app = init().then(() => {
        const pool = new WorkerPool(() => new Worker(new URL('./jobs.js', import.meta.url), { type: 'module' }));
        return pool.run('word');
      });`,
    jobs: from => `
      import { expose } from '${from}';
      expose({ word: () => 'works' });`,
    peers: ['comlink', 'workerpool'],
  },
  {
    name: 'cacheData', limit: 38.5, mustBe: 42, aim: 34, parts: ['base', 'memo'], from: 'taskloom/memo',
    app: from => `
      import init, { cacheData } from '${from}';
      window.app = init().then(() => cacheData(async word => word)('works'));`,
    peers: ['lru-cache', 'p-memoize', '@tanstack/query-core'],
  },
  {
    name: 'sharedState', limit: 36.4, mustBe: 34, aim: 30, parts: ['base', 'shared', 'state'], from: 'taskloom/shared', isApart: true,
    app: from => `
      import { sharedState } from '${from}';
      window.app = sharedState('words').then(shared => shared.update('word', () => 'works'));`,
    peers: ['broadcast-channel'],
  },
  {
    name: 'everything', limit: 119.4, mustBe: 92, aim: 85, // what a cache loads on demand is in files of its own, which are compressed by themselves: 5 kB
    parts: ['base', 'memo', 'pool', 'schedule', 'state', 'tasks'], from: 'taskloom',
    app: from => `
      import init, * as all from '${from}';
      window.all = { ...all };
      const stored = all.cacheData(word => word, { name: 'word', persist: 'session' });
      window.app = init().then(() => stored('works'));`,
    peers: [
      'p-queue', 'p-retry', 'zustand persist', 'croner', 'comlink', 'workerpool', 'lru-cache', 'p-memoize',
      '@tanstack/query-core',
    ],
  },
];
