// Every option may be undefined, as it is where an app hands on its own: with exactOptionalPropertyTypes `signal: props.signal` is an error else.

import type {
  CacheCallOptions, CacheDataOptions, CacheResourceOptions, CallOptions, CronJobOptions, CronOptions, ExecutorOptions, InitOptions, IntervalOptions, OnceOptions, RetryOptions, ScheduleOptions, SetOptions, SlotOptions,
  StoreOptions, TaskManagerOptions, TaskOptions, WorkerPoolOptions,
} from 'taskloom';
import { WorkerPool, cacheData, gather, getScheduler, run, runInExecutor, scheduleCron, scheduleInterval, sessionTasks, stateRef } from 'taskloom';
import { inlineWorkerPool, type InlineCallOptions } from 'taskloom/inline';
import type { ExposeOptions } from 'taskloom/worker';

/** The same options, where those that may be left out may be undefined too. */
type Loose<O> = { [K in keyof O]: {} extends Pick<O, K> ? O[K] | undefined : O[K] };
const takesUndefined = <O>(_: Loose<O> extends O ? true : false): void => {};

type F = (a: number, b?: string) => Promise<number>;
takesUndefined<InitOptions>(true);
takesUndefined<TaskOptions>(true);
takesUndefined<RetryOptions>(true);
takesUndefined<TaskManagerOptions>(true);
takesUndefined<ExecutorOptions<[number]>>(true);
takesUndefined<WorkerPoolOptions>(true);
takesUndefined<CallOptions>(true);
takesUndefined<InlineCallOptions>(true);
takesUndefined<ExposeOptions>(true);
takesUndefined<CacheDataOptions<F>>(true);
takesUndefined<CacheResourceOptions<F>>(true);
takesUndefined<CacheCallOptions>(true);
takesUndefined<CronOptions>(true);
takesUndefined<ScheduleOptions<[number]>>(true);
takesUndefined<IntervalOptions<[]>>(true);
takesUndefined<CronJobOptions<[]>>(true);
takesUndefined<OnceOptions<[]>>(true);
takesUndefined<StoreOptions>(true);
takesUndefined<SlotOptions<number>>(true);
takesUndefined<SetOptions>(true);
// The check itself: this one is refused.
takesUndefined<{ a?: number }>(false);

declare const maybe: { signal: AbortSignal | undefined; name: string | undefined; flag: boolean | undefined; no: undefined };
const { signal, name, flag, no } = maybe;
run(() => 1, { signal, name, manager: no, timeout: no, retry: { maxAttempts: no, onRetry: no } });
gather([run(() => 1)], { returnErrors: no }).then(([n]) => n.toFixed());
gather([run(() => 1)], { returnErrors: flag });
gather(new Set([run(() => 1)]), { returnErrors: no });
sessionTasks('tasks', { remember: flag, storage: no });
runInExecutor((a: number) => a, { name, context: no, executor: no, key: no, manager: no })(1);
getScheduler().shutdown({ cancelRunning: flag });
const pool = new WorkerPool<{ add: (a: number, b: number) => number; ping: () => string }>('/jobs.js', { size: no, name });
pool.run('add', [1, 2], { signal, transfer: no });
pool.run('ping', undefined, { signal });
pool.close({ timeout: no });
inlineWorkerPool({ size: no }).run((a: number) => a, [1], { context: no, signal });
stateRef('a', { factory: () => 1, namespace: no, type: no, onError: no });
cacheData(async (a: number) => a, { name, persist: no, ttl: no, scope: no })(1);
scheduleInterval(() => 1, { every: 5, args: no, signal, onError: no });
scheduleCron(() => 1, { cron: '* * * * *', timeZone: no, dialect: no, maxRuns: no });
