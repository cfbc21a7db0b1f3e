// What all handles of the package have in common: one suite, run in each browser.

import { describe } from 'node:test';
import { chromium, firefox } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';
import handles from './face/handles.mjs';
import limits from './face/limits.mjs';
import realms from './face/realms.mjs';
import snapshots from './face/snapshots.mjs';

const topics = { handles, snapshots, realms, limits };

for (const browser of [chromium, firefox]) {
  describe(`the face in ${browser.name}`, () => {
    const test = inPage(browser);
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test));
  });
}
