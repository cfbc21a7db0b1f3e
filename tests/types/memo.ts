// The types of the memo cache as its users meet them. Nothing runs.

import { WorkerPool, cacheData, cacheResource, job, objectId, runInExecutor } from 'taskloom';
import type { CacheEvent, CacheInfo, CacheStats, CachedFunction, Task, TaskContext } from 'taskloom';

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const is = <_ extends true>() => {};

// A cached function has the arguments and the result of its own: synchronous stays synchronous.
const square = cacheData((n: number) => n * n, { ttl: '1m', ttlJitter: 0.1, maxEntries: 500 });
is<Equal<ReturnType<typeof square>, number>>();
is<Equal<Parameters<typeof square>, [n: number]>>();
square(2).toFixed();
// @ts-expect-error another type of argument
square('2');
const price = cacheData(async (symbol: string, day?: Date) => ({ symbol, day }), { refresh: 'background', staleIfError: '10m', errorTtl: 1000 });
is<Equal<ReturnType<typeof price>, Promise<{ symbol: string; day: Date | undefined }>>>();
is<Equal<ReturnType<typeof price.peek>, { symbol: string; day: Date | undefined } | undefined>>();
const noSignal = new AbortController().signal;
is<Equal<ReturnType<ReturnType<typeof price.with>>, Promise<{ symbol: string; day: Date | undefined }>>>();
price.with({ signal: noSignal, onProgress: value => value })('ACME').then(({ symbol }) => symbol.length);
price.with({ signal: noSignal }).refresh('ACME');
price.clear();
price.clear('ACME', new Date());
// @ts-expect-error another type of argument
price.clear(5);
price.warm([['A'], ['B', new Date()]]).then(endings => endings.map(({ status }) => status));
is<Equal<ReturnType<typeof price.stats>, CacheStats>>();
is<Equal<ReturnType<typeof price.info>, CacheInfo | undefined>>();
const stop: () => void = price.subscribe((event: CacheEvent) => { if (event.type === 'evicted') event.reason satisfies string; });
stop();
{
  using own = cacheData(() => 1);
  own();
}

// Options know the function's own types.
cacheData((user: { id: number }, verbose: boolean) => [user.id, verbose], { key: user => user.id, ignore: [1], sizeOf: pair => pair.length, maxBytes: 1e6 });
cacheData((url: URL) => url.href, { hashFuncs: new Map([[URL, (url: URL) => url.href]]), onEvict: (value, reason, key) => [value.length, reason, key] });
cacheData(async (id: number) => ({ id, ok: true }), { ttl: ({ ok }, id) => (ok && id > 0 ? '1h' : 5000), keepIf: ({ ok }, id) => ok && id > 0, maxStale: '1d' });
// @ts-expect-error a promise is no decision
cacheData(async (id: number) => id, { keepIf: async () => true });
price.set(['A'], { symbol: 'A', day: undefined });
price.set(['A', new Date()], Promise.resolve({ symbol: 'A', day: undefined }));
// @ts-expect-error another type of value
price.set(['A'], 5);
is<Equal<ReturnType<typeof price.clearIf>, number>>();
price.clearIf(({ symbol }, key) => symbol === 'A' || key === 'A');
// @ts-expect-error no such copy
cacheData(() => 1, { copy: 'deep' });
// @ts-expect-error a resource is not copied
cacheResource(() => ({}), { copy: 'clone' });
// @ts-expect-error a resource is not stored
cacheResource(() => ({}), { persist: 'local' });

// All tabs: every call returns a promise.
const shared = cacheData((n: number) => n + 1, { name: 'shared', scope: 'origin' });
is<Equal<ReturnType<typeof shared>, Promise<number>>>();

// A job's context is none of its arguments.
const rows = cacheData(job(async (ctx: TaskContext<number>, table: string) => { ctx.progress(1); return table.length; }));
is<Equal<Parameters<typeof rows>, [table: string]>>();

// Resources.
class Connection {
  isOpen = true;
  close() {}
}
const connect = cacheResource(async (_name: string) => new Connection(), { validate: each => each.isOpen, onRelease: (each, reason) => each.close() ?? reason });
is<Equal<typeof connect, CachedFunction<(_name: string) => Promise<Connection>>>>();
is<Equal<ReturnType<typeof objectId>, number>>();

// Methods.
class Repository {
  constructor(readonly base: string) {}
  @cacheData({ ttl: '1m', hashFuncs: () => new Map([[Repository, (repository: Repository) => repository.base]]) })
  async load(id: number) {
    return `${this.base}/${id}`;
  }
  @cacheData
  name() {
    return this.base;
  }
}
is<Equal<ReturnType<Repository['load']>, Promise<string>>>();

// Tasks.
const work = runInExecutor(async (n: number) => n, { cache: { ttl: '1m' }, retry: { maxAttempts: 2 } });
is<Equal<ReturnType<typeof work>, Task<number, unknown>>>();
work.cache.clear(1);
const pool = new WorkerPool<{ add(a: number, b: number): number }>('./jobs.js');
const add = runInExecutor(pool.job('add'), { executor: 'worker', cache: { maxEntries: 10 } });
add(1, 2).then(sum => sum.toFixed());
add.cache.peek(1, 2)?.toFixed();
