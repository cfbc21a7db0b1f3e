// What users have met: work that is asked for from the `catch` of a recursion without end.

import assert from 'node:assert/strict';

/** In the page: walks to the end of the stack and calls `rescue` in each frame on the way back. */
const walk = rescue => {
  const walk = n => {
    try {
      walk(n + 1);
    } catch (error) {
      rescue();
      throw error;
    }
  };
  try {
    walk(0);
  } catch {
    // the stack is used up
  }
};

const WALK = `const walk = ${walk};`;

export default function rows(test) {
  test('tasks that are run from each frame of a recursion without end: all start, and so do later ones', async tab => {
    assert.deepEqual(await tab.run(`async ({ TaskManager, run, until }) => {
      ${WALK}
      const manager = new TaskManager();
      const tasks = [];
      for (let i = 0; i < 5; i++) walk(() => { if (tasks.length < 2000 * (i + 1)) tasks.push(i % 2 ? manager.submit(() => 1) : run(() => 1)); });
      await until(() => tasks.every(task => task.done));
      return [tasks.length > 0, (await Promise.all(tasks)).every(value => value === 1), await run(() => 'x'), await manager.submit(() => 'y')];
    }`), [true, true, 'x', 'y']);
  }, { timeout: 60_000 });

  test('a value that is set durably after others were set from each frame of a recursion without end is stored', async tab => {
    assert.deepEqual(await tab.run(`async ({ sessionStore }) => {
      ${WALK}
      const st = sessionStore({ namespace: 'row' });
      st.set('doc', 'v1', { durable: true });
      walk(() => st.set('doc', 'rescued'));
      st.set('doc', 'v2', { durable: true });
      const flushed = st.flush();
      const stored = sessionStorage.getItem('taskloom:row:doc');
      walk(() => st.set('doc', 'rescued', { durable: true }));
      st.delete('doc');
      return [flushed, stored, st.flush(), sessionStorage.getItem('taskloom:row:doc')];
    }`), [true, 't1:"v2"', true, null]);
  }, { timeout: 60_000 });

  test('a schedule ticks on after runNow() from each frame of a recursion without end', async tab => {
    tab.expectProblem(/call stack|recursion/, { optional: true });
    assert.deepEqual(await tab.run(`async ({ scheduleInterval, until }) => {
      ${WALK}
      let ticks = 0;
      const job = scheduleInterval(({ tick }) => { if (!tick.manual) ticks++; return 'ran'; }, { every: 5 });
      const runs = [];
      for (let i = 0; i < 3; i++) walk(() => { if (runs.length < 500 * (i + 1)) runs.push(job.runNow()); });
      await until(() => runs.every(run => run.done));
      const before = ticks;
      await until(() => ticks > before + 1);
      const last = await job.runNow();
      job.cancel();
      return [runs.length > 0, last];
    }`), [true, 'ran']);
  }, { timeout: 60_000 });
}
