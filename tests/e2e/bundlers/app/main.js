// An app as its author writes it. What the tests use of it is on the window.

import init, { TaskloomError, WorkerPool, run } from 'taskloom';

window.app = init().then(() => {
  const pool = new WorkerPool(() => new Worker(new URL('./jobs.js', import.meta.url), { type: 'module' }), { size: 2, cancelGrace: '10s' });
  return { TaskloomError, pool, run };
});
