import { scheduleCron, scheduleInterval } from '../../taskloom.js';

// #region run
/** What every job of the room does: it waits for as long as the reader says, or until it is cancelled. */
export const slowRun = settings => ({ signal }) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, settings.runTakes);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    reject(signal.reason);
  }, { once: true });
});
// #endregion

// #region interval
/** Ticks lie on a grid from the time of the call. `policies` are `{ overlap, missed, grace, maxQueue }`. */
export const everyThreeSeconds = (fn, policies) => scheduleInterval(fn, { every: '3s', jobId: 'room-interval', ...policies });
// #endregion

// #region cron
/** Six fields: the first one is seconds. */
export const fourTimesAMinute = (fn, policies) => scheduleCron(fn, { cron: '*/15 * * * * *', jobId: 'room-cron', ...policies });

/** What is scheduled under an id takes the place of what was there. */
export const byTheReader = (fn, { cron, ...policies }) => scheduleCron(fn, { cron, jobId: 'room-yours', ...policies });
// #endregion

/** How late the tab that leads may be. */
export const LEASE_SECONDS = 3;

// #region origin
export const inOneTab = fn => scheduleCron(fn, {
  cron: '*/10 * * * * *',
  jobId: 'room-origin', // tabs know the job by it
  scope: 'origin', // one tab runs it
  lease: `${LEASE_SECONDS}s`, // another one takes over from a tab that is later than this
});
// #endregion
