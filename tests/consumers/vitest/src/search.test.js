import { gather, run, scheduleInterval, TaskManager, TaskloomError, WorkerPool, asCompleted, sessionStore, getScheduler } from 'taskloom';
import { beforeAll, expect, test, vi } from 'vitest';
import { counter, lookUp, ready, search } from './search.js';

beforeAll(() => ready);

test('a search gives what it has found', async () => {
  expect(await search(['one', 'two'])).toEqual(['one', 'two']);
});

test('a cached answer is a copy of its own, with its types', async () => {
  const [first, second] = [await lookUp('three'), await lookUp('three')];
  expect(second).toEqual({ word: 'three', at: new Date(0), letters: new Set('three') });
  expect(second).not.toBe(first);
});

test('a search that is given up rejects with an AbortError', async () => {
  const controller = new AbortController();
  const task = run(() => new Promise(() => {}), { signal: controller.signal });
  controller.abort();
  await expect(task).rejects.toMatchObject({ name: 'AbortError' });
});

test('a failing task is tried again, after a delay', async () => {
  let calls = 0;
  const task = run(() => {
    if (++calls < 3) throw new Error('not yet');
    return calls;
  }, { retry: { maxAttempts: 3, baseDelay: 5 } });
  expect(await task).toBe(3);
});

test('progress, priorities, checkpoints and queues work', async () => {
  const manager = new TaskManager({ concurrency: 2 });
  const tasks = ['user-blocking', 'user-visible', 'background'].map(priority => manager.submit(async ctx => {
    ctx.progress(1);
    for (const end = performance.now() + 8; performance.now() < end;);
    await ctx.checkpoint();
    return priority;
  }, { priority }));
  expect(await gather(tasks)).toEqual(['user-blocking', 'user-visible', 'background']);
  const order = [];
  for await (const { task } of asCompleted([run(() => 1), run(() => 2)])) order.push(await task);
  expect(order).toEqual([1, 2]);
});

test('state is kept, with its types, and listeners hear of changes', async () => {
  const searches = await counter();
  const heard = vi.fn();
  searches.subscribe(heard);
  searches.value += 1;
  expect(searches.value).toBe(1);
  expect(heard).toHaveBeenCalledWith(1, 0);
  const store = sessionStore({ namespace: 'app' });
  store.set('when', new Map([[new Date(5), [1n, NaN]]]));
  store.flush();
  expect(store.get('when')).toEqual(new Map([[new Date(5), [1n, NaN]]]));
});

test('a schedule ticks', async () => {
  const ticked = new Promise(resolve => scheduleInterval(resolve, { every: 5, jobId: 'tick' }));
  await ticked;
  await getScheduler().shutdown();
});

test('a wait can be skipped with fake timers', async () => {
  vi.useFakeTimers();
  try {
    const task = run(() => new Promise(() => {}), { timeout: '30s' });
    const outcome = expect(task).rejects.toMatchObject({ name: 'TimeoutError' });
    await vi.advanceTimersByTimeAsync(30_000);
    await outcome;
  } finally {
    vi.useRealTimers();
  }
});

test('there are no workers here, and a pool says so', () => {
  expect(typeof Worker).toBe('undefined');
  expect(() => new WorkerPool('/jobs.js')).toThrow(TaskloomError);
  expect(() => new WorkerPool('/jobs.js')).toThrow(expect.objectContaining({ code: 'not-supported' }));
});
