// Runs jobs beside each other. `node --test` runs files one after another or so many at once; it has no lanes, in which what waits for the clock
// runs beside what keeps a core busy, no order, and nothing but files.

import { Failure } from '../setup/failure.mjs';

/**
 * Runs each job when its lane has room and what it comes `after` has ended well. Of those that can start the first in the list does, so the longest stand first.
 *
 * - `jobs`: `{ name, lane, after, run }`. `after` lists names of jobs; `run()` rejects if something is wrong.
 * - `room`: how many jobs of a lane run at once, by its name.
 * - `onEnd(job, { failure, seconds })` is called as each ends. A job that comes after one that failed is not run, and fails with that reason.
 */
export async function runInLanes(jobs, room, onEnd) {
  const waiting = [...jobs];
  const running = new Map(); // by job
  const ended = new Map(); // by name: whether it has failed

  const end = (job, failure, seconds) => {
    ended.set(job.name, failure !== undefined);
    onEnd(job, { failure, seconds });
  };

  async function run(job) {
    const started = performance.now();
    let failure;
    try {
      await job.run();
    } catch (error) {
      failure = error;
    }
    running.delete(job);
    end(job, failure, (performance.now() - started) / 1000);
  }

  const isFree = lane => [...running.keys()].filter(job => job.lane === lane).length < room[lane];
  const isAwaited = name => waiting.some(job => job.name === name) || [...running.keys()].some(job => job.name === name);

  while (waiting.length > 0 || running.size > 0) {
    for (const job of [...waiting]) {
      const { after = [] } = job;
      const failed = after.find(name => ended.get(name));
      if (failed) {
        waiting.splice(waiting.indexOf(job), 1);
        end(job, new Failure(`not run: ${failed} failed`), 0);
      } else if (!after.some(isAwaited) && isFree(job.lane)) {
        waiting.splice(waiting.indexOf(job), 1);
        running.set(job, run(job));
      }
    }
    if (running.size > 0) await Promise.race(running.values());
    else if (waiting.length > 0 && !waiting.some(({ after = [] }) => !after.some(isAwaited))) throw new Error(`${waiting.map(({ name }) => name).join(', ')} wait for each other`);
  }
}
