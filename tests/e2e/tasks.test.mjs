// Tasks on the page, through the packed package: one suite, run in each browser.

import { describe } from 'node:test';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';
import attempts from './tasks/attempts.mjs';
import cancelling from './tasks/cancelling.mjs';
import children from './tasks/children.mjs';
import disposing from './tasks/disposing.mjs';
import grace from './tasks/grace.mjs';
import lanes from './tasks/lanes.mjs';
import limits from './tasks/limits.mjs';
import loading from './tasks/loading.mjs';
import options from './tasks/options.mjs';
import outcome from './tasks/outcome.mjs';
import priorities from './tasks/priorities.mjs';
import progress from './tasks/progress.mjs';
import promise from './tasks/promise.mjs';
import queue from './tasks/queue.mjs';
import recursion from './tasks/recursion.mjs';
import responsiveness from './tasks/responsiveness.mjs';
import retrying from './tasks/retrying.mjs';
import robustness from './tasks/robustness.mjs';
import subscribing from './tasks/subscribing.mjs';
import thenables from './tasks/thenables.mjs';

const topics = {
  loading, outcome, cancelling, progress, subscribing, limits, retrying, children, queue, options, robustness, responsiveness,
  attempts, disposing, priorities, promise, thenables, recursion, grace,
};

for (const browser of browsers) {
  describe(`tasks in ${browser.name}`, () => {
    const test = inPage(browser);
    for (const [topic, register] of Object.entries(topics)) describe(topic, () => register(test));
    if (browser.name === 'Chromium') describe('lanes', () => lanes(test)); // takes its scheduler away
  });
}
