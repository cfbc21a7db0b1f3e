// The stored and shared side of cached functions, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import bfcache from './memo-storage/bfcache.mjs';
import blocked from './memo-storage/blocked.mjs';
import executor from './memo-storage/executor.mjs';
import judging from './memo-storage/judging.mjs';
import late from './memo-storage/late.mjs';
import origin from './memo-storage/origin.mjs';
import persist from './memo-storage/persist.mjs';
import quota from './memo-storage/quota.mjs';
import { onEmptyOrigin } from './memo-storage/support.mjs';
import tabs from './memo-storage/tabs.mjs';
import { handle } from './pool/server.mjs';
import { ofOneUser } from './state/support.mjs';
import { browsers, chromiumWithBackForwardCache, isWanted } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = { persist, quota, origin, tabs, executor, blocked, judging };

for (const browser of browsers) {
  describe(`stored and shared caches in ${browser.name}`, () => {
    const test = onEmptyOrigin(inPage(ofOneUser(browser), { handle }));
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { browser }));
    describe('late', () => {
      const away = { pattern: undefined }; // files that the server does not have
      const isAway = ({ url }, response) => away.pattern?.test(url) && response.writeHead(404).end('no');
      late(onEmptyOrigin(inPage(ofOneUser(browser), { handle: (...given) => isAway(...given) ? true : handle(...given) })), { away });
    });
  });
}

if (isWanted(chromiumWithBackForwardCache)) {
  describe('stored and shared caches in the back/forward cache of Chromium', () => bfcache(onEmptyOrigin(inPage(ofOneUser(chromiumWithBackForwardCache), { handle }))));
}
