// The types of the worker pool as its users meet them.

import { WorkerPool, callback, runInExecutor, transfer, type JobArguments, type Task } from 'taskloom';
import { inlineWorkerPool } from 'taskloom/inline';
import { expose, job, type JobContext } from 'taskloom/worker';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

const jobs = {
  add: (a: number, b: number) => a + b,
  load: async (path: string) => path.length,
  render: job(async (ctx: JobContext<number>, scene: { width: number }) => {
    ctx.progress(0.5);
    // @ts-expect-error: the progress values are numbers
    ctx.progress('half');
    return ctx.transfer(new Uint8Array(scene.width), []);
  }),
  count: async function* (to: number) {
    for (let i = 0; i < to; i++) yield i;
    return 'counted';
  },
};
expose(jobs);

const pool = new WorkerPool<typeof jobs>(() => new Worker(new URL('./jobs.js', import.meta.url), { type: 'module' }), {
  size: 'auto', idleTimeout: Infinity, startTimeout: '10s',
});

const sum = pool.run('add', [1, 2]);
same<typeof sum, Task<number, unknown>>(true);
const length = pool.api.load('x');
same<Awaited<typeof length>, number>(true);
const rendered = pool.run('render', [{ width: 3 }], { transfer: [], timeout: '1s', retry: { maxAttempts: 2 } });
same<typeof rendered, Task<Uint8Array<ArrayBuffer>, number>>(true);
const counted = pool.api.count(3);
same<typeof counted, Task<string, number>>(true);

// @ts-expect-error: no such job
pool.run('subtract', [1, 2]);
// @ts-expect-error: the arguments are missing
pool.run('add');
// @ts-expect-error: the arguments are missing
pool.run('add', undefined, { timeout: '1s' });
const alone = new WorkerPool<{ ping: () => string; maybe: (n?: number) => number; all: (...n: number[]) => number; needs: (n: number) => number }>('/jobs.js');
const pong = alone.run('ping');
same<typeof pong, Task<string, unknown>>(true);
[alone.run('maybe'), alone.run('maybe', [1]), alone.run('all'), alone.run('all', [1, 2], { timeout: '1s' }), alone.run('needs', [1])];
// @ts-expect-error: the arguments are missing
alone.run('needs');
// @ts-expect-error: of the wrong type
alone.run('maybe', ['1']);
/** A wrapper whose job is not known yet. */
const call = <N extends keyof typeof jobs>(name: N, args: JobArguments<(typeof jobs)[N]>) => pool.run(name, args);
same<ReturnType<typeof call<'add'>>, Task<number, unknown>>(true);
// @ts-expect-error: an argument is missing
pool.run('add', [1]);
// @ts-expect-error: of the wrong type
pool.api.add(1, '2');
// @ts-expect-error: the context is not the caller's
pool.run('render', [{} as JobContext, { width: 3 }]);

const render = runInExecutor(pool.job('render'), { executor: 'worker', retry: { maxAttempts: 3 } });
same<ReturnType<typeof render>, Task<Uint8Array<ArrayBuffer>, number>>(true);
same<Parameters<typeof render>, [scene: { width: number }]>(true);

new WorkerPool(({ id }) => new Worker(new URL('./jobs.js', import.meta.url), { type: 'module', name: `jobs ${id.toFixed()}` }));
const untyped = new WorkerPool('/jobs.js');
same<ReturnType<typeof untyped.api.anything>, Task<unknown, unknown>>(true);
const bytes = new Uint8Array(8);
same<ReturnType<typeof transfer<Uint8Array<ArrayBuffer>>>, Uint8Array<ArrayBuffer>>(true);
untyped.api.anything!(transfer(bytes, [bytes.buffer]));

const inline = inlineWorkerPool({ size: 2 });
same<ReturnType<typeof inline.run<[number], number>>, Task<number, unknown>>(true);
[inline.run(() => 1), inline.run((a?: number) => a), inline.run((...all: number[]) => all.length, [1, 2])];
// @ts-expect-error: the arguments are missing
inline.run((a: number) => a);
const doubled = inline.run((n: number) => n * 2, [21]);
same<Awaited<typeof doubled>, number>(true);
const watched = inline.run(async (ctx: JobContext<string>, n: number) => (ctx.progress('x'), n), [1], { context: true });
same<typeof watched, Task<number, string>>(true);
// @ts-expect-error: of the wrong type
inline.run((n: number) => n * 2, ['21']);

const ask = callback((name: string, size: number) => name.length > size);
same<typeof ask, (name: string, size: number) => Promise<boolean>>(true);
same<ReturnType<typeof pool.close>, Promise<void>>(true);
void pool.close({ timeout: '5s' });
same<ReturnType<typeof pool.cancelWaiting>, number>(true);
// @ts-expect-error: no function
callback(5);
