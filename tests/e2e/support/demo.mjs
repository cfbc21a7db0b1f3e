// The demo in Chromium, as `npm start` serves it, for the tests of one of its rooms.

import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { serve } from '../../../scripts/serve.mjs';
import { chromium } from './browsers.mjs';
import { patient } from './patience.mjs';

/**
 * To be called in a `describe`. Returns `test(name, body)`, which calls `body()` with the room open, and fails if a page reports an error.
 *
 * `ready(page)` is called once before, and with `own: true` before each test, which then has a browser context of its own. The room is opened before each test,
 * with `once: true` before the first only. With `fakesClock` the pages have a clock that `page.clock` moves: it goes on by itself, and timers, dates and frames come at once
 * when it is moved.
 */
export function inRoom(room, ready, { own = false, once = false, fakesClock = false, timeout = 300_000 } = {}) {
  const problems = [];
  let server, browser, context, page;

  async function openContext() {
    await context?.close();
    context = await browser.newContext({ reducedMotion: 'reduce' }); // what moves all the time keeps a core busy
    context.setDefaultTimeout(patient(120_000));
    if (fakesClock) await context.clock.install();
    context.on('page', opened => {
      opened.on('console', message => { if (message.type() === 'error') problems.push(`console: ${message.text()}`); });
      opened.on('pageerror', error => problems.push(`uncaught: ${error?.message ?? error}`));
    });
    page = await context.newPage();
    ready(page);
  }

  async function openRoom() {
    if (own) await openContext();
    else await page.goto('about:blank'); // a change of the hash alone would not load the room afresh
    await page.goto(`${server.url}#/${room}`);
    await page.getByTestId(`room-${room}`).waitFor();
  }

  before(async () => {
    server = await serve({ roots: { '/': 'www', '/taskloom/': 'pkg' } });
    browser = await chromium.launch();
    if (!own) await openContext();
    if (once) await openRoom();
  }, { timeout: patient(60_000) });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  if (!once) beforeEach(openRoom);

  return (name, body) => it(name, { timeout: patient(timeout) }, async () => {
    await body();
    // A rejection counts as unhandled a turn after it happened.
    for (const each of context.pages()) await each.evaluate(() => new Promise(resolve => setTimeout(resolve)));
    assert.deepEqual(problems.splice(0), [], 'a page reports errors');
  });
}
