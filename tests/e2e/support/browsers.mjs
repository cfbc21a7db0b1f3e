// The browsers that the tests run in. Their pages have the same methods as far as these tests go: playwright-core's for Chromium,
// puppeteer-core's (WebDriver BiDi) for Firefox, which playwright can't drive as it is installed.

import { chromium as playwright } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import * as installed from '../../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../../scripts/setup/webdriver.mjs';

/** @typedef {{ newPage(): Promise<import('playwright-core').Page>, close(): Promise<void> }} Browser */

export const chromium = {
  name: 'Chromium',
  /** @returns {Promise<Browser>} */
  async launch() {
    const { chromium: executablePath } = await installed.chromium();
    return playwright.launch({ executablePath, args: chromiumArguments() });
  },
};

export const firefox = {
  name: 'Firefox',
  /** @returns {Promise<Browser>} */
  async launch() {
    const { firefox: executablePath } = await installed.browsers();
    return puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  },
};
