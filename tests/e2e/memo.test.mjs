// The memo cache in one page, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import bounds from './memo/bounds.mjs';
import calls from './memo/calls.mjs';
import copies from './memo/copies.mjs';
import decorators from './memo/decorators.mjs';
import errors from './memo/errors.mjs';
import expiry from './memo/expiry.mjs';
import failing from './memo/failing.mjs';
import garbage from './memo/garbage.mjs';
import judging from './memo/judging.mjs';
import keys from './memo/keys.mjs';
import methods from './memo/methods.mjs';
import options from './memo/options.mjs';
import polluted from './memo/polluted.mjs';
import isPrivate from './memo/private.mjs';
import refreshing from './memo/refreshing.mjs';
import resources from './memo/resources.mjs';
import sharing from './memo/sharing.mjs';
import unhashable from './memo/unhashable.mjs';
import { browsers } from './support/browsers.mjs';
import { ofCore } from './support/matrix.mjs';
import { inOneDocument, inPage } from './support/suite.mjs';

/** What core decides, whatever the browser. */
const ofCoreAlone = { expiry, refreshing, failing, bounds };
/** What only computes, and differs by engine. */
const computing = { keys, unhashable, copies, options };
const others = { calls, sharing, methods, resources, decorators, garbage, private: isPrivate, errors, polluted, judging };

for (const browser of browsers) {
  describe(`the memo cache in ${browser.name}`, () => {
    const test = inPage(browser);
    for (const [topic, register] of Object.entries(ofCoreAlone)) describe(topic, () => register(ofCore(test, browser), { browser }));
    for (const [topic, register] of Object.entries(computing)) describe(topic, () => register(inOneDocument(test), { browser }));
    for (const [topic, register] of Object.entries(others)) describe(topic, () => register(test, { browser }));
  });
}
