// The same for who has imported the one file, whose pools these are.

import { TaskloomError, WorkerPool } from './slim.js';
import { inlinePools } from '../../src/js/inline/pool.js';

export const inlineWorkerPool = inlinePools(WorkerPool, TaskloomError);
