// The demo in Chromium, as `npm start` serves it, for the tests of one of its rooms.

import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { serve } from '../../../scripts/serve.mjs';
import { chromium } from './browsers.mjs';

/**
 * To be called in a `describe`. Returns `test(name, body)`, which calls `body()` in the room just opened, and fails if the page reports an error; `ready(page)` is
 * called once before.
 */
export function inRoom(room, ready, { timeout = 90_000 } = {}) {
  const problems = [];
  let server, browser, page;

  before(async () => {
    server = await serve({ roots: { '/': 'www', '/taskloom/': 'pkg' } });
    browser = await chromium.launch();
    page = await browser.newPage();
    page.on('console', message => { if (message.type() === 'error') problems.push(`console: ${message.text()}`); });
    page.on('pageerror', error => problems.push(`uncaught: ${error?.message ?? error}`));
    ready(page);
  }, { timeout: 60_000 });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  beforeEach(async () => {
    await page.goto('about:blank'); // a change of the hash alone would not load the room afresh
    await page.goto(`${server.url}#/${room}`);
    await page.getByTestId(`room-${room}`).waitFor();
  });

  return (name, body) => it(name, { timeout }, async () => {
    await body();
    assert.deepEqual(problems.splice(0), [], 'the page reports errors');
  });
}
