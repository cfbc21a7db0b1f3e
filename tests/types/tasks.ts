// Type tests: this file compiles if the declarations keep their promises. Nothing runs.

import init, { run, RetryPolicy, TaskManager, TaskloomError } from 'taskloom';
import type { Task, TaskContext, TaskStatus } from 'taskloom';
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
is<Equal<typeof loading.status, TaskStatus>>();

// The context works when destructured.
run(async ({ signal, progress, checkpoint, attempt }) => {
  progress(attempt);
  await checkpoint();
  return fetch('/', { signal });
});

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
