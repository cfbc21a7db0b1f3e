// The worker pool, through the packed package and without a bundler: one suite, run in each browser on plain and on cross-origin
// isolated pages.

import { describe } from 'node:test';
import calls from './pool/calls.mjs';
import cancelling from './pool/cancelling.mjs';
import deaths from './pool/deaths.mjs';
import errors from './pool/errors.mjs';
import foreign from './pool/foreign.mjs';
import life from './pool/life.mjs';
import limits from './pool/limits.mjs';
import progress from './pool/progress.mjs';
import protocol from './pool/protocol.mjs';
import serializing from './pool/serializing.mjs';
import { handle } from './pool/server.mjs';
import starting from './pool/starting.mjs';
import torture from './pool/torture.mjs';
import transferring from './pool/transferring.mjs';
import { chromium, firefox } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = {
  calls, progress, transferring, serializing, errors, cancelling, limits, starting, deaths, foreign, life, protocol, torture,
};

for (const browser of [chromium, firefox]) {
  for (const isolated of [false, true]) {
    describe(`worker pools in ${browser.name}, ${isolated ? 'cross-origin isolated' : 'plain page'}`, () => {
      const test = inPage(browser, { isolated, handle });
      for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { isolated, browser }));
    });
  }
}
