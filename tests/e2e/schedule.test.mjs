// Schedules in one page, through the packed package and without a bundler: one suite, run in each browser.

import { readFile } from 'node:fs/promises';
import { describe } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import cron from './schedule/cron.mjs';
import croner from './schedule/croner.mjs';
import garbage from './schedule/garbage.mjs';
import interval from './schedule/interval.mjs';
import many from './schedule/many.mjs';
import missed from './schedule/missed.mjs';
import once from './schedule/once.mjs';
import overlap from './schedule/overlap.mjs';
import panic from './schedule/panic.mjs';
import running from './schedule/running.mjs';
import scheduler from './schedule/scheduler.mjs';
import { browsers } from './support/browsers.mjs';
import { ofCore } from './support/matrix.mjs';
import { inOneDocument, inPage } from './support/suite.mjs';

/** What core decides, whatever the browser. */
const ofCoreAlone = { cron, interval, once, overlap, missed };
/** The same, of what only computes. */
const computing = { croner };
const others = { running, scheduler, many, garbage, panic };

const source = await readFile(fromRoot('node_modules', 'croner', 'dist', 'croner.js'));

/** Serves the peer that we are compared with. */
function handle(request, response) {
  if (request.url !== '/croner.js') return false;
  response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
  response.end(source);
  return true;
}

for (const browser of browsers) {
  describe(`schedules in ${browser.name}`, () => {
    const test = inPage(browser, { handle });
    for (const [topic, register] of Object.entries(ofCoreAlone)) describe(topic, () => register(ofCore(test, browser), { browser }));
    for (const [topic, register] of Object.entries(computing)) describe(topic, () => register(ofCore(inOneDocument(test), browser), { browser }));
    for (const [topic, register] of Object.entries(others)) describe(topic, () => register(test, { browser }));
  });
}
