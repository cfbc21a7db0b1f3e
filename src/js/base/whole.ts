// All parts as one: the one file of `taskloom/slim`, whose wasm is not divided.

import { part } from './parts.js';

const whole = /* @__PURE__ */ part('');

export {
  whole as basePart, whole as memoPart, whole as poolPart, whole as schedulePart, whole as sharedPart, whole as statePart, whole as tasksPart,
};
