// What wasm-bindgen's test runner tells the browsers' drivers. It reads a JSON file of WebDriver capabilities that it finds by the
// environment variable WASM_BINDGEN_TEST_WEBDRIVER_JSON; ours is made for this machine, in the target folder.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Arguments for a Chromium that makes no calls of its own and starts as root, as in a container. */
export function chromiumArguments({ asRoot = process.getuid?.() === 0 } = {}) {
  return [
    '--headless', ...(asRoot ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ];
}

/** The WebDriver capabilities for one browser: `'chrome'` or `'firefox'`. */
export function capabilities(browser, { chromium, firefox }) {
  return browser === 'chrome'
    ? { 'goog:chromeOptions': { binary: chromium, args: chromiumArguments() } }
    : { 'moz:firefoxOptions': { binary: firefox, args: ['-headless'] } };
}

/** Writes the file for one browser into a folder, and returns the environment that makes the test runner read it. */
export function webdriverEnvironment(browser, paths, folder) {
  const file = path.join(folder, `webdriver-${browser}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(capabilities(browser, paths), null, 2)}\n`);
  return {
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: file,
    // Seconds that the driver has to start; the default of 5 is short for a machine busy with something else. Of all tests together it is 20.
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '60',
  };
}
