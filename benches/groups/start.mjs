// How long it takes from the start of a page to the first result: with parts of the wasm, with the one file, and with the peers that stand for it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium as playwright } from 'playwright-core';
import { serve } from '../../scripts/serve.mjs';
import { chromium } from '../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../scripts/setup/webdriver.mjs';
import { bundlers } from '../../tests/e2e/bundlers/build.mjs';
import { workshop, writeApp } from '../../tests/e2e/imports/apps.mjs';
import { rowsOf } from '../harness/report.js';

const told = (imports, work) => `${imports}
  ${work}
  window.took = performance.now();`;
const slim = (names) => `import init, { ${names} } from 'taskloom/slim';
  await init(new URL('./taskloom_bg.wasm', import.meta.url));`;

/** By row: the contenders' apps. Each leaves in `window.took` when it had its result, in milliseconds since the page's start. */
const ROWS = {
  'one task': {
    taskloom: told("import init, { run } from 'taskloom'; await init();", 'await run(() => 1);'),
    'taskloom/slim': told(slim('run'), 'await run(() => 1);'),
    'p-queue, p-retry': told(
      "import PQueue from 'p-queue'; import pRetry from 'p-retry';", 'await new PQueue().add(() => pRetry(() => 1));',
    ),
    'no library': told('', 'await Promise.resolve(1);'),
  },
  'a task, a value, a cache and a cron expression': {
    taskloom: told(
      "import init, { Cron, cacheData, run, stateRef } from 'taskloom'; await init();",
      "await run(() => stateRef('n', { factory: () => cacheData((n) => n)(1) }).value); new Cron('0 9 * * *').nextRun();",
    ),
    'taskloom/slim': told(
      slim('Cron, cacheData, run, stateRef'),
      "await run(() => stateRef('n', { factory: () => cacheData((n) => n)(1) }).value); new Cron('0 9 * * *').nextRun();",
    ),
    'p-queue, p-retry, zustand, lru-cache, croner': told(
      `import PQueue from 'p-queue'; import pRetry from 'p-retry'; import { LRUCache } from 'lru-cache'; import { Cron } from 'croner';
      import { createStore } from 'zustand/vanilla'; import { createJSONStorage, persist } from 'zustand/middleware';`,
      `const cache = new LRUCache({ max: 100 });
      const store = createStore(persist(() => ({ n: 1 }), { name: 'n', storage: createJSONStorage(() => sessionStorage) }));
      await new PQueue().add(() => pRetry(() => cache.set(1, store.getState().n)));
      new Cron('0 9 * * *').nextRun();`,
    ),
  },
};

export default async function measure({ library, rounds }) {
  const folder = await workshop(library.directory);
  const browser = await playwright.launch({ executablePath: (await chromium()).chromium, args: chromiumArguments() });
  try {
    const rows = [];
    for (const [index, [name, apps]] of Object.entries(ROWS).entries()) {
      const servers = new Map();
      for (const [i, [contender, app]] of Object.entries(apps).entries()) {
        const at = await writeApp(join(folder, `start-${index}-${i}`), { app: () => app });
        await writeFile(join(at, 'package.json'), '{ "private": true, "type": "module" }\n');
        const warnings = await bundlers.esbuild(at);
        if (warnings.length > 0) throw new Error(warnings.join('\n'));
        servers.set(contender, await serve({ roots: { '/': join(at, 'dist') } }));
      }
      const samples = Object.fromEntries([...servers.keys()].map((contender) => [contender, { cold: [], warm: [] }]));
      for (let round = 0; round < rounds; round++) {
        for (const contender of shuffled([...servers.keys()])) {
          const { cold, warm } = await start(browser, servers.get(contender).url);
          samples[contender].cold.push(cold);
          samples[contender].warm.push(warm);
        }
      }
      for (const server of servers.values()) await server.close();
      rows.push(...rowsOf({
        rows: ['cold', 'warm'].map((field) => ({ name: `start of a page to the result of ${name}, ${field}`, unit: 'ms', field })),
      }, samples));
    }
    return rows;
  } finally {
    await browser.close();
  }
}

/** The page in a browser without caches, and again by a reload, in milliseconds since its start. */
async function start(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    const cold = await result(page);
    await page.reload();
    return { cold, warm: await result(page) };
  } finally {
    await context.close();
  }
}

/** By polling: the page's CSP forbids what waitForFunction() does. */
async function result(page) {
  for (;;) {
    const took = await page.evaluate('window.took');
    if (took !== undefined) return took;
    await sleep(5);
  }
}

function shuffled(list) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
