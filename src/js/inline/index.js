// A pool that runs functions of the page in workers, from their source text: `taskloom/inline`.

import { TaskloomError } from '../base/errors.js';
import { WorkerPool } from '../pool/index.js';
import { inlinePools } from './pool.js';

export const inlineWorkerPool = /* @__PURE__ */ inlinePools(WorkerPool, TaskloomError);
