// The stored and shared side of cached functions, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import { chromium as playwright } from 'playwright-core';
import * as installed from '../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../scripts/setup/webdriver.mjs';
import bfcache from './memo-storage/bfcache.mjs';
import executor from './memo-storage/executor.mjs';
import origin from './memo-storage/origin.mjs';
import persist from './memo-storage/persist.mjs';
import quota from './memo-storage/quota.mjs';
import { onEmptyOrigin } from './memo-storage/support.mjs';
import tabs from './memo-storage/tabs.mjs';
import { handle } from './pool/server.mjs';
import { ofOneUser } from './state/support.mjs';
import { chromium, firefox } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = { persist, quota, origin, tabs, executor };

for (const browser of [chromium, firefox]) {
  describe(`stored and shared caches in ${browser.name}`, () => {
    const test = onEmptyOrigin(inPage(ofOneUser(browser), { handle }));
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { browser }));
  });
}

/** Playwright switches the back/forward cache off unless it is told not to. */
const withBackForwardCache = {
  name: 'Chromium',
  async launch() {
    const { chromium: executablePath } = await installed.chromium();
    return playwright.launch({ executablePath, args: chromiumArguments(), ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  },
};

describe('stored and shared caches in the back/forward cache of Chromium', () => bfcache(onEmptyOrigin(inPage(ofOneUser(withBackForwardCache), { handle }))));
