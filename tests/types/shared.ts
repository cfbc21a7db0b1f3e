// The types of shared state as its users meet them. Nothing runs.

import { sharedState } from 'taskloom/shared';
import type { LockContext, SharedChange, SharedPresence, SharedState } from 'taskloom/shared';

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const is = <_ extends true>() => {};

// Without types any value goes.
const loose = await sharedState('app');
is<Equal<typeof loose, SharedState>>();
await loose.set('anything', new Blob([]));
await loose.update('count', n => (n ?? 0) + 1);

// With them keys and values are checked.
interface App {
  count: number;
  user: { name: string } | null;
}
const shared = await sharedState<App>('app', { durable: true, lease: '5s', onError: ({ message }) => void message, onReset: () => {} });
is<Equal<ReturnType<typeof shared.get<'count'>>, number | undefined>>();
is<Equal<Awaited<ReturnType<typeof shared.set>>, number>>();
await shared.set('user', { name: 'a' }, { ifVersion: shared.getVersion('user'), signal: AbortSignal.timeout(5) });
// @ts-expect-error another type of value
await shared.set('count', 'one');
// @ts-expect-error no such key
shared.get('other');
// @ts-expect-error no such option
await sharedState('app', { storage: 'local' });

const next = await shared.update('count', n => (n ?? 0) + 1);
is<Equal<typeof next, number>>();
await shared.update('user', async user => ({ name: `${user?.name}!` }));
// @ts-expect-error it returns another type
await shared.update('count', () => 'one');

const result = await shared.lock('count', async context => {
  is<Equal<typeof context, LockContext<number>>>();
  await context.set((context.value ?? 0) + 1);
  // @ts-expect-error another type of value
  await context.set('one');
  return context.token > 0;
}, { ifAvailable: true, lease: 500 });
is<Equal<typeof result, boolean>>();

const stop = shared.subscribe('count', change => { is<Equal<typeof change, SharedChange<number, 'count'>>>(); });
is<Equal<typeof stop, () => void>>();
shared.subscribe(undefined, change => {
  is<Equal<typeof change.key, 'count' | 'user'>>();
  if (change.key === 'count') is<Equal<typeof change.value, number | undefined>>();
});
loose.subscribe(undefined, ({ key }) => { is<Equal<typeof key, string>>(); });
// What takes any shared state takes one with types.
const keysOf = (any: SharedState): readonly string[] => any.keys();
keysOf(shared);
await shared.clear({ signal: AbortSignal.timeout(5) });
await shared.touch('count', { signal: AbortSignal.timeout(5) });
const { tabs }: SharedPresence = shared.presence();
is<Equal<boolean, (typeof tabs)[number]['self']>>();
is<Equal<ReturnType<typeof shared.noRerun<number>>, number>>();
using disposed = shared;
void disposed;
// @ts-expect-error
shared.name = 'other';
