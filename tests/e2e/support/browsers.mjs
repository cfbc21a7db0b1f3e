// The browsers that the tests run in. Their pages have the same methods as far as these tests go: playwright-core's for Chromium,
// puppeteer-core's (WebDriver BiDi) for Firefox, which playwright can't drive as it is installed.

import { after } from 'node:test';
import { chromium as playwright } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import * as installed from '../../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../../scripts/setup/webdriver.mjs';
import { everything } from './matrix.mjs';

/** @typedef {{ newPage(): Promise<import('playwright-core').Page>, newContext(): Promise<import('playwright-core').BrowserContext>, close(): Promise<void> }} Browser */

/**
 * `launch()` gives a user's browser, with storage of its own. Behind it is one process for each file of tests. It is Chromium's headless shell
 * where there is one: the same engine without windows, tabs and extensions, in which a page costs a third. With all of the suite it is the
 * whole browser.
 */
export const chromium = {
  name: 'Chromium',
  /** @returns {Promise<Browser>} */
  launch: () => (everything ? wholeChromium.launch() : browserOfOneUser('Chromium', async () => {
    const { chromium, headlessShell = chromium } = await installed.browsers();
    return playwright.launch({ executablePath: headlessShell, args: chromiumArguments() });
  })),
};

/** Chromium as users have it, for what the headless shell lacks. */
export const wholeChromium = whole('Chromium, whole');

export const firefox = {
  name: 'Firefox',
  /** @returns {Promise<Browser>} */
  launch: () => browserOfOneUser('Firefox', async () => {
    const { firefox: executablePath } = await installed.browsers();
    return puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  }),
};

/** The same with the back/forward cache, which playwright switches off unless it is told not to. */
export const chromiumWithBackForwardCache = whole('Chromium, whole, with its back/forward cache', { ignoreDefaultArgs: ['--disable-back-forward-cache'] });

function whole(process, options) {
  return {
    name: 'Chromium',
    /** @returns {Promise<Browser>} */
    launch: () => browserOfOneUser(process, async () => {
      const { chromium: executablePath } = await installed.chromium();
      return playwright.launch({ executablePath, args: chromiumArguments(), ...options });
    }),
  };
}

const wanted = process.env.TASKLOOM_BROWSERS?.split(',');

/** Those of the browsers that this run is to use: both, unless `npm test` divides them. */
export const browsers = [chromium, firefox].filter(({ name }) => !wanted || wanted.includes(name.toLowerCase()));

/** Whether this run uses a browser; for what runs in one of them only. */
export const isWanted = browser => browsers.some(({ name }) => name === browser.name);

const processes = new Map();

after(() => Promise.all([...processes.values()].map(async starting => (await starting.catch(() => undefined))?.close())));

async function browserOfOneUser(name, launch) {
  if (!processes.has(name)) processes.set(name, launch());
  const browser = await processes.get(name);
  const contexts = [];
  const newContext = async options => {
    const context = await (browser.newContext?.(options) ?? browser.createBrowserContext());
    contexts.push(context);
    return context;
  };
  let first;
  return {
    newContext,
    // Pages of playwright's browsers share nothing, those of puppeteer's share storage.
    newPage: async () => (browser.newContext ? newContext() : (first ??= newContext())).then(context => context.newPage()),
    close: async () => { await Promise.all(contexts.splice(0).map(context => context.close().catch(() => {}))); },
  };
}
