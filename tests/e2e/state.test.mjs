// Session state, through the packed package and without a bundler: one suite, run in each browser.

import { describe } from 'node:test';
import codec from './state/codec.mjs';
import copies from './state/copies.mjs';
import expiry from './state/expiry.mjs';
import fork from './state/fork.mjs';
import garbage from './state/garbage.mjs';
import quota from './state/quota.mjs';
import refs from './state/refs.mjs';
import store from './state/store.mjs';
import { ofOneUser, onEmptyStorage } from './state/support.mjs';
import tabs from './state/tabs.mjs';
import workers from './state/workers.mjs';
import writing from './state/writing.mjs';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

const topics = { refs, store, codec, garbage, writing, quota, expiry, tabs, fork, copies, workers };

/** A sandboxed frame has an origin of its own, and loads the library from another. */
function handle(_, response) {
  response.setHeader('Access-Control-Allow-Origin', '*');
  return false;
}

for (const browser of browsers) {
  describe(`session state in ${browser.name}`, () => {
    const test = onEmptyStorage(inPage(ofOneUser(browser), { handle }));
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test, { browser }));
  });
}
