// Schedules in one page, through the packed package and without a bundler: one suite, run in each browser.

import { readFile } from 'node:fs/promises';
import { describe } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import cron from './schedule/cron.mjs';
import croner from './schedule/croner.mjs';
import garbage from './schedule/garbage.mjs';
import interval from './schedule/interval.mjs';
import missed from './schedule/missed.mjs';
import overlap from './schedule/overlap.mjs';
import panic from './schedule/panic.mjs';
import running from './schedule/running.mjs';
import scheduler from './schedule/scheduler.mjs';
import { chromium, firefox } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = { cron, croner, running, interval, overlap, missed, scheduler, garbage, panic };

const source = await readFile(fromRoot('node_modules', 'croner', 'dist', 'croner.js'));

/** Serves the peer that we are compared with. */
function handle(request, response) {
  if (request.url !== '/croner.js') return false;
  response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
  response.end(source);
  return true;
}

for (const browser of [chromium, firefox]) {
  describe(`schedules in ${browser.name}`, () => {
    const test = inPage(browser, { handle });
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { browser }));
  });
}
