// Schedules that all tabs share, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import { handle } from './pool/server.mjs';
import control from './schedule-origin/control.mjs';
import bfcache from './schedule-origin/bfcache.mjs';
import clocks from './schedule-origin/clocks.mjs';
import deaths from './schedule-origin/deaths.mjs';
import hanging from './schedule-origin/hanging.mjs';
import junk from './schedule-origin/junk.mjs';
import late from './schedule-origin/late.mjs';
import missed from './schedule-origin/missed.mjs';
import storage from './schedule-origin/storage.mjs';
import { withTabs } from './schedule-origin/support.mjs';
import { ofOneUser } from './state/support.mjs';
import { browsers, chromiumWithBackForwardCache, isWanted } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

/** Firefox holds back the timers of all tabs but one, and has tabs of one origin share a thread: there, only what does not go by either. */
const topics = { Chromium: { control, missed, hanging, storage, junk, clocks, deaths }, Firefox: { missed, junk, deaths } };

for (const browser of browsers) {
  describe(`schedules of all tabs in ${browser.name}`, () => {
    const test = withTabs(inPage(ofOneUser(browser), { handle }));
    for (const [topic, register] of Object.entries(topics[browser.name])) describe(topic, () => register(test, { browser }));
    describe('late', () => {
      const away = { pattern: undefined }; // files that the server does not have
      const isAway = ({ url }, response) => away.pattern?.test(url) && response.writeHead(404).end('no');
      late(withTabs(inPage(ofOneUser(browser), { handle: (...given) => isAway(...given) ? true : handle(...given) })), { away });
    });
  });
}

if (isWanted(chromiumWithBackForwardCache)) {
  describe('schedules of all tabs in the back/forward cache of Chromium', () => bfcache(withTabs(inPage(ofOneUser(chromiumWithBackForwardCache), { handle }))));
}
