// How late events are handled while a job runs on the same thread. The events come from outside the
// page's thread, so a blocked thread does not also stop them from being sent (that would leave out
// exactly the longest delays).

import { quantile } from './statistics.js';

const FEWEST_EVENTS = 10;

/**
 * Runs `job` beside a stream of key presses (real input that run.mjs sends through the browser) and
 * one of messages (from a worker), about one of each every 10 ms. Returns the 95th percentile of each
 * kind's delay, from when the event was made to when its handler ran, and the job's own
 * duration, all in milliseconds.
 */
export async function eventsBeside(job) {
  const keys = recorder();
  const messages = recorder();
  const onKey = (event) => keys.handled(event.timeStamp);
  addEventListener('keydown', onKey);
  const ticker = new Worker('/bench/harness/ticker.worker.js', { type: 'module' });
  ticker.onmessage = ({ data }) => messages.handled(data - performance.timeOrigin);
  await globalThis.taskloomBenchKeys('start');
  try {
    await Promise.all([keys.after(0), messages.after(0)]);
    const start = performance.now();
    await job();
    const end = performance.now();
    await Promise.all([keys.after(end), messages.after(end)]);
    return {
      input: quantile(keys.delays(start, end), 0.95),
      message: quantile(messages.delays(start, end), 0.95),
      duration: end - start,
    };
  } finally {
    ticker.terminate();
    removeEventListener('keydown', onKey);
    await globalThis.taskloomBenchKeys('stop');
  }
}

function recorder() {
  const events = [];
  let waiting = null;
  return {
    handled(sentAt) {
      events.push({ sentAt, delay: Math.max(0, performance.now() - sentAt) });
      if (waiting && sentAt > waiting.time) waiting.resolve();
    },
    /** Resolves when an event sent after `time` has been handled, and so all those before it. */
    after(time) {
      return new Promise((resolve) => {
        waiting = { time, resolve };
      });
    },
    delays(start, end) {
      const during = events.filter(({ sentAt }) => sentAt >= start && sentAt <= end);
      if (during.length < FEWEST_EVENTS) throw new Error(`only ${during.length} events while the job ran`);
      return during.map(({ delay }) => delay);
    },
  };
}
