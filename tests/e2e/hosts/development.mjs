// The condition `development`: what it warns of, and that the other builds say nothing.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import esbuild from 'esbuild';
import { inPage } from '../support/suite.mjs';

/** The entries as a page without a bundler has them. */
const entries = async ({ folder }) => {
  const { exports } = JSON.parse(await readFile(path.join(folder, 'node_modules/taskloom/package.json'), 'utf8'));
  const at = file => path.posix.join('/node_modules/taskloom', file);
  return { development: at(exports['.'].development), production: at(exports['.'].default), shared: at(exports['./shared'].development) };
};

/**
 * Calls `body` in a page with the library, and the helpers `warnings` and `all()`. The latter resolves to all warnings when there is one, and when two further tasks
 * have failed, and were warned of, one after the other: by then whatever has failed before has been told. For a build that does not warn it waits for `patience` ms.
 */
function watched(tab, entry, body, patience = 0) {
  return tab.load(`async ({ until, nextTurn, ...library }, patience) => {
    const warnings = [];
    console.warn = (...args) => {
      const text = args.map(arg => (arg instanceof Error ? arg.stack.includes(arg.message) ? arg.stack : arg.message + '\\n' + arg.stack : String(arg))).join(' ');
      warnings.push(text);
    };
    await library.init();
    const began = performance.now();
    const all = async () => {
      if (patience > 0) {
        await new Promise(resolve => setTimeout(resolve, patience));
      } else {
        await until(() => warnings.length > 0);
        for (const name of ['last of all', 'the very last']) {
          library.run(() => { throw new Error('of ' + name); }, { name });
          await until(() => warnings.some(text => text.includes(name)));
        }
      }
      return { warnings: warnings.filter(text => !/task '(last of all|the very last)'/.test(text)), took: performance.now() - began };
    };
    return (${body})({ ...library, until, nextTurn, warnings, all });
  }`, patience, { entry });
}

/** What nobody reads is given to all that takes options; `rest` is right. */
async function wrongOptions({ warnings, init, run, TaskManager, RetryPolicy, gather, WorkerPool, sessionStore, stateRef, sessionTasks, runInExecutor,
  cacheData, cacheResource, scheduleInterval, scheduleCron, scheduleOnce, Cron, getScheduler }) {
  const failing = () => { throw new Error('no'); };
  await run(() => 1, { tiemout: 1000, manager: new TaskManager({ concurency: 2, rateLimit: { limit: 1, per: 1000, every: 5 } }) });
  await run(failing, { retry: { maxAtempts: 2 } }).catch(() => {});
  await run(context => context.run(() => 1, { nme: 'child' }));
  new RetryPolicy({ backoff: 2 });
  await gather([1], { returnError: true });
  const pool = new WorkerPool('/none.js', { sizes: 1 });
  pool.job('job', { tranfer: [] })().cancel();
  await pool.close({ timeuot: 100 });
  const store = sessionStore({ namespace: 'a', durabel: true });
  store.set('a', 1, { ttll: 5 });
  store.ref('b', { factori: () => 1 });
  stateRef('c', { typo: 1 });
  sessionTasks('bucket', { remembr: true });
  runInExecutor(() => 1, { excutor: 'microtask' });
  cacheData(() => 1, { maxEntrys: 5 }).with({ onprogres: () => {} });
  cacheResource(() => 1, { valdate: () => true });
  scheduleInterval(() => 1, { every: '1h', evry: 5 }).cancel();
  scheduleCron(() => 1, { cron: '0 0 * * *', timezon: 'UTC' }).cancel();
  scheduleOnce(() => 1, { at: Date.now() + 1e6, att: 1 }).cancel();
  new Cron('0 0 * * *', { dialekt: 'cron' });
  await getScheduler().shutdown({ cancelRuning: true });
  await init({ tracee: false });
  run(() => 1, { tiemout: 1000 }); // it was told
  return warnings;
}

async function rightOptions({ run, TaskManager, RetryPolicy, WorkerPool, runInExecutor, cacheData, scheduleCron, stateRef, warnings }) {
  const manager = new TaskManager({ concurrency: 2, rateLimit: { limit: 10, per: '1s' }, timeout: undefined });
  await run(() => 1, { name: 'a', timeout: '5s', priority: 'background', retry: { maxAttempts: 2 }, manager });
  await manager.submit(() => 1, { key: 'a', deduplicate: true });
  await runInExecutor(() => 1, { executor: 'microtask', context: true, timeout: '5s', manager, cache: { ttl: '1m', maxEntries: 5 } })();
  cacheData(() => 1, { ttl: '1m', copy: 'share' });
  stateRef('right', { factory: () => 1, storage: 'memory', version: 1 });
  scheduleCron(() => 1, { cron: '0 0 * * *', timeZone: 'UTC', jobId: 'a', overlap: 'skip', timeout: '5s' }).cancel();
  const pool = new WorkerPool('/none.js', { size: 1, maxQueue: 5 });
  runInExecutor(pool.job('job', { name: 'c' }), { executor: 'worker', timeout: '5s', transfer: undefined })().cancel();
  pool.dispose();
  // What is no plain object has fields of its own, and no value is read more often than without a warning.
  class Options {
    name = 'd';
    own = 1;
  }
  await run(() => 1, new Options());
  await run(() => 1, Object.assign(Object.create({ inherited: 1 }), { name: 'e', extra: 1 }));
  await run(() => 1, null).catch(() => {});
  let read = 0;
  await run(() => 1, { get name() { read++; return 'f'; } });
  const shy = new Proxy({ name: 'g' }, {
    ownKeys() { throw new Error('its names are nobody’s affair'); },
    getPrototypeOf() { throw new Error('nor is its prototype'); },
  });
  await run(() => 1, shy);
  new RetryPolicy(Object.create(null));
  return { warnings, read };
}

/** Tasks that fail, of which nobody looks at two. */
async function failures({ all, until, run, TaskManager, gather, onTask, sessionTasks, runInExecutor, cacheData, job, scheduleInterval, init }) {
  const fail = name => () => { throw new Error(`of ${name}`); };
  const silently = task => task.then(() => {}, () => {});
  function submitsUnseen() {
    return run(fail('unseen'), { name: 'unseen' });
  }
  await init({ trace: true }); // the panel is nobody's look
  const unseen = submitsUnseen();
  await run(async context => void await context.run(fail('child'), { name: 'unseen child' }).stopped);
  await unseen.stopped;
  await silently(run(fail('awaited'), { name: 'awaited' }));
  await run(fail('caught'), { name: 'caught' }).catch(() => {});
  run(fail('subscribed'), { name: 'subscribed' }).subscribe(() => {});
  run(fail('promised'), { name: 'promised' }).promise;
  run(fail('settled'), { name: 'settled' }).finally(() => {}).catch(() => {});
  for (const member of ['state', 'error']) (await over(member))()[member];
  for (const member of ['snapshot', 'toJSON']) (await over(member))()[member]();
  try { (await over('result'))().result; } catch {}
  try { for await (const _ of run(fail('iterated'), { name: 'iterated' })); } catch {}
  async function over(name) {
    const task = run(fail(name), { name });
    await task.stopped;
    return () => task;
  }
  await gather([run(fail('gathered'), { name: 'gathered' }), run(() => new Promise(() => {}), { name: 'cancelled with it' })]).catch(() => {});
  run(() => new Promise(() => {}), { name: 'cancelled' }).cancel(new Error('enough'));
  run(fail('cancelled before'), { name: 'cancelled before' }).cancel();
  const controller = new AbortController();
  run(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), { name: 'aborted', signal: controller.signal });
  controller.abort();
  new TaskManager().submit(() => 1, { name: 'good' });
  await silently(run(() => run(fail('inner'), { name: 'returned' }), { name: 'outer' }));
  await silently(runInExecutor(fail('cached task'), { name: 'cached task', cache: {} })());
  await silently(cacheData(job(fail('cached job')), { name: 'cached job' })());
  sessionTasks().set('kept', run(fail('kept'), { name: 'kept' }));
  const runs = [];
  const scheduled = scheduleInterval(fail('scheduled'), { every: '1h', immediately: true, name: 'scheduled', onError: error => runs.push(error) });
  await until(() => runs.length > 0);
  scheduled.cancel();
  return all();
}

async function thousands({ all, run }) {
  for (let i = 0; i < 3000; i++) run(() => { throw new Error('no'); }, { name: i % 3 ? 'load' : 'save' });
  return all();
}

export default function development(browser) {
  describe(`the condition development in ${browser.name}`, () => {
    const test = inPage(browser);

    test('an option that nobody knows is warned of once, with what is meant', async (tab, site) => {
      const warnings = await watched(tab, (await entries(site)).development, wrongOptions);
      const told = warnings.map(text => /taskloom: (.*) ignores the option '(\w+)'; (?:did you mean '(\w+)'\?|it knows \w+, )/.exec(text)?.slice(1) ?? text);
      assert.deepEqual(told.sort(), [
        ['new TaskManager()', 'concurency', 'concurrency'], ['rateLimit', 'every', undefined], ['run()', 'tiemout', 'timeout'],
        ['new RetryPolicy()', 'maxAtempts', 'maxAttempts'], ['submit()', 'nme', 'name'], ['new RetryPolicy()', 'backoff', undefined],
        ['gather()', 'returnError', 'returnErrors'], ['new WorkerPool()', 'sizes', 'size'], ['pool.run()', 'tranfer', 'transfer'],
        ['pool.close()', 'timeuot', 'timeout'], ['sessionStore()', 'durabel', 'durable'], ['store.set()', 'ttll', undefined],
        ['store.ref()', 'factori', 'factory'], ['stateRef()', 'typo', 'type'], ['sessionTasks()', 'remembr', 'remember'],
        ['runInExecutor()', 'excutor', 'executor'], ['cacheData()', 'maxEntrys', 'maxEntries'], ['with()', 'onprogres', 'onProgress'],
        ['cacheResource()', 'valdate', 'validate'], ['scheduleInterval()', 'evry', 'every'], ['scheduleCron()', 'timezon', 'timeZone'],
        ['scheduleOnce()', 'att', 'at'], ['new Cron()', 'dialekt', 'dialect'], ['shutdown()', 'cancelRuning', 'cancelRunning'],
        ['init()', 'tracee', 'trace'],
      ].sort());
    });

    test('options that are known are not, nor those of a class, nor a proxy that throws; no value is read for it', async (tab, site) => {
      assert.deepEqual(await watched(tab, (await entries(site)).development, rightOptions), { warnings: [], read: 1 });
    });

    let took;

    test('a failed task that nobody looks at is warned of once, with its error and where it was submitted', async (tab, site) => {
      const { warnings, ...rest } = await watched(tab, (await entries(site)).development, failures);
      took = rest.took;
      assert.equal(warnings.length, 1, warnings.join('\n\n'));
      const [warning] = warnings;
      assert.match(warning, /^taskloom: 2 tasks have failed, and nobody has looked at them \(1 × 'unseen', 1 × 'unseen child'\); the first is the task 'unseen'/);
      assert.match(warning, /of unseen/);
      assert.match(warning, /submitsUnseen/);
      assert.doesNotMatch(warning.split('it was submitted here')[1] ?? warning, /dev\/lib/);
    });

    test('thousands of them are one warning that counts', async (tab, site) => {
      const { warnings } = await watched(tab, (await entries(site)).development, thousands);
      assert.deepEqual(warnings.map(text => /^taskloom: (\d+ tasks have failed.*?;)/.exec(text)?.[1]),
        ["3000 tasks have failed, and nobody has looked at them (2000 × 'load', 1000 × 'save');"]);
    });

    test('a rejection that nobody handles is one still, and no other becomes one', async (tab, site) => {
      tab.expectProblem(/Error: of then/);
      const { warnings } = await watched(tab, (await entries(site)).development, async ({ run, all }) => {
        const fail = name => () => { throw new Error(`of ${name}`); };
        run(fail('then'), { name: 'then' }).then(() => {});
        run(fail('promise'), { name: 'promise' }).promise;
        run(fail('nothing'), { name: 'nothing' });
        return all();
      });
      assert.deepEqual(warnings.map(text => /the task '(\w+)'/.exec(text)?.[1]), ['nothing']);
    });

    test('a failed task is not kept from being collected meanwhile', async (tab, site) => {
      const devtools = await tab.page.context().newCDPSession(tab.page);
      await watched(tab, (await entries(site)).development, async ({ run, TaskManager }) => {
        const manager = (window.manager = new TaskManager({ maxCompleted: 0 }));
        const task = manager.submit(() => { throw new Error('no'); }, { name: 'let go' });
        window.weak = new WeakRef(task);
        await task.stopped;
        await run(() => 1);
        manager.cleanup();
      });
      await devtools.send('HeapProfiler.collectGarbage');
      assert.equal(await tab.bare(() => window.weak.deref() === undefined), true);
    });

    test('a listener of shared state that writes again and again what it is told of is warned of once; one that stops is not', async (tab, site) => {
      assert.deepEqual(await tab.load(async ({ sharedState, until }) => {
        const warnings = [];
        console.warn = text => void warnings.push(text);
        const shared = await sharedState('loops');
        const doubles = shared.subscribe('n', ({ value }) => { if (value < 90) shared.set('n', value + 1); });
        await shared.set('n', 0);
        await until(() => shared.get('n') === 90);
        doubles();
        const before = warnings.length;
        shared.subscribe('m', ({ value }) => { if (value < 250) shared.set('m', value + 1); });
        await shared.set('m', 0);
        await until(() => shared.get('m') === 250);
        return [before, warnings.length, /'m'.*100 times in a row/.test(warnings[0])];
      }, undefined, { entry: (await entries(site)).shared }), [0, 1, true]);
    });

    test('the build for production says nothing of all that', async (tab, site) => {
      const { production } = await entries(site);
      assert.deepEqual(await watched(tab, production, wrongOptions), []);
      assert.deepEqual(await watched(tab, production, rightOptions), { warnings: [], read: 1 });
      assert.deepEqual((await watched(tab, production, failures, took ?? 10_000)).warnings, []);
    });

    test('bundlers take the one for development by the condition, and nothing of it without', async (_, { folder }) => {
      const bundle = async conditions => {
        const { outputFiles: [{ text }] } = await esbuild.build({
          stdin: { contents: "export { run } from 'taskloom';", resolveDir: folder }, bundle: true, format: 'esm', write: false, logLevel: 'error', conditions,
        });
        return text;
      };
      assert.match(await bundle(['development']), /nobody has looked at/);
      for (const text of [await bundle([]), ...await Promise.all(['slim.js', 'slim-inline.js', 'worker.js', 'lib/tasks/task.js', 'lib/tasks/manager.js'].map(file =>
        readFile(path.join(folder, 'node_modules/taskloom', file), 'utf8')))]) assert.doesNotMatch(text, /nobody has looked at|ignores the option|\bDEV\b/);
    });
  });
}
