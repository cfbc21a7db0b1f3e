// State that tabs share, beside what one would write by hand: in five tabs of one browser with a profile on disk.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium as playwright } from 'playwright-core';
import { serve } from '../../scripts/serve.mjs';
import { chromium } from '../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../scripts/setup/webdriver.mjs';
import { servedPackage } from '../harness/bundle.mjs';
import { rowsOf } from '../harness/report.js';
import { quantile, shuffled } from '../harness/statistics.js';

const TABS = 4;

/**
 * Each measures one round of one contender, and returns its fields. `tabs` are those that work, `observer` is one that listens; `key` is used by nobody else.
 * `targets` are the highest ratios allowed, from the design's measurements.
 */
const EXPERIMENTS = [
  {
    contenders: ['taskloom', 'by hand', 'by hand with a notice', 'one transaction'],
    rows: [{
      name: 'update, one tab writes and four listen', unit: 'us', field: 'each',
      target: { peer: 'by hand', max: 1.25, also: [{ peer: 'by hand with a notice', max: 1 }, { peer: 'one transaction', max: 2.2 }] },
    }],
    measure: async ({ tabs: [tab] }, contender, key) => ({ each: await tab.call('count', contender, key, 100, false) }),
  },
  {
    contenders: ['taskloom', 'by hand', 'one transaction'],
    rows: [{ name: '1,000 updates of one key by four tabs, one at a time each', unit: 'us', field: 'each', target: { peer: 'by hand', max: 1.11 } }],
    measure: (all, contender, key) => together(all, contender, key, 250, false),
  },
  {
    contenders: ['taskloom', 'by hand', 'one transaction'],
    rows: [{ name: '1,000 updates of one key by four tabs, 250 at once each', unit: 'us', field: 'each', target: { peer: 'by hand', max: 0.05 } }],
    measure: (all, contender, key) => together(all, contender, key, 250, true),
  },
  {
    contenders: ['taskloom', 'by hand'],
    as: { taskloom: 'taskloom, async', 'by hand': 'by hand, async' },
    rows: [{ name: 'update with an asynchronous function, one tab', unit: 'us', field: 'each', target: { peer: 'by hand', max: 1.67 } }],
    measure: async ({ tabs: [tab] }, contender, key) => ({ each: await tab.call('count', contender, key, 100, false) }),
  },
  {
    contenders: ['taskloom', 'by hand'],
    as: { taskloom: 'taskloom, async', 'by hand': 'by hand, async' },
    rows: [{ name: 'update with an asynchronous function, four tabs, one at a time each', unit: 'us', field: 'each', target: { peer: 'by hand', max: 1.67 } }],
    measure: (all, contender, key) => together(all, contender, key, 100, false),
  },
  {
    contenders: ['taskloom', 'by hand'],
    rows: [{ name: 'lock and set', unit: 'us', field: 'each', target: { peer: 'by hand', max: 2.5 } }],
    measure: async ({ tabs: [tab] }, contender, key) => ({ each: await tab.call('lock', contender, key, 100) }),
  },
  {
    contenders: ['taskloom', 'put and a message', 'a message'],
    rows: [
      { name: 'from a write of 100 bytes to another tab, median', unit: 'ms', field: 'p50', target: { peer: 'put and a message', max: 1.3 } },
      { name: 'from a write of 100 bytes to another tab, 95th percentile', unit: 'ms', field: 'p95', target: { peer: 'put and a message', max: 2 } },
    ],
    measure: (all, contender, key) => seen(all, contender, key, 100, 40),
  },
  {
    contenders: ['taskloom', 'put and a message', 'a message'],
    rows: [{ name: 'from a write of 1 MB to another tab, median', unit: 'ms', field: 'p50', target: { peer: 'put and a message', max: 1.3 } }],
    measure: (all, contender, key) => seen(all, contender, key, 1_000_000, 8),
  },
  {
    contenders: ['taskloom', 'by hand'],
    rows: [{ name: 'a late tab has 100 values', unit: 'ms', field: 'took', target: { peer: 'by hand', max: 2 } }],
    before: ({ tabs: [tab] }) => tab.call('prepare', 'late'),
    measure: async ({ observer }, contender) => ({ took: await observer.call('late', contender, 'late') }),
  },
  {
    contenders: ['taskloom', 'by hand'],
    rows: [{ name: 'from the end of a tab that holds a lock to the next that has it', unit: 'ms', field: 'took' }],
    measure: async ({ observer, another }, contender) => {
      const holder = await another();
      await holder.call('hold', contender);
      await observer.call('wait', contender);
      const begun = Date.now();
      await holder.page.close();
      return { took: await observer.page.evaluate(() => window.got) - begun };
    },
  },
];

/** All tabs count together, and nothing is lost. */
async function together({ tabs }, contender, key, count, atOnce) {
  const begun = performance.now();
  await Promise.all(tabs.map((tab) => tab.call('count', contender, key, count, atOnce)));
  const each = (performance.now() - begun) * 1000 / (count * tabs.length);
  for (let value; value !== count * tabs.length;) value = await tabs[0].call('value', contender, key);
  return { each };
}

/** How long values take from the call that writes to another tab. */
async function seen({ tabs: [tab], observer }, contender, key, length, count) {
  const took = [];
  for (let i = 0; i < count; i++) {
    await observer.call('expect', key);
    const begun = await tab.call('write', contender, key, length);
    took.push(await observer.page.evaluate(() => window.arrival) - begun);
  }
  return { p50: quantile(took, 0.5), p95: quantile(took, 0.95) };
}

export default async function measure({ library, rounds }) {
  if (!library.has('./shared')) return [];
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-bench-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'shared/page.js')], outdir: folder, bundle: true, minify: true, format: 'esm', target: 'esnext', logLevel: 'warning',
    plugins: [servedPackage(library)],
  });
  await writeFile(join(folder, 'index.html'), '<!doctype html><meta charset="utf-8"><title>A tab</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script>');
  const server = await serve({ roots: { '/': folder, '/taskloom/': library.directory } });
  const context = await playwright.launchPersistentContext(join(folder, 'profile'), { executablePath: (await chromium()).chromium, args: chromiumArguments() });
  try {
    const another = () => openTab(context, server.url);
    const tabs = [];
    for (let i = 0; i < TABS; i++) tabs.push(await another());
    const observer = await another();
    await observer.call('listen');
    const rows = [];
    for (const [index, experiment] of EXPERIMENTS.entries()) rows.push(...rowsOf(experiment, await run(experiment, index, { tabs, observer, another }, rounds)));
    return rows;
  } finally {
    await context.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** By contender and field, a sample of each round. In each round all have their turn, in a new order; the first round is for warming up. */
async function run({ contenders, as = {}, rows, before, measure }, index, all, rounds) {
  await before?.(all);
  const samples = Object.fromEntries(contenders.map((contender) => [contender, Object.fromEntries(rows.map(({ field }) => [field, []]))]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of shuffled(contenders)) {
      const fields = await measure(all, as[contender] ?? contender, `key ${index} ${round} ${contender}`);
      if (round > 0) for (const [field, value] of Object.entries(fields)) samples[contender][field]?.push(value);
    }
  }
  return samples;
}

async function openTab(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  for (let isReady; !isReady;) isReady = await page.evaluate('window.ready === true');
  const call = (name, ...args) => page.evaluate(([name, args]) => window.bench[name](...args), [name, args]);
  await call('open');
  return { page, call };
}
