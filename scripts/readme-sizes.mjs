// Writes into the README what each import weighs in an app built with esbuild. `npm test` says when that is due.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { bundlers } from '../tests/e2e/bundlers/build.mjs';
import { buildAndFetch, folderOf, weightOf, workshop } from '../tests/e2e/imports/apps.mjs';
import { withSizes } from '../tests/e2e/imports/readme.mjs';
import { imports } from '../tests/e2e/imports/table.mjs';
import { chromium } from './setup/browsers.mjs';
import { main } from './setup/failure.mjs';
import { builtPackage } from './setup/package.mjs';
import { fromRoot } from './setup/root.mjs';
import { chromiumArguments } from './setup/webdriver.mjs';

await main(async () => {
  await builtPackage();
  const folder = await workshop(fromRoot('pkg'));
  const browser = await playwright.launch({ executablePath: (await chromium()).chromium, args: chromiumArguments() });
  const sizes = new Map();
  try {
    for (const entry of imports) {
      const files = await buildAndFetch(browser, bundlers.esbuild, path.join(folder, folderOf(entry)), entry);
      sizes.set(entry.name, weightOf(files));
    }
  } finally {
    await browser.close();
  }
  const file = fromRoot('README.md');
  await writeFile(file, withSizes(await readFile(file, 'utf8'), sizes));
  for (const [name, size] of sizes) console.log(`${name}: ${size.toFixed(1)} kB`);
});
