// State that tabs share, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import basics from './shared/basics.mjs';
import bfcache from './shared/bfcache.mjs';
import counting from './shared/counting.mjs';
import frozen from './shared/frozen.mjs';
import junk from './shared/junk.mjs';
import locks from './shared/locks.mjs';
import presence from './shared/presence.mjs';
import storage from './shared/storage.mjs';
import { withTabs } from './shared/support.mjs';
import tabs from './shared/tabs.mjs';
import values from './shared/values.mjs';
import { ofOneUser } from './state/support.mjs';
import { browsers, chromium, chromiumWithBackForwardCache, isWanted } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = { basics, values, tabs, counting, locks, presence, storage, junk };

for (const browser of browsers) {
  describe(`shared state in ${browser.name}`, () => {
    const test = withTabs(inPage(ofOneUser(browser)));
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { browser }));
  });
}

if (isWanted(chromium)) describe('shared state with tabs of Chromium that stand still', () => frozen(withTabs(inPage(ofOneUser(chromium)))));
if (isWanted(chromiumWithBackForwardCache)) {
  describe('shared state in the back/forward cache of Chromium', () => bfcache(withTabs(inPage(ofOneUser(chromiumWithBackForwardCache)))));
}
