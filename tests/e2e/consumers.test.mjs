// The packed package in projects as users have them. What is big to install runs with `npm test -- --all`.

import './consumers/next.mjs';
import './consumers/parcel.mjs';
import react from './consumers/react.mjs';
import './consumers/runtimes.mjs';
import './consumers/vitest.mjs';
import { browsers } from './support/browsers.mjs';
import { everything } from './support/matrix.mjs';

for (const browser of everything ? browsers : browsers.slice(0, 1)) react(browser);
