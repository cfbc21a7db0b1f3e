// The parts of the wasm: each capability brings its own, alone and together, early and late. What a server may give instead of one is in hosts/loading.mjs,
// and what bundlers make of them in imports.test.mjs.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { browsers } from './support/browsers.mjs';
import { starts } from './support/fixture/parts.js';
import { inPage } from './support/suite.mjs';

/** By entry: the parts that it needs. */
const PARTS = {
  tasks: ['base', 'tasks'], workers: ['base', 'pool', 'tasks'], state: ['base', 'state'], memo: ['base', 'memo'], schedule: ['base', 'schedule', 'tasks'],
};
const ENTRIES = Object.keys(PARTS);
/** Those whose use waits for its part. */
const CAN_WAIT = ['tasks', 'schedule'];

const partsIn = requests => requests.map(url => /taskloom_(\w+)\.wasm$/.exec(url)?.[1]).filter(Boolean).sort();
const partsOf = names => [...new Set(names.flatMap(name => PARTS[name]))].sort();

/** Every set of them but the empty one. */
const combinations = list => list.reduce((sets, each) => [...sets, ...sets.map(set => [...set, each])], [[]]).slice(1);

for (const browser of browsers) describe(`parts of the wasm in ${browser.name}`, () => suite(browser));

function suite(browser) {
  let isAway = false; // the memo's part
  const test = inPage(browser, {
    handle: (request, response) => {
      if (!isAway || !request.url.endsWith('/taskloom_memo.wasm')) return false;
      response.writeHead(404).end('no');
      return true;
    },
  });

  /** Imports entries one after another, starts the library, and uses each. */
  const use = (tab, names, entry) => tab.bare(async (_, urls) => {
    const { uses } = await import('/support/parts.js');
    const modules = new Map();
    for (const [name, url] of Object.entries(urls)) modules.set(name, await import(url));
    const [{ init }] = modules.values();
    await init();
    const said = [];
    for (const [name, module] of modules) said.push(await uses[name](module));
    return said;
  }, Object.fromEntries(names.map(name => [name, entry(`taskloom/${name}`)])));

  test('each combination of capabilities works, and fetches its parts alone', async (tab, { entry }) => {
    for (const names of combinations(ENTRIES)) {
      await tab.open();
      tab.requests.length = 0;
      assert.deepEqual(await use(tab, names, entry), names.map(() => 'works'), `${names}`);
      assert.deepEqual(partsIn(tab.requests), partsOf(names), `${names}`);
    }
  }, { timeout: 180_000 });

  test('what is imported after init() comes by the first call that can wait, or says so until init() is called once more; what was there before goes on', async (tab, { entry }) => {
    for (const late of ENTRIES) {
      for (const early of ENTRIES.filter(name => !PARTS[late].every(part => PARTS[name].includes(part)))) {
        await tab.open();
        tab.requests.length = 0;
        const [said, before, after] = await tab.bare(async (_, { early, late, urls }) => {
          const { uses } = await import('/support/parts.js');
          const first = await import(urls[early]);
          await first.init();
          const before = await uses[early](first);
          const second = await import(urls[late]);
          const said = await (async () => uses[late](second))().catch(({ code, message }) => [code, /imported after init\(\); await init\(\) once more/.test(message)]);
          await Promise.all([second.init(), first.init()]);
          return [said, before, [await uses[early](first), await uses[late](second)]];
        }, { early, late, urls: { [early]: entry(`taskloom/${early}`), [late]: entry(`taskloom/${late}`) } });
        assert.deepEqual(said, CAN_WAIT.includes(late) ? 'works' : ['not-initialized', true], `${late} after ${early}`);
        assert.deepEqual([before, after], ['works', ['works', 'works']], `${late} after ${early}`);
        assert.deepEqual(partsIn(tab.requests), partsOf([early, late]));
      }
    }
  }, { timeout: 180_000 });

  test('a late part that is not there fails the init() that asks for it, and nothing else', async (tab, { entry }) => {
    tab.expectProblem(/404|Failed to fetch|ERR_FAILED|NetworkError/i, { optional: true });
    isAway = true;
    const urls = { tasks: entry('taskloom/tasks'), memo: entry('taskloom/memo') };
    const failures = await tab.bare(async ({ rejectionOf, thrownBy }, urls) => {
      const { init, run } = await import(urls.tasks);
      await init();
      const { cacheData } = await import(urls.memo);
      window.cached = cacheData(word => word);
      return [(await rejectionOf(init())).code, thrownBy(() => window.cached('x')).code, await run(() => 'works')];
    }, urls);
    isAway = false;
    assert.deepEqual(failures, ['load-failed', 'load-failed', 'works']);
    assert.equal(await tab.bare(async (_, { memo }) => {
      await (await import(memo)).init();
      return window.cached('works');
    }, urls), 'works');
  });

  test('the whole wasm stands for all parts, also of what is imported later', async (tab, { entry }) => {
    const whole = '/node_modules/taskloom/taskloom_bg.wasm';
    const urls = { tasks: entry('taskloom/tasks'), state: entry('taskloom/state') };
    for (const start of Object.keys(starts)) {
      await tab.open();
      tab.requests.length = 0;
      assert.deepEqual(await tab.bare(async ({ thrownBy }, { urls, whole, start }) => {
        const { starts } = await import('/support/parts.js');
        const tasks = await import(urls.tasks);
        await starts[start](tasks, whole);
        const before = await tasks.run(() => 'works');
        const { init, stateRef } = await import(urls.state);
        const { code } = thrownBy(() => stateRef('word').value);
        await init();
        return [before, code, stateRef('word', { factory: () => 'works' }).value];
      }, { urls, whole, start }), ['works', 'not-initialized', 'works'], start);
      assert.deepEqual(partsIn(tab.requests), ['bg'], start);
    }
  });

  test('a pool and an asynchronous cached function that are imported later fetch their parts by their first calls', async (tab, { entry }) => {
    tab.requests.length = 0;
    const urls = Object.fromEntries(['tasks', 'workers', 'memo', 'state'].map(name => [name, entry(`taskloom/${name}`)]));
    assert.deepEqual(await tab.bare(async (_, urls) => {
      const tasks = await import(urls.tasks);
      await tasks.init();
      const { WorkerPool } = await import(urls.workers);
      const pool = new WorkerPool('/support/workers/jobs.js', { size: 1 });
      // A pool whose part is not there yet changes nothing for the timers of tasks.
      await tasks.run(() => new Promise(() => {}), { timeout: 20 }).catch(({ name }) => { if (name !== 'TimeoutError') throw name; });
      const { cacheData } = await import(urls.memo);
      const { stateRef } = await import(urls.state);
      const word = stateRef('word', { factory: () => 'works' });
      return [await Promise.all([pool.run('add', [1, 2]), cacheData(async word => word)('works'), tasks.run(() => 'works')]), word.value];
    }, urls), [[3, 'works', 'works'], 'works']);
    assert.deepEqual(partsIn(tab.requests), ['base', 'memo', 'pool', 'state', 'tasks']);
  });

  test('what is imported after parts comes as a part, also if init() is given the whole then', async (tab, { entry }) => {
    tab.requests.length = 0;
    assert.deepEqual(await tab.bare(async (_, { tasks, state, whole }) => {
      const { init, run } = await import(tasks);
      await init();
      const { stateRef } = await import(state);
      await init(whole);
      return [await run(() => 'works'), stateRef('word', { factory: () => 'works' }).value];
    }, { tasks: entry('taskloom/tasks'), state: entry('taskloom/state'), whole: '/node_modules/taskloom/taskloom_bg.wasm' }), ['works', 'works']);
    // Nothing may be there twice: a second base would have a memory of its own.
    assert.deepEqual(partsIn(tab.requests), ['base', 'state', 'tasks']);
  });

  test('initSync() refuses what is no wasm of this build, and to come after parts', async (tab, { entry }) => {
    assert.deepEqual(await tab.bare(async ({ thrownBy }, { tasks, memo, whole }) => {
      const { init, initSync, run } = await import(tasks);
      const bytes = await (await fetch(whole)).arrayBuffer();
      const codes = [undefined, 'taskloom_bg.wasm', new ArrayBuffer(8), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)].map(input => thrownBy(() => initSync(input)).code);
      await init();
      initSync(bytes); // all that is imported is there: nothing is to be done
      await import(memo);
      codes.push(thrownBy(() => initSync(bytes)).code);
      await init();
      initSync(bytes);
      return [...codes, await run(() => 'works')];
    }, { tasks: entry('taskloom/tasks'), memo: entry('taskloom/memo'), whole: '/node_modules/taskloom/taskloom_bg.wasm' }),
    ['invalid-argument', 'invalid-argument', 'load-failed', 'build-mismatch', 'invalid-argument', 'works']);
  });

  test('a worker of the page has parts of its own', async (tab, { entry }) => {
    assert.equal(await tab.bare(async (_, url) => {
      const worker = new Worker('/support/workers/library.js', { type: 'module' });
      worker.postMessage(url);
      const said = await new Promise((resolve, reject) => Object.assign(worker, { onmessage: ({ data }) => resolve(data), onerror: reject }));
      worker.terminate();
      return said;
    }, entry('taskloom')), 'works');
  });
}
