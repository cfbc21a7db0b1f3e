import { expose, job } from 'taskloom/worker';
import * as jobs from './workers/jobs.js';

expose({
  ...jobs,
  touch: job((ctx, buffer) => ctx.transfer(jobs.touch(buffer), [buffer])),
});
