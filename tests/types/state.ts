// The types of session state as its users meet them. Nothing runs.

import { sessionStore, stateRef } from 'taskloom';
import type { SessionStore, SlotOptions, StateRef, StorageKind, StoreError, StoreOptions, ValueType } from 'taskloom';
import { sessionStore as slim } from 'taskloom/slim';

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const is = <_ extends true>() => {};

// The value's type comes from the factory, or is said.
const count = stateRef('count', { namespace: 'page-1', factory: () => 0 });
is<Equal<typeof count, StateRef<number>>>();
count.value += 1;
is<Equal<ReturnType<typeof count.peek>, number | undefined>>();
// @ts-expect-error another type of value
count.value = 'one';
const user = stateRef<{ name: string } | null>('user', { type: [Object, null], expiresIn: '7d', version: 2, migrate: (value, version) => version > 0 ? null : { name: String(value) } });
is<Equal<typeof user.value, { name: string } | null>>();
is<Equal<typeof user.namespace, string | null>>();
is<Equal<ReturnType<typeof user.init>, boolean>>();
// @ts-expect-error the factory makes another type
user.init(() => 5);
// @ts-expect-error without a factory nobody knows the type
stateRef('unknown').value.toFixed();

// A reducer has what it is called with.
is<Equal<ReturnType<typeof count.reduce<[number, string]>>, number>>();
count.reduce((value, by: number, why: string) => value + by + why.length, 3, 'because');
count.reduce(value => value + 1);
// @ts-expect-error an argument is missing
count.reduce((value, by: number) => value + by);
// @ts-expect-error of the wrong type
count.reduce((value, by: number) => value + by, '3');
// @ts-expect-error it returns another type
count.reduce(value => `${value}`);

// Those who listen may hear of an emptied slot.
const stop = count.subscribe((value, previous) => {
  is<Equal<typeof value, number | undefined>>();
  is<Equal<typeof previous, number | undefined>>();
});
is<Equal<typeof stop, () => void>>();

// What can't be assigned.
// @ts-expect-error
count.persisted = true;
// @ts-expect-error
count.isInitialized = true;
// @ts-expect-error
count.key = 'other';

// Every form of a type that is checked.
abstract class Shape {}
const types: ValueType[] = [Number, String, Boolean, BigInt, Symbol, Function, Object, Array, Date, Map, Shape, null, undefined, [Number, [null]], [] as const];
stateRef('typed', { type: types });
// @ts-expect-error a name is no type
stateRef('typed', { type: 'number' });

// Stores.
const options: StoreOptions = {
  namespace: null, storage: 'local', expiresIn: Infinity, version: 1, migrate: (value, version, key) => [value, version.toFixed(), key.length], durable: true, enforceSerializable: true,
  onError(error) {
    is<Equal<typeof error, StoreError>>();
    is<Equal<typeof error.code, 'quota-exceeded' | 'storage-blocked' | 'corrupt' | 'version-mismatch' | 'migration-failed' | 'not-serializable'>>();
    is<Equal<typeof error.key, string | undefined>>();
    is<Equal<typeof error.aside, string | undefined>>();
  },
  onFork: (sessionId, originalId) => sessionId.length + originalId.length,
};
const store: SessionStore = sessionStore(options).set('a', 1).set('b', undefined, { expiresIn: '1h', durable: true });
is<Equal<typeof store.storage, StorageKind>>();
is<Equal<ReturnType<typeof store.get>, unknown>>();
is<Equal<ReturnType<typeof store.get<Date>>, Date | undefined>>();
for (const [key, value] of store) is<Equal<[typeof key, typeof value], [string, unknown]>>();
is<Equal<ReturnType<typeof store.entries>, [string, unknown][]>>();
store.subscribe((key, value, previous) => is<Equal<[typeof key, typeof value, typeof previous], [string, unknown, unknown]>>());
const slot: SlotOptions<string> = { factory: () => 'text', durable: false };
is<Equal<ReturnType<typeof store.ref<string>>, StateRef<string>>>();
store.ref('c', slot).value.trim();
is<Equal<ReturnType<typeof store.flush>, boolean>>();
is<Equal<ReturnType<typeof store.usage>, number>>();
slim().usage('a');
sessionStore();
// @ts-expect-error no such storage
sessionStore({ storage: 'disk' });
// @ts-expect-error not a key
store.get(5);
// @ts-expect-error a slot has no namespace of its own
store.ref('c', { namespace: 'other' });
// @ts-expect-error read only
store.namespace = 'other';

// The type of an empty list is that of `let list = []`.
is<Equal<ReturnType<typeof stateRef<never[]>>['value'], any[]>>();
stateRef('loads', { factory: () => [] }).reduce(all => [...all, new Date()]);
is<Equal<ReturnType<typeof stateRef<string[]>>['value'], string[]>>();
