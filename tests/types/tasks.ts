// Type tests: this file compiles if the declarations keep their promises. Nothing runs.

import init, {
  asCompleted, gather, onTask, race, run, runInExecutor, sessionTasks, timeout, NonRetryableError, RetryPolicy, TaskManager, TaskloomError,
} from 'taskloom';
import type { Task, TaskContext, TaskState } from 'taskloom';
import slim from 'taskloom/slim';

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const is = <_ extends true>() => {};

// The result's type comes from the function, promises unwrapped.
const number = run(async _ctx => 42);
is<Equal<typeof number, Task<number, unknown>>>();
const text = run(() => 'now');
is<Equal<typeof text.result, string>>();
const awaited = await run(async () => ({ rows: [1, 2] }));
is<Equal<typeof awaited, { rows: number[] }>>();

// The progress type comes from annotating the context.
const loading = run(async (ctx: TaskContext<{ done: number }>) => {
  ctx.progress({ done: 1 });
  // @ts-expect-error another type of progress
  ctx.progress('half');
  const child = ctx.run(async (inner: TaskContext<string>) => (inner.progress('a'), 1n));
  is<Equal<typeof child, Task<bigint, string>>>();
  return child;
});
is<Equal<typeof loading, Task<bigint, { done: number }>>>();
for await (const part of loading) is<Equal<typeof part, { done: number }>>();
is<Equal<ReturnType<typeof loading.drainProgress>, { done: number }[]>>();
is<Equal<typeof loading.state, TaskState>>();
is<Equal<typeof loading.promise, Promise<bigint>>>();
// @ts-expect-error: React and others write `status` on a thenable
loading.status;

// The context works when destructured.
run(async ({ signal, progress, checkpoint, attempt }) => {
  progress(attempt);
  await checkpoint();
  return fetch('/', { signal });
});

// Groups.
const both = await gather([run(() => 1), run(async () => 'a')]);
is<Equal<typeof both, [number, string]>>();
const many = await gather(new Set([run(() => 1)]));
is<Equal<typeof many, number[]>>();
const withErrors = await gather([run(() => 1)], { returnErrors: true });
is<Equal<typeof withErrors, [number | Error]>>();
for await (const { task, index } of asCompleted([run(() => 1)])) is<Equal<[typeof task.result, typeof index], [number, number]>>();
is<Equal<Awaited<ReturnType<typeof race<number>>>, number>>();
const mixed = [run(() => 1), run(() => 'a')] as const;
const first = await race([run(() => 1), run(() => 'a'), Promise.resolve(true), null]);
is<Equal<typeof first, string | number | boolean | null>>();
const firstOfList = await race([...mixed]);
is<Equal<typeof firstOfList, string | number>>();
const firstOfSet = await race(new Set(mixed));
is<Equal<typeof firstOfSet, string | number>>();
const firstOfTasks = await race<number>(new Set([run(() => 1)]));
is<Equal<typeof firstOfTasks, number>>();
const allOfSet = await gather(new Set(mixed));
is<Equal<typeof allOfSet, (string | number)[]>>();
const allOrErrors = await gather(new Set(mixed), { returnErrors: true });
is<Equal<typeof allOrErrors, (string | number | Error)[]>>();
const allOfTasks = await gather<number>(new Set([run(() => 1)]));
is<Equal<typeof allOfTasks, number[]>>();
for await (const { task } of asCompleted(mixed)) is<Equal<Awaited<typeof task>, string | number>>();
for await (const { task } of asCompleted([run(() => 1), run(() => 'a'), fetch('/')])) is<Equal<Awaited<typeof task>, string | number | Response>>();
const eitherInTime = await timeout(Math.random() > 0.5 ? run(() => 1) : run(() => 'a'), '1s');
is<Equal<typeof eitherInTime, string | number>>();
const inTime = await timeout(run(() => 1), '5s');
is<Equal<typeof inTime, number>>();

// Managers.
const manager = new TaskManager({ concurrency: 2, cancelGrace: '30s', timeout: 1000, rateLimit: { limit: 5, per: '1s' } });
new TaskManager({ cancelGrace: Infinity });
is<Equal<typeof manager.isRateLimited, boolean>>();
const stopListening: () => void = manager.onRateLimit(isLimited => is<Equal<typeof isLimited, boolean>>());
stopListening();
const moved: boolean = manager.submit(() => 1).setPriority('user-blocking');
void moved;
// @ts-expect-error no such class
number.setPriority('urgent');
// @ts-expect-error no bound is Infinity, not a word
new TaskManager({ cancelGrace: true });

// Named tasks, executors, events.
const named = sessionTasks('page', { remember: true }).getOrRun('load', () => run(async () => [1]));
is<Equal<typeof named.result, number[]>>();
const load = runInExecutor(async (day: string, limit?: number) => ({ day, limit }), { key: day => day, deduplicate: true });
is<Equal<Awaited<ReturnType<typeof load>>['day'], string>>();
// @ts-expect-error the arguments are the function's own
load(1);
const withContext = runInExecutor(async (ctx: TaskContext<number>, day: string) => day.length, { context: true });
is<Equal<typeof withContext extends (day: string) => Task<number> ? true : false, true>>();
onTask(({ type, task }) => console.log(type, task.name))();
run(() => { throw new NonRetryableError(new Error('no')); });

// Options.
run(() => 1, { name: 'a', timeout: '30s', queueTimeout: 5, priority: 'user-visible', retry: { maxAttempts: 2 } });
run(() => 1, { retry: new RetryPolicy({ retryOn: [TypeError, 'network'], delayFrom: error => error.after }) });
run(() => 1, { manager: new TaskManager({ concurrency: 2 }) });
// @ts-expect-error no such priority
run(() => 1, { priority: 'urgent' });
// @ts-expect-error a task is a function
run(42);

using scoped = run(() => 1);
scoped.finally(() => {});
const code: string = new TaskloomError('panic', 'text').code;

await init();
await init({ restart: true });
await init(new URL('x.wasm', 'https://example.org'));
await slim(await WebAssembly.compile(new ArrayBuffer(8)));
// @ts-expect-error slim needs the module
await slim();
void [code, number, text];
