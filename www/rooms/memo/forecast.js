import { cacheData } from '../../taskloom.js';

export const MAX_ENTRIES = 9;

/** The slow function with a cache around it. */
export function cachedForecast(backend, { ttl, refresh, onEvict, onEvent }) {
  // #region cache
  const forecast = cacheData(city => backend.ask(city), {
    name: 'forecast',
    ttl, // '6s': fresh that long, from when it settled
    refresh, // 'background': who finds it stale gets it at once, and a new one is made behind
    staleIfError: true, // a value whose time is over is better than none
    maxEntries: MAX_ENTRIES,
    onEvict: ({ city }, reason) => onEvict(city, reason),
  });
  forecast.subscribe(onEvent); // 'stored', 'refreshed', 'evicted', 'error'
  // #endregion
  return forecast;
}

// #region call
/** Calls so many times at once, and tells what each call was served. */
export async function callAtOnce(forecast, city, times) {
  const before = forecast.stats();
  const asked = performance.now();
  const answers = Array.from({ length: times }, () => forecast(city));
  const served = difference(before, forecast.stats()); // { hits: 49, misses: 1, … }
  const [{ value, reason }] = await Promise.allSettled(answers);
  return { city, times, served, value, error: reason, ms: performance.now() - asked };
}
// #endregion

export const OUTCOMES = ['hits', 'stale', 'shared', 'misses'];
const difference = (before, after) => Object.fromEntries(OUTCOMES.map(name => [name, after[name] - before[name]]));
