// The jobs of a pool as functions. Apart from the pool itself, so that whoever has no pool ships none of it.

const jobs = new WeakMap();

export function jobFunction(pool, name, options) {
  const call = (...args) => pool.run(name, args, options);
  Object.defineProperty(call, 'name', { value: typeof name === 'function' ? name.name : name, configurable: true });
  jobs.set(call, { pool, name, options });
  return call;
}

/** `{ pool, name, options }` of a function that `jobFunction` has made; undefined for any other. */
export const jobOf = fn => jobs.get(fn);
