import { expose } from 'taskloom/worker';

expose({ add: (a, b) => a + b });
