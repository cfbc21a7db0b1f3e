// Calls from where the stack is all but used up, and listeners that feed themselves: one suite, run in each browser.

import { describe } from 'node:test';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';
import loops from './stack/loops.mjs';
import rows from './stack/rows.mjs';
import sweep from './stack/sweep.mjs';

const topics = { rows, sweep, loops };

for (const browser of browsers) {
  describe(`the end of the stack in ${browser.name}`, () => {
    const test = inPage(browser);
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test));
  });
}
