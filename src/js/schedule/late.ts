// What only some jobs need.

import { Late } from '../base/late.js';

/** What the tabs of an origin say to one another about a job of `scope: 'origin'`. */
export const origins = /* @__PURE__ */ new Late(() => import('./origin.js'));
