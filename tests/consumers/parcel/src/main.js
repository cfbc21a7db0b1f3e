import init, { WorkerPool, run } from 'taskloom';

window.app = init().then(async () => {
  const pool = new WorkerPool(() => new Worker(new URL('./jobs.js', import.meta.url), { type: 'module' }), { size: 1 });
  return { run, pool };
});
