// An app built by Parcel 2, whose resolver reads `main` unless a project turns `exports` on.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve } from '../../../scripts/serve.mjs';
import { chromium } from '../support/browsers.mjs';
import { everything } from '../support/matrix.mjs';
import { patient } from '../support/patience.mjs';
import { consumer, tool } from './support.mjs';

describe('an app built by Parcel', { skip: !everything && 'runs with --all' }, () => {
  let server, browser;

  before(async () => {
    const folder = await consumer('parcel');
    await rm(path.join(folder, 'dist'), { recursive: true, force: true });
    await tool(folder, 'parcel', ['build', '--no-cache']);
    server = await serve({ roots: { '/': path.join(folder, 'dist') }, csp: null }); // Parcel writes an import map into the page
    browser = await chromium.launch();
  }, { timeout: patient(600_000) });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('it resolves, init() finds the wasm that Parcel has emitted, and a worker answers', { timeout: patient(60_000) }, async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    while (!await page.evaluate('Boolean(window.app)')) await new Promise(resolve => setTimeout(resolve, 50)); // waitForFunction() would need eval
    assert.deepEqual(await page.evaluate(`window.app.then(async ({ run, pool }) => [await run(() => 1), await pool.api.add(1, 2)])`), [1, 3]);
    await page.close();
  });
});
