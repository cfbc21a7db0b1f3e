// Runs experiments in a headless Chromium.

import { rm } from 'node:fs/promises';
import { chromium as playwright } from 'playwright-core';
import { serve } from '../../scripts/serve.mjs';
import { chromium } from '../../scripts/setup/browsers.mjs';
import { bundle } from './bundle.mjs';

const KEY_INTERVAL = 10;

/** An experiment that takes longer than this, in milliseconds, hangs. */
const PATIENCE = 180_000;

const ARGUMENTS = [
  '--headless',
  '--no-sandbox', // Chromium refuses to run as root with one
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--js-flags=--expose-gc',
  '--enable-precise-memory-info',
];

/**
 * Opens a browser for the named groups. `describe` and `measure` are those of page.js; each group has
 * a page of its own, and a second, cross-origin isolated one for the experiments that ask for it.
 * `close` ends all.
 */
export async function openBrowser({ benches, groups, library }) {
  const closers = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const bundled = await bundle({ benches, groups, library });
    closers.push(() => rm(bundled, { recursive: true }));
    const roots = { '/bench/': bundled, '/taskloom/': library.directory };
    const servers = {};
    for (const isolated of [false, true]) {
      servers[isolated] = await serve({ roots, isolated });
      closers.push(servers[isolated].close);
    }
    const { chromium: executablePath } = await chromium();
    const browser = await playwright.launch({ executablePath, args: ARGUMENTS });
    closers.push(() => browser.close());

    const pages = new Map();
    const pageOf = async (group, isolated) => {
      const key = pageKey(group, isolated);
      if (!pages.has(key)) pages.set(key, await openPage(browser, servers[isolated].url));
      const page = pages.get(key);
      await page.bringToFront();
      return page;
    };
    return {
      close,
      async describe(group) {
        const page = await pageOf(group, false);
        return page.evaluate((name) => globalThis.taskloomBench.describe(name), group);
      },
      async measure(group, index, { isolated, rounds }) {
        const page = await pageOf(group, isolated);
        const samples = page.evaluate((args) => globalThis.taskloomBench.measure(...args), [group, index, rounds]);
        return within(PATIENCE, samples, async () => {
          // The experiments that follow get a new page.
          pages.delete(pageKey(group, isolated));
          await page.close();
        });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const pageKey = (group, isolated) => `${group} ${isolated}`;

/** What `promise` gives, or an error, after `giveUp`, if it takes longer than `limit`. */
async function within(limit, promise, giveUp) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      promise.catch(() => {}); // it fails when its page closes
      giveUp().finally(() => reject(new Error(`not done after ${limit / 1000} s`)));
    }, limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function openPage(browser, url) {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) console.error(`  in the page: ${message.text()}`);
  });
  page.on('pageerror', (error) => console.error(`  in the page: ${error.message}`));
  await page.exposeFunction('taskloomBenchKeys', await keyboard(page));
  await page.goto(`${url}bench/harness/page.html`);
  return page;
}

/** Starts and stops a stream of real key presses, which the page's own thread has no part in sending. */
async function keyboard(page) {
  const session = await page.context().newCDPSession(page);
  let timer = null;
  return (action) => {
    clearInterval(timer);
    if (action !== 'start') return;
    timer = setInterval(() => {
      const key = { type: 'rawKeyDown', key: 'Shift', code: 'ShiftLeft', windowsVirtualKeyCode: 16 };
      // An answer comes only when the page has handled it, or not at all if the page is closed.
      session.send('Input.dispatchKeyEvent', key).catch(() => clearInterval(timer));
    }, KEY_INTERVAL);
  };
}
