import workerpool from 'workerpool';
import * as jobs from './workers/jobs.js';

workerpool.worker({ ...jobs });
