// The packed package where there is no browser or not a whole one, and what can come in the way of its wasm.

import bundles from './hosts/bundles.mjs';
import loading from './hosts/loading.mjs';
import './hosts/node.mjs';
import './hosts/resolving.mjs';
import sweep from './hosts/sweep.mjs';
import worker from './hosts/worker.mjs';
import { browsers } from './support/browsers.mjs';

for (const browser of browsers) {
  loading(browser);
  bundles(browser);
  worker(browser);
  sweep(browser);
}
