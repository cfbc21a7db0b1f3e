import { cacheData } from '../../taskloom.js';

export const TTL = 60_000;

/** The slow function, cached for all tabs of this origin: one of them runs it, the others wait for its value, and those that come later find it stored. */
export function forecastForAllTabs(slow) {
  // #region origin
  const forecast = cacheData(slow, {
    name: 'forecast-for-all', // what tabs share is found by its name
    scope: 'origin', // one execution for all tabs
    ttl: TTL,
  });
  // #endregion
  return forecast;
}
