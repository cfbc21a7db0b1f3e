// What other scripts of the origin, or an earlier version, have left on our channel and in our database. They are hints and records; anything may stand there.

import assert from 'node:assert/strict';
import { assertOnce, now, recordOf, schedule, ticksOf, until, untilLeads, untilRuns } from './support.mjs';

const JOB = { jobId: 'job', every: 100 };

/** What can stand where a time should, as the source of an expression. `now` is the time. */
const JUNK = [
  '4e15', 'Infinity', '-Infinity', 'NaN', '1e300', '-1e300', 'now + 4 * 3_600_000', 'now + 365 * 86_400_000', "'4000000000000'", "'x'", '5n', '2n ** 80n', 'true', 'null', 'undefined', '[]', '[4e15]',
  '({})', '({ valueOf: 4e15 })', 'new Date(4e15)', 'new Map()', 'new Error("x")', '/x/', 'new Uint8Array(8)',
];

export default function junk(test) {
  test('messages that no tab of ours has sent change nothing', async tab => {
    await schedule(tab, 'one', JOB);
    await untilLeads(tab);
    await tab.bare(`() => {
      const now = Date.now();
      const channel = new BroadcastChannel('taskloom-schedule');
      for (const value of [${JUNK.join()}]) {
        channel.postMessage(value);
        for (const message of [{ tick: value }, { tick: value, asks: value }, { asks: value }, { job: value, tick: value }]) channel.postMessage({ job: 'job', ...message });
      }
      channel.postMessage({ job: 'job' });
      channel.close();
    }`);
    const before = (await ticksOf(tab, 'job')).length;
    await untilRuns(tab, 'job', before + 5);
    await assertOnce(tab, 'job');
  });

  test('records that no tab of ours has written are as good as none, and are mended', async tab => {
    await schedule(tab, 'one', { ...JOB, jobId: 'first' }); // which makes the database
    await untilRuns(tab, 'first', 1);
    await tab.bare(() => window.job.cancel());
    const ids = await put(tab, JUNK);
    // A few at a time: each run is a transaction and a request.
    for (; ids.length > 0;) {
      const some = ids.splice(0, 6);
      for (const jobId of some) await schedule(tab, 'one', { ...JOB, jobId });
      for (const jobId of some) await untilRuns(tab, jobId, 2);
      for (const jobId of some) {
        await tab.bare((_, jobId) => window.jobs[jobId].cancel(), jobId);
        const { anchor, tick } = await recordOf(tab, jobId);
        const time = await now(tab);
        assert(Math.abs(time - anchor) < 3_600_000 && Math.abs(time - tick) < 3_600_000, `${jobId}: ${anchor}, ${tick}`);
        await assertOnce(tab, jobId);
      }
    }
  }, { timeout: 60_000 });

  test('a record that is overwritten while the job runs does not stop it', async tab => {
    await schedule(tab, 'one', { ...JOB, jobId: 'junk-0' });
    await untilRuns(tab, 'junk-0', 1);
    for (const value of ['4e15', 'Infinity', "'x'", '5n', 'undefined', 'new Date(4e15)']) {
      await put(tab, [value]);
      const before = (await ticksOf(tab, 'junk-0')).length;
      await untilRuns(tab, 'junk-0', before + 2);
    }
    await until(async () => typeof (await recordOf(tab, 'junk-0')).tick === 'number');
  });

  test('a cron expression and a run at a date heed no junk either', async tab => {
    await schedule(tab, 'one', { ...JOB, jobId: 'first' });
    await untilRuns(tab, 'first', 1);
    await put(tab, ['4e15', "'x'"]);
    await schedule(tab, 'one', { jobId: 'junk-0', cron: '* * * * * *' });
    await schedule(tab, 'one', { jobId: 'junk-1', in: 1000 });
    await untilRuns(tab, 'junk-0', 2);
    await untilRuns(tab, 'junk-1', 1);
    assert.equal((await assertOnce(tab, 'junk-1')).length, 1);
  });
}

/** Writes records with such an anchor and such a tick, each in one of its own; resolves to their ids. */
const put = (tab, junk) => tab.bare(`() => new Promise((resolve, reject) => {
  const now = Date.now();
  const opening = indexedDB.open('taskloom');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction('jobs', 'readwrite');
    const store = transaction.objectStore('jobs');
    const ids = [${junk.join()}].map((value, index) => {
      const job = 'junk-' + index;
      store.put({ job, anchor: value, tick: value });
      return job;
    });
    transaction.oncomplete = () => {
      opening.result.close();
      resolve(ids);
    };
    transaction.onabort = () => reject(transaction.error);
  };
})`);
