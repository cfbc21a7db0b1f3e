// The packed package where there is no browser, or not a whole one.

import './hosts/node.mjs';
import './hosts/loading.mjs';
import './hosts/bundles.mjs';
import './hosts/resolving.mjs';
import './hosts/sweep.mjs';
import './hosts/worker.mjs';
