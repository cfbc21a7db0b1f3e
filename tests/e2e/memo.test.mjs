// The memo cache in one page, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import bounds from './memo/bounds.mjs';
import calls from './memo/calls.mjs';
import copies from './memo/copies.mjs';
import decorators from './memo/decorators.mjs';
import expiry from './memo/expiry.mjs';
import failing from './memo/failing.mjs';
import garbage from './memo/garbage.mjs';
import keys from './memo/keys.mjs';
import methods from './memo/methods.mjs';
import options from './memo/options.mjs';
import refreshing from './memo/refreshing.mjs';
import resources from './memo/resources.mjs';
import sharing from './memo/sharing.mjs';
import unhashable from './memo/unhashable.mjs';
import { chromium, firefox } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = { calls, keys, unhashable, copies, sharing, expiry, refreshing, failing, bounds, methods, resources, decorators, options, garbage };

for (const browser of [chromium, firefox]) {
  describe(`the memo cache in ${browser.name}`, () => {
    const test = inPage(browser);
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { browser }));
  });
}
