// The types of inline pools as their users meet them.

import { runInExecutor, type Task } from 'taskloom';
import { inlineWorkerPool } from 'taskloom/inline';
import type { JobContext } from 'taskloom/worker';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => {};

const pool = inlineWorkerPool({ size: 2, name: 'inline' });

const add = (a: number, b = 1) => a + b;
const load = async (path: string) => path.length;
const count = function* (to: number) { for (let i = 0; i < to; i++) yield i; return 'counted'; };
const countLater = async function* (to: number) { for (let i = 0; i < to; i++) yield i; return Promise.resolve('counted'); };
const report = async (ctx: JobContext<string>, n: number) => (ctx.progress('x'), n);
const reportAndYield = function* (ctx: JobContext, n: number) { yield n > ctx.attempt; return n; };

const sum = pool.run(add, [1, 2]);
same<typeof sum, Task<number, unknown>>(true);
const sumOfOne = pool.run(add, [1], { timeout: '1s', context: false });
same<typeof sumOfOne, Task<number, unknown>>(true);
const length = pool.run(load, ['x'], { transfer: [], retry: { maxAttempts: 2 } });
same<typeof length, Task<number, unknown>>(true);
const counted = pool.run(count, [3]);
same<typeof counted, Task<string, number>>(true);
const countedLater = pool.run(countLater, [3]);
same<typeof countedLater, Task<string, number>>(true);
const reported = pool.run(report, [1], { context: true });
same<typeof reported, Task<number, string>>(true);
const yielded = pool.run(reportAndYield, [1], { context: true });
same<typeof yielded, Task<number, boolean>>(true);
const alone = pool.run(({ attempt }) => attempt, [], { context: true });
same<typeof alone, Task<number, unknown>>(true);

// @ts-expect-error: of the wrong type
pool.run(add, ['1']);
// @ts-expect-error: no array
pool.run(add, 1);
// @ts-expect-error: no object
pool.run(add, [1], 5);
// @ts-expect-error: the function wants a context
pool.run(report, [1]);
// @ts-expect-error: the context is not the caller's
pool.run(report, [{} as JobContext<string>, 1], { context: true });
// @ts-expect-error: an inline pool has no jobs of its own
pool.api;

const addLater = pool.job(add, { timeout: '1s', name: 'sum' });
same<Parameters<typeof addLater>, [a: number, b?: number | undefined]>(true);
same<ReturnType<typeof addLater>, Task<number, unknown>>(true);
const countThere = pool.job(count);
same<ReturnType<typeof countThere>, Task<string, number>>(true);
const reportThere = pool.job(report, { context: true, priority: 'background' });
same<Parameters<typeof reportThere>, [n: number]>(true);
same<ReturnType<typeof reportThere>, Task<number, string>>(true);
const yieldThere = pool.job(reportAndYield, { context: true });
same<ReturnType<typeof yieldThere>, Task<number, boolean>>(true);

// @ts-expect-error: of the wrong type
addLater('1');
// @ts-expect-error: the context is not the caller's
reportThere({} as JobContext<string>, 1);

const shared = runInExecutor(reportThere, { executor: 'worker', deduplicate: true, key: n => String(n) });
same<Parameters<typeof shared>, [n: number]>(true);
same<ReturnType<typeof shared>, Task<number, string>>(true);
