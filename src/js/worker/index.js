// The worker's side of a pool: `taskloom/worker`. It needs no wasm and loads nothing.

import { TaskloomError, invalid } from '../base/errors.js';
import { takesContext } from '../base/job.js';
import { serve } from './serve.js';

export { NonRetryableError } from '../base/border.js';
export { job } from '../base/job.js';
export { TaskloomError };

let exposed = false;

/** Makes functions callable by the page's pool under their names. */
export function expose(jobs, { cleanUp } = {}) {
  if (typeof WorkerGlobalScope === 'undefined' || !(self instanceof WorkerGlobalScope) || typeof self.postMessage !== 'function') {
    throw new TaskloomError('invalid-argument', 'expose() was called outside a dedicated worker; call it in the file that new Worker() loads');
  }
  if (exposed) throw new TaskloomError('invalid-argument', 'expose() was called twice; pass all jobs in one object');
  if (typeof jobs !== 'object' || jobs === null) throw invalid(`what ${location.href} gives to expose()`, jobs, 'an object of functions');
  const names = Object.keys(jobs);
  for (const name of names) if (typeof jobs[name] !== 'function') throw invalid(`the job ${name} that ${location.href} exposes`, jobs[name], 'a function');
  if (cleanUp !== undefined && typeof cleanUp !== 'function') throw invalid('cleanUp', cleanUp, 'a function');
  exposed = true;

  serve(jobs, names, takesContext, cleanUp);
}
