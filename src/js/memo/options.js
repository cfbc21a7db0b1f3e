// Options of caches as callers write them.

import * as wasm from '#wasm';
import { checkNames } from '../base/development.js';
import { invalid } from '../base/errors.js';
import { takesContext } from '../base/job.js';
import { LONGEST, checkObject, duration, isSignal, limit, optionalFunction } from '../base/options.js';
import { builtInClass, isInstance } from '../base/values.js';
import { COPIES } from './copy.js';

/** A cache of data is bounded unless its owner says otherwise; resources end when they are let go, and that is their owner's to say. */
const MAX_ENTRIES = { data: 1000, resource: Infinity };
/** How many refreshes run at once. */
export const REFRESHES = 4;
const MAX_VERSION = 0xffff_ffff;

const oneOf = (name, value, allowed) => {
  if (!allowed.includes(value)) throw invalid(name, value, allowed.map(each => `'${each}'`).join(' or '));
  return value;
};

/** Options are no promise, list, Map and the like, which would be taken for some without any in them. */
export function checkOptions(name, value, expected) {
  if (typeof value?.then === 'function') throw invalid(name, value, `${expected}, not a promise: give the function itself, not what it returns`);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || builtInClass(value) !== undefined) throw invalid(name, value, expected);
}

/** What can be checked before the engine is there; `rules` checks the rest. */
export function readOptions(kind, fn, options) {
  checkOptions('options', options, 'an object');
  const isData = kind === 'data';
  if (DEV) checkNames(isData ? 'cacheData()' : 'cacheResource()', options);
  const {
    copy = isData ? 'clone' : 'share', hashFuncs, key, refresh = 'foreground', persist, scope = 'page', version = 0,
    maxEntries = MAX_ENTRIES[kind], maxBytes = Infinity, sizeOf, validate, keepIf, onEvict, onRelease,
  } = options;
  const name = options.name ?? fn.name;
  const ignore = options.ignore ?? [];
  if (typeof name !== 'string') throw invalid('name', name, 'a string');
  oneOf('copy', copy, COPIES);
  oneOf('refresh', refresh, ['foreground', 'background']);
  oneOf('scope', scope, ['page', 'origin']);
  if (persist !== undefined) oneOf('persist', persist, ['session', 'local']);
  if (!isData) {
    for (const [option, value] of Object.entries({ copy: options.copy, persist })) {
      if (value !== undefined) throw invalid(option, value, 'left out for cacheResource(): all callers get the one object, which lives as long as the page');
    }
    if (scope === 'origin') throw invalid('scope', scope, "'page' for cacheResource(): a resource can't be sent to another tab");
    if (maxBytes !== Infinity && !sizeOf) throw invalid('sizeOf', sizeOf, 'a function, since maxBytes is given and a resource has no size of its own');
  }
  if ((persist !== undefined || scope === 'origin') && !options.name) {
    throw invalid('name', options.name, 'given, for what is stored is found by it, and the names of functions are lost when code is minified');
  }
  if (scope === 'origin' && persist === 'session') throw invalid('persist', persist, "left out or 'local', since all tabs of the origin share the values");
  if (!Array.isArray(ignore) || !ignore.every(each => Number.isInteger(each) && each >= 0)) throw invalid('ignore', ignore, 'an array of positions of arguments, from 0');
  if (!Number.isInteger(version) || version < 0 || version > MAX_VERSION) throw invalid('version', version, `a whole number from 0 to ${MAX_VERSION}`);
  const isJob = takesContext(fn);
  return {
    given: options, name, copy, persist, scope, version, maxEntries, maxBytes, isJob,
    // A decorated method's own class is not there yet when its decorators are made: a function gives the Map at the first call.
    hashers: typeof hashFuncs === 'function' ? () => readHashers(hashFuncs()) : readHashers(hashFuncs),
    ignore: ignore.length > 0 ? new Set(ignore) : undefined,
    key: optionalFunction('key', key),
    background: refresh === 'background',
    sizeOf: optionalFunction('sizeOf', sizeOf),
    validate: optionalFunction('validate', validate),
    keepIf: optionalFunction('keepIf', keepIf),
    ttlOf: typeof options.ttl === 'function' ? options.ttl : undefined,
    onEvict: optionalFunction('onEvict', onEvict),
    onRelease: optionalFunction('onRelease', onRelease),
    // What is known before the first call: then what is wrong with it rejects, too.
    isAsync: isJob || scope === 'origin' || Object.prototype.toString.call(fn) === '[object AsyncFunction]',
  };
}

/** Makes the cache in core, which checks the numbers. */
export function openCache({ given, background, maxEntries, maxBytes, ttlOf }, seed) {
  const { ttlJitter = 0, errorTtl, staleIfError = background, maxStale, refreshEvery, refreshConcurrency = REFRESHES } = given;
  for (const [name, value] of Object.entries({ ttlJitter, maxEntries, maxBytes, refreshConcurrency })) {
    if (typeof value !== 'number' || Number.isNaN(value)) throw invalid(name, value, 'a number');
  }
  const times = { ttl: ttlOf ? NaN : lifetime('ttl', given.ttl), errorTtl: limit('errorTtl', errorTtl, NaN, LONGEST), refreshEvery: duration('refreshEvery', refreshEvery) };
  const stale = typeof staleIfError === 'boolean' ? (staleIfError ? Infinity : NaN) : limit('staleIfError', staleIfError, NaN, Infinity);
  const number = wasm.memoOpen(times.ttl, ttlJitter, maxEntries, maxBytes, times.errorTtl, stale, lifetime('maxStale', maxStale), background, times.refreshEvery, refreshConcurrency, seed);
  return { number, isTimed: ttlOf !== undefined || !Object.values(times).every(Number.isNaN), refreshes: !Number.isNaN(times.refreshEvery), keepsErrors: times.errorTtl > 0 };
}

/** Infinity is for ever, as without it. */
export const lifetime = (name, value) => limit(name, value);

/** By the prototypes of the classes: `{ hash, tag }`. */
function readHashers(hashFuncs) {
  if (hashFuncs === undefined || hashFuncs === null) return undefined;
  if (!isInstance(hashFuncs, Map)) throw invalid('hashFuncs', hashFuncs, 'a Map from classes to functions, or a function that returns one');
  const hashers = new Map();
  const tags = new Map();
  for (const [type, hash] of hashFuncs) {
    if (typeof type !== 'function' || !type.prototype) throw invalid('a key of hashFuncs', type, 'a class');
    if (typeof hash !== 'function') throw invalid(`hashFuncs' value for ${type.name}`, hash, 'a function');
    const count = tags.get(type.name) ?? 0;
    tags.set(type.name, count + 1);
    hashers.set(type.prototype, { hash, tag: `${type.name.length}:${type.name}${count}:` });
  }
  return hashers;
}

/** Options of calls, on top of those that there were already. */
export function readCaller(options, caller) {
  checkObject('options', options);
  if (DEV) checkNames('with()', options);
  const signal = options.signal ?? caller?.signal;
  const onProgress = options.onProgress ?? caller?.onProgress;
  if (signal !== undefined && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  optionalFunction('onProgress', onProgress);
  const own = 'this' in options;
  return { signal, onProgress, hasSelf: own || (caller?.hasSelf ?? false), self: own ? options.this : caller?.self };
}
