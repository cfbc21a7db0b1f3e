// What only some caches need.

import { Late } from '../base/late.js';

/** The storage of `persist`. */
export const stored = /* @__PURE__ */ new Late(() => import('./stored.js'));
/** The other tabs of `scope: 'origin'`. */
export const others = /* @__PURE__ */ new Late(() => import('./origin.js'));
/** The tasks as which functions made by `job()` run. */
export const jobs = /* @__PURE__ */ new Late(() => import('./jobs.js'));
