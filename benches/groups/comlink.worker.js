import { expose } from 'comlink';
import * as jobs from './workers/jobs.js';

expose({ ...jobs });
