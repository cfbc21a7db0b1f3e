// The packed package in projects as users have them. What takes minutes to install runs when TASKLOOM_ALL is set.

import './consumers/vitest.mjs';
import './consumers/react.mjs';
import './consumers/parcel.mjs';
import './consumers/next.mjs';
import './consumers/runtimes.mjs';
