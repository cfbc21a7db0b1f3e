// Importing and starting the library.

import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';

const wasmIn = requests => requests.filter(url => url.includes('.wasm'));

export default function loading(test) {
  test('importing fetches the JavaScript and no wasm, and leaves the page as it was', async tab => {
    const before = await tab.bare(() => Object.keys(globalThis).sort());
    const after = await tab.load(() => Object.keys(globalThis).sort());
    assert.deepEqual(after, before);
    assert(tab.requests.some(url => url.endsWith('taskloom.js')));
    assert.deepEqual(wasmIn(tab.requests), []);
  });

  test('init() ten times at once is one promise, and one fetch of each part of the wasm', async tab => {
    const [same, value] = await tab.load(async ({ init, default: alsoInit, run }) => {
      const promises = Array.from({ length: 10 }, (_, i) => (i % 2 ? init() : alsoInit()));
      await Promise.all(promises);
      await init();
      return [promises.every(promise => promise === promises[0]), await run(() => 42)];
    });
    assert.equal(same, true);
    assert.equal(value, 42);
    const fetched = wasmIn(tab.requests).map(url => /taskloom_(\w+)\.wasm$/.exec(url)?.[1]).sort();
    assert.deepEqual(fetched, ['base', 'memo', 'pool', 'schedule', 'state', 'tasks']);
  });

  test('a module that is not there rejects with load-failed and its address, and a later init() works', async tab => {
    tab.expectProblem(/404/, { optional: true }); // Chromium logs it, Firefox does not
    const [error, value] = await tab.load(async ({ init, run, rejectionOf }) => {
      const error = await rejectionOf(Promise.all([init('/missing.wasm'), init('/missing.wasm')]));
      await init();
      return [error, await run(() => 42)];
    });
    assert.equal(error.code, 'load-failed');
    assert.match(error.message, /missing\.wasm/);
    assert.match(error.message, /404/);
    assert.equal(value, 42);
  });

  test('init() finds the package\'s own parts when they come late', async (tab, { folder }) => {
    tab.expectProblem(/404/, { optional: true }); // Chromium logs it, Firefox does not
    const late = path.join(folder, 'node_modules', 'late');
    await cp(path.join(folder, 'node_modules', 'taskloom'), late, { recursive: true });
    await rename(path.join(late, 'taskloom_tasks.wasm'), path.join(late, 'away'));
    const entry = '/node_modules/late/taskloom.js';
    const error = await tab.load(({ init, rejectionOf }) => rejectionOf(init()), null, { entry });
    assert.equal(error.code, 'load-failed');
    await rename(path.join(late, 'away'), path.join(late, 'taskloom_tasks.wasm'));
    assert.equal(await tab.load(async ({ init, run }) => {
      await init();
      return run(() => 42);
    }, null, { entry }), 42);
  });

  test('a module that a server sends as the wrong type works', async (tab, { folder }) => {
    const served = path.join(folder, 'node_modules', 'wrong-type');
    await mkdir(served, { recursive: true });
    for (const name of ['module.txt', 'module.unknown']) {
      await copyFile(path.join(folder, 'node_modules/taskloom/taskloom_bg.wasm'), path.join(served, name));
      await tab.open();
      const [type, value] = await tab.load(async ({ init, run }, url) => {
        const { headers } = await fetch(url);
        await init(url);
        return [headers.get('content-type'), await run(() => 42)];
      }, `/node_modules/wrong-type/${name}`);
      assert.notEqual(type, 'application/wasm');
      assert.equal(value, 42);
    }
  });

  test('what is no module at all rejects with load-failed, or invalid-argument if it can\'t be one', async tab => {
    const codes = await tab.load(async ({ init, rejectionOf }) => {
      const codes = [];
      const sources = [
        () => new Uint8Array([1, 2, 3]), () => '/fixture.js', () => Promise.reject(new Error('no')), () => 'http://[',
        () => 5, () => Symbol('s'), () => true,
      ];
      for (const source of sources) codes.push((await rejectionOf(init(source()))).code);
      return codes;
    });
    assert.deepEqual(codes, [...Array(4).fill('load-failed'), ...Array(3).fill('invalid-argument')]);
  });

  test('taskloom/slim refuses to start without a module, and fetches nothing', async (tab, { entry }) => {
    const error = await tab.load(({ init, rejectionOf }) => rejectionOf(init()), null, { entry: entry('taskloom/slim') });
    assert.equal(error.code, 'invalid-argument');
    assert.match(error.message, /taskloom\/slim.*needs the wasm module/);
    assert.deepEqual(wasmIn(tab.requests), []);
  });

  test('taskloom/slim starts with a module in every form', async (tab, { entry }) => {
    const forms = {
      string: url => url,
      URL: url => new URL(url, location.href),
      Request: url => new Request(url),
      Response: url => fetch(url),
      ArrayBuffer: url => fetch(url).then(response => response.arrayBuffer()),
      bytes: url => fetch(url).then(response => response.arrayBuffer()).then(buffer => new Uint8Array(buffer)),
      module: url => WebAssembly.compileStreaming(fetch(url)),
      options: url => ({ module: url }),
    };
    for (const [name, form] of Object.entries(forms)) {
      await tab.open();
      const value = await tab.load(`async ({ init, run }, url) => {
        const source = (${form})(url);
        await init(${name === 'Response' ? 'await source' : 'source'});
        return run(() => 42);
      }`, entry('taskloom/wasm'), { entry: entry('taskloom/slim') });
      assert.equal(value, 42, name);
    }
  });

  test('the entries of the capabilities and the main one are one library', async (tab, { entry }) => {
    const names = ['tasks', 'workers', 'state', 'memo', 'schedule', 'session-tasks', 'executor'];
    assert.deepEqual(await tab.load(async (all, urls) => {
      await all.init();
      const others = [];
      for (const [name, url] of Object.entries(urls)) {
        const { default: init, ...entry } = await import(url);
        for (const each of Object.keys(entry)) if (entry[each] !== all[each]) others.push(`${name}: ${each}`);
        if (init !== all.init) others.push(name);
      }
      return others;
    }, Object.fromEntries(names.map(name => [name, entry(`taskloom/${name}`)])), { entry: entry('taskloom', { raw: true }) }), []);
  });
}
