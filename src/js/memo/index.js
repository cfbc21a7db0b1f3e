// `cacheData` and `cacheResource`: as functions around a function, and as decorators of methods.

import { invalid } from '../base/errors.js';
import { bind, disposable } from '../base/handle.js';
import { Memo } from './memo.js';
import { checkOptions, readCaller } from './options.js';

export const cacheData = /* @__PURE__ */ cacheOf('data');
export const cacheResource = /* @__PURE__ */ cacheOf('resource');

function cacheOf(kind) {
  const cached = (fn, options) => {
    if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
    return cachedFunction(new Memo(kind, fn, options), fn);
  };
  /** Of a method: by the standard's form `(method, context)`, or TypeScript's older one `(target, name, descriptor)`. */
  const decorate = (options, target, context, descriptor) => {
    if (typeof context === 'object') {
      if (context.kind !== 'method') throw invalid('what is decorated', context.kind, 'a method');
      return cached(target, { name: String(context.name), ...options });
    }
    if (typeof descriptor?.value !== 'function') throw invalid('what is decorated', descriptor?.value, 'a method');
    return { ...descriptor, value: cached(descriptor.value, { name: String(context), ...options }) };
  };
  return (...given) => {
    const [first, second, third] = given;
    if (isDecoration(second, third)) return decorate({}, first, second, third);
    if (typeof first === 'function') return cached(first, second);
    // What is undefined is no options left out: a function that was to be imported, say.
    if (given.length > 0) checkOptions('the function', first, 'a function, or an object of options for a decorator');
    return (target, context, descriptor) => decorate(first, target, context, descriptor);
  };
}

/** Whether these are what a decorator is called with besides what it decorates. */
const isDecoration = (second, third) => typeof second === 'string' || typeof second === 'symbol'
  ? third === undefined || typeof third === 'object'
  : typeof second?.addInitializer === 'function' && typeof second.kind === 'string';

/** A cached function, also one bound to what `with` was given (`caller`). */
export function cachedFunction(memo, fn, caller) {
  const cached = caller
    ? function (...args) { return memo.call(caller.hasSelf ? caller.self : this, args, caller); }
    : function (...args) { return memo.call(this, args); };
  Object.setPrototypeOf(cached, methods);
  Object.defineProperties(cached, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    _memo: { value: memo },
    _caller: { value: caller },
  });
  return cached;
}

/** What cached functions have besides those of functions. */
const methods = /* @__PURE__ */ methodsOf({
  with(options) {
    return cachedFunction(this._memo, this, readCaller(options, this._caller));
  },

  peek(...args) {
    return this._memo.served(this._caller?.self, args)?.value;
  },

  has(...args) {
    return this._memo.served(this._caller?.self, args) !== undefined;
  },

  info(...args) {
    return this._memo.info(this._caller?.self, args);
  },

  clear(...args) {
    this._memo.clear(this._caller?.self, args);
  },

  clearIf(test) {
    if (typeof test !== 'function') throw invalid('the test', test, 'a function');
    return this._memo.clearIf(test);
  },

  set(args, value) {
    if (!Array.isArray(args)) throw invalid('args', args, 'an array');
    this._memo.set(this._caller?.self, args, value);
  },

  refresh(...args) {
    return this._memo.refresh(this._caller?.self, args, this._caller);
  },

  warm(calls) {
    return this._memo.warm(this._caller?.self, calls, this._caller);
  },

  stats() {
    return this._memo.stats();
  },

  subscribe(listener) {
    if (typeof listener !== 'function') throw invalid('the listener', listener, 'a function');
    return this._memo.listen(listener);
  },

  dispose() {
    this._memo.dispose();
  },
});

function methodsOf(own) {
  const methods = Object.create(Function.prototype, Object.getOwnPropertyDescriptors(own));
  disposable(methods);
  bind(methods, Object.keys(own));
  return methods;
}
