// The worker pool, through the packed package and without a bundler: one suite, run in each browser on plain and on cross-origin
// isolated pages.

import { describe } from 'node:test';
import calls from './pool/calls.mjs';
import callbacks from './pool/callbacks.mjs';
import cancelling from './pool/cancelling.mjs';
import closing from './pool/closing.mjs';
import deaths from './pool/deaths.mjs';
import errors from './pool/errors.mjs';
import foreign from './pool/foreign.mjs';
import life from './pool/life.mjs';
import limits from './pool/limits.mjs';
import platforms from './pool/platforms.mjs';
import progress from './pool/progress.mjs';
import protocol from './pool/protocol.mjs';
import serializing from './pool/serializing.mjs';
import { handle } from './pool/server.mjs';
import starting from './pool/starting.mjs';
import torture from './pool/torture.mjs';
import transferring from './pool/transferring.mjs';
import values from './pool/values.mjs';
import { browsers, chromium } from './support/browsers.mjs';
import { everything } from './support/matrix.mjs';
import { inPage } from './support/suite.mjs';

/** What depends on how a call gets to its worker, by messages or by shared memory, and on the browser. */
const transport = { calls, progress, callbacks, cancelling, deaths, protocol, torture, values };
/** What doesn't: in plain pages of Firefox and isolated ones of Chromium, so that each browser and each way has it once. */
const others = { transferring, serializing, errors, limits, starting, foreign, life, closing, platforms };

for (const browser of browsers) {
  for (const isolated of [false, true]) {
    describe(`worker pools in ${browser.name}, ${isolated ? 'cross-origin isolated' : 'plain page'}`, () => {
      const test = inPage(browser, { isolated, handle });
      const isOnce = isolated === (browser === chromium);
      const topics = { ...transport, ...(everything || isOnce ? others : {}) };
      for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { isolated, browser }));
    });
  }
}
