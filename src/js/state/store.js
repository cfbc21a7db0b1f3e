// Stores and references: what callers hold of slots.

import { statePart } from '#parts/state';
import { assertReady, checkReady, isEarly, isReady, keep, keepFor, thrownBy } from '../base/engine.js';
import { checkNames } from '../base/development.js';
import { TaskloomError, invalid, report, tell } from '../base/errors.js';
import { handle } from '../base/handle.js';
import { checkBoolean, checkObject, limit, optionalFunction } from '../base/options.js';
import { areaOf, isStorageKind } from './area.js';
import { encode } from './codec.js';
import { onFork as listenForFork, sessionId } from './session.js';
import { isInstance, isRecord } from '../base/values.js';
import { described } from './slot.js';

const MAX_VERSION = 0xffff_ffff;

// Not in the class, where it would hold the handle.
const bindLate = handle => void thrownBy(() => handle._bound);

/** What is bound to slots when it is made; before there is an engine, when there is one. */
class Bound {
  /** `check` reads the options that `bind` reads; `after` is called when it is bound. */
  _bindBy(check, bind, after = () => {}) {
    this._own = undefined;
    this._bind = () => {
      assertReady(statePart);
      this._own = bind();
      after();
      return this._own;
    };
    if (!isEarly(statePart)) return this._bind();
    check();
    // What is wrong is thrown again by the first use. A factory is called even if nobody has the reference any more.
    if (this._factory) keep(statePart, () => void thrownBy(() => this._bound));
    else keepFor(statePart, this, bindLate);
  }

  get _bound() {
    return this._own ?? this._bind();
  }

  get namespace() {
    return this._namespace;
  }

  get _policy() {
    return this._bound.policy;
  }
}

export const SessionStore = /* @__PURE__ */ handle(class SessionStore extends Bound {
  constructor(options = {}) {
    super();
    checkObject('options', options);
    if (DEV) checkNames('sessionStore()', options);
    const { namespace = null, storage = 'session', enforceSerializable = false, onError, onFork } = options;
    const own = pick(options);
    if (namespace !== null && typeof namespace !== 'string') throw invalid('namespace', namespace, 'a string or null');
    if (!isStorageKind(storage)) throw invalid('storage', storage, "'session', 'local' or 'memory'");
    checkBoolean('enforceSerializable', enforceSerializable);
    optionalFunction('onError', onError);
    optionalFunction('onFork', onFork);
    this._namespace = namespace;
    this._kind = storage;
    this._bindBy(() => new Policy(own), () => {
      const policy = new Policy(own);
      policy.enforce = enforceSerializable;
      policy.onError = onError ?? undefined;
      const space = areaOf(storage).space(namespace);
      if (onFork) listenForFork(namespace, onFork);
      if (storage === 'session') sessionId();
      policy.tellBlocked(space);
      return { policy, space };
    });
  }

  get _space() {
    return this._bound.space;
  }

  get storage() {
    return (this._own !== undefined || isReady(statePart)) && !this._space.area.storage ? 'memory' : this._kind;
  }

  get sessionId() {
    return sessionId();
  }

  get(key) {
    const slot = this._find(key);
    return slot?.read(this._policy) ? slot.value : undefined;
  }

  set(key, value, options = {}) {
    checkObject('options', options);
    if (DEV) checkNames('store.set()', options);
    const { expiresIn, durable = this._policy.durable } = options;
    checkBoolean('durable', durable);
    this._policy.write(this._slot(key), value, lifetime(expiresIn, this._policy.expiresIn), durable);
    return this;
  }

  has(key) {
    return this._find(key)?.read(this._policy) ?? false;
  }

  delete(key) {
    return this._find(key)?.clear(this._policy) ?? false;
  }

  keys() {
    return this._full().map(slot => slot.name);
  }

  entries() {
    return this._full().map(slot => [slot.name, slot.value]);
  }

  [Symbol.iterator]() {
    return this.entries()[Symbol.iterator]();
  }

  clear() {
    for (const slot of this._space.allSlots()) slot.clear(this._policy);
  }

  ref(key, options) {
    if (DEV) checkNames('store.ref()', options);
    return new StateRef(this, key, options);
  }

  subscribe(listener) {
    const stop = this._listen(listener);
    this._space.owner = this._policy;
    for (const slot of this._space.slots.all()) slot.watchEnd();
    return stop;
  }

  /** Without hearing of keys that only other pages have written. */
  _listen(listener) {
    const { _space: space } = this;
    const stop = listen(space.listeners, listener);
    space.area.spaces.hold(space.namespace, space);
    return () => {
      stop();
      space.rest();
    };
  }

  flush() {
    return this._space.area.flush(true);
  }

  usage(key) {
    const { storage } = this._space.area;
    const { prefix } = this._space;
    if (key !== undefined) checkKey(key);
    const keys = key === undefined ? this._space.area.keys().filter(each => each.startsWith(prefix)) : [prefix + key];
    // Two bytes for each unit of UTF-16, which is how browsers count them.
    return keys.reduce((sum, each) => {
      const text = storage?.getItem(each) ?? null;
      return text === null ? sum : sum + 2 * (each.length + text.length);
    }, 0);
  }

  toJSON() {
    const { namespace, storage } = this;
    return { namespace, storage };
  }

  _slot(key) {
    checkKey(key);
    return this._space.slot(key);
  }

  /** The slot, if it may have a value. */
  _find(key) {
    checkKey(key);
    return this._space.find(key);
  }

  _full() {
    assertReady(statePart);
    return this._space.allSlots().filter(slot => slot.read(this._policy));
  }
}, 'SessionStore', ['get', 'set', 'has', 'delete', 'keys', 'entries', 'clear', 'ref', 'subscribe', 'flush', 'usage']);

function checkKey(key) {
  if (typeof key !== 'string') throw invalid('the key', key, 'a string');
  checkReady(statePart);
}

/** In milliseconds; Infinity is for ever, whatever the store says. */
const lifetime = (value, fallback) => limit('expiresIn', value, fallback, Infinity);

/** How values are written and read: of a store, or of a reference that has its own. */
class Policy {
  constructor(options, defaults) {
    const { expiresIn, version = defaults?.version ?? 0, migrate, durable = defaults?.durable ?? false } = options;
    if (!Number.isInteger(version) || version < 0 || version > MAX_VERSION) throw invalid('version', version, `a whole number from 0 to ${MAX_VERSION}`);
    checkBoolean('durable', durable);
    this.expiresIn = lifetime(expiresIn, defaults?.expiresIn ?? Infinity);
    this.version = version;
    this.migrate = optionalFunction('migrate', migrate) ?? defaults?.migrate;
    this.durable = durable;
    this.enforce = defaults?.enforce ?? false;
    this.onError = defaults?.onError;
  }

  write(slot, value, expiresIn = this.expiresIn, durable = this.durable) {
    if (this.enforce) encode(value, `the value of ${described(slot.space.namespace, slot.name)}`);
    slot.write(value, this, expiresIn === Infinity ? Infinity : Date.now() + expiresIn, this.version, durable);
  }

  tell(error) {
    tell(this.onError ?? report, error);
  }

  tellBlocked({ area, namespace }) {
    if (!area.blocked || area.told) return;
    area.told = true;
    const error = new TaskloomError('storage-blocked', `${area.kind}Storage can't be used: ${area.blocked.message}; ` +
      'values are kept in memory', { cause: area.blocked });
    this.tell(Object.assign(error, { namespace }));
  }
}

export const StateRef = /* @__PURE__ */ handle(class StateRef extends Bound {
  constructor(store, key, options = {}) {
    super();
    checkObject('options', options);
    const { factory, type, merge = false } = options;
    const own = pick(options);
    checkBoolean('merge', merge);
    if (typeof key !== 'string') throw invalid('the key', key, 'a string');
    this._key = key;
    this._namespace = store.namespace;
    this._factory = optionalFunction('factory', factory);
    this._check = type === undefined ? undefined : checker(type);
    const hasOwn = Object.values(own).some(value => value !== undefined);
    this._bindBy(() => new Policy(own), () => {
      const slot = store._slot(key);
      const policy = hasOwn ? new Policy(own, store._policy) : store._policy;
      slot.share();
      return { slot, policy };
    }, () => {
      if (factory && !this.init(factory) && merge) this._merge(factory());
    });
  }

  get key() {
    return this._key;
  }

  get _slot() {
    return this._bound.slot;
  }

  /** Gives a stored value what it lacks of its defaults. */
  _merge(defaults) {
    const { value } = this;
    const whole = merged(value, defaults);
    if (whole !== value) this.value = whole;
  }

  get value() {
    const { _slot: slot } = this;
    if (slot.read(this._policy)) return slot.value;
    if (this._factory === undefined) {
      throw new TaskloomError('uninitialized', `${described(this.namespace, this.key)}${this.namespace === null ? ' of the session' : ''} has no value; ` +
        'give a factory, or assign one first');
    }
    this.value = this._factory();
    return slot.value;
  }

  set value(value) {
    this._check?.(value, this);
    this._policy.write(this._slot, value);
  }

  peek() {
    return this._slot.read(this._policy) ? this._slot.value : undefined;
  }

  init(factory) {
    if (typeof factory !== 'function') throw invalid('the factory', factory, 'a function');
    if (this.isInitialized) return false;
    this.value = factory();
    return true;
  }

  reduce(reducer, ...args) {
    if (typeof reducer !== 'function') throw invalid('the reducer', reducer, 'a function');
    return (this.value = reducer(this.value, ...args));
  }

  clear() {
    this._slot.clear(this._policy);
  }

  get isInitialized() {
    return this._slot.read(this._policy);
  }

  get persisted() {
    return this._slot.read(this._policy) && this._slot.isStored;
  }

  subscribe(listener) {
    const { _slot: slot } = this;
    const stop = listen(slot.listeners, listener);
    slot.space.hold(slot);
    slot.read(this._policy); // so that it is known what there was when another page writes
    slot.watchEnd();
    return () => {
      stop();
      slot.rest();
    };
  }

  touch() {
    assertReady(statePart);
    const value = this.peek();
    this._slot.notify(value, value);
  }

  /** Without the value: that may have no JSON, and to look must not read the storage. */
  toJSON() {
    const { namespace, key } = this;
    return { namespace, key };
  }
}, 'StateRef', ['peek', 'init', 'reduce', 'clear', 'subscribe', 'touch']);

/** A value with the properties that it has not of its defaults, down to the last plain object; the value itself if it has all. */
function merged(value, defaults) {
  if (!isPlain(value) || !isPlain(defaults)) return value;
  const missing = {};
  for (const key of Object.keys(defaults)) {
    const part = Object.hasOwn(value, key) ? merged(value[key], defaults[key]) : defaults[key];
    // A key such as `__proto__` is data.
    if (!Object.hasOwn(value, key) || part !== value[key]) Object.defineProperty(missing, key, { value: part, configurable: true, enumerable: true, writable: true });
  }
  return Object.keys(missing).length > 0 ? { ...value, ...missing } : value;
}

const isPlain = value => typeof value === 'object' && value !== null && !Array.isArray(value) && isRecord(value);

/** Options of how values are written and read; those of a reference take the place of its store's. Each is read once. */
const pick = ({ expiresIn, version, migrate, durable }) => ({ expiresIn, version, migrate, durable });

function listen(listeners, listener) {
  if (typeof listener !== 'function') throw invalid('the listener', listener, 'a function');
  const entry = (...args) => listener(...args); // the same function may listen twice
  listeners.add(entry);
  return () => {
    listener = () => {}; // also in a round that is under way
    listeners.delete(entry);
  };
}

const PRIMITIVES = new Map([
  [Number, 'number'], [String, 'string'], [Boolean, 'boolean'], [BigInt, 'bigint'], [Symbol, 'symbol'], [Function, 'function'],
]);

/** Checks what is assigned; see `ValueType`. */
function checker(type) {
  const types = [type].flat(Infinity);
  for (const each of types) {
    if (each !== null && each !== undefined && (typeof each !== 'function' || !each.prototype)) throw invalid('type', each, 'a class, null or undefined, or an array of these');
  }
  const isOne = (value, type) => {
    if (type === null || type === undefined) return value === type;
    if (type === Array) return Array.isArray(value);
    if (type === Object) return typeof value === 'object' && value !== null;
    return PRIMITIVES.has(type) ? typeof value === PRIMITIVES.get(type) : isInstance(value, type);
  };
  const expected = types.map(type => type?.name ?? String(type)).join(' or ');
  return (value, { namespace, key }) => {
    if (!types.some(type => isOne(value, type))) throw invalid(`the value of ${described(namespace, key)}`, value, expected);
  };
}

export const sessionStore = options => new SessionStore(options);

export function stateRef(key, options = {}) {
  checkObject('options', options);
  if (DEV) checkNames('stateRef()', options);
  const { namespace, storage, enforceSerializable, onError, onFork } = options;
  return new StateRef(new SessionStore({ namespace, storage, enforceSerializable, onError, onFork }), key, options);
}
