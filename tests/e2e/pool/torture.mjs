// Thousands of calls while workers are killed, hung and crashed at random: every call settles with an outcome that fits, none runs twice,
// and no worker is left.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';

const CALLS = 2_000;

async function torture({ WorkerPool, onTask, nextTurn, until }, { count, seed, isolated }) {
  let state = seed;
  const random = limit => { // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  const run = crypto.randomUUID();
  const starts = isolated ? new Int32Array(new SharedArrayBuffer(4 * count)) : undefined;
  const workers = [];
  const pool = new WorkerPool(() => {
    const worker = new Worker('/workers/torture.js', { type: 'module' });
    if (starts) worker.postMessage({ starts: starts.buffer });
    worker.addEventListener('message', () => { worker.isReady = true; }, { once: true });
    workers.push(worker);
    return worker;
  }, { size: 3, cancelGrace: 20, idleTimeout: 200 });

  const settled = new Map();
  const stopListening = onTask(({ type, task }) => {
    if (type === 'settled') settled.set(task, (settled.get(task) ?? 0) + 1);
  });

  const kinds = [
    ['quick', 120], ['busy', 20], ['patient', 16], ['steps', 12], ['fail', 10], ['uncloneable', 4], ['spin', 1], ['never', 2], ['die', 2], ['dieLater', 2],
  ];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const pickKind = () => {
    let at = random(total);
    return kinds.find(([, weight]) => (at -= weight) < 0)[0];
  };
  const calls = [];
  const kills = { terminated: 0, silently: 0, cancelled: 0, warmed: 0 };

  while (calls.length < count) {
    for (let burst = 1 + random(60); burst > 0 && calls.length < count; burst--) {
      const index = calls.length;
      const kind = pickKind();
      const hangs = kind === 'spin' || kind === 'never';
      const attempts = random(8) ? 1 : 3;
      const options = {
        ...(hangs || random(10) === 0 ? { timeout: hangs ? 30 + random(30) : 2_000 } : {}),
        ...(attempts > 1 ? { retry: { maxAttempts: attempts } } : {}),
        ...(random(12) ? {} : { priority: ['user-blocking', 'background'][random(2)] }),
      };
      const plain = Object.keys(options).length === 0 && random(2);
      const task = plain ? pool.api[kind](run, index, random(4)) : pool.run(kind, [run, index, random(4)], options);
      calls.push({ task, kind, attempts, cancelled: false });
    }
    const alive = workers.filter(worker => !worker.ended);
    if (random(4) === 0 && alive.length > 0) {
      const worker = alive[random(alive.length)];
      worker.ended = true;
      // One that ends unseen before it was ready would hold its place until the start's time is over.
      if (random(2) || !worker.isReady) { worker.terminate(); kills.terminated++; } else { Worker.prototype.terminate.call(worker); kills.silently++; }
    }
    for (let cancels = random(4); cancels > 0; cancels--) {
      const call = calls[random(calls.length)];
      if (call.task.cancel('torture')) { call.cancelled = true; kills.cancelled++; }
    }
    if (pool.stats().broken) {
      kills.warmed++;
      pool.warm(1).catch(() => {});
    }
    if (random(2)) await nextTurn();
    await Promise.race([pool.onWaitingBelow(80), new Promise(resolve => setTimeout(resolve, 250))]);
  }
  const outcomes = await Promise.allSettled(calls.map(({ task }) => task));
  await pool.onIdle();
  await nextTurn();
  const idle = [pool.waiting, pool.running, pool.stats().workers.reduce((sum, { open }) => sum + open, 0)];
  pool.dispose();
  stopListening();
  await until(async () => (await navigator.locks.query()).held.every(({ name }) => !name.startsWith('taskloom-worker-')));

  const counted = isolated ? starts : await fetch(`/counted-all?${run}`).then(answer => answer.json());
  const wrong = [];
  const tally = {};
  for (const [index, { task, kind, attempts, cancelled }] of calls.entries()) {
    const { status, value, reason } = outcomes[index];
    const ran = counted[index] ?? 0;
    const said = task.state === 'done' ? 'done' : ['worker-lost', 'worker-load-failed', 'not-serializable'].includes(reason?.code) ? reason.code : reason?.name;
    tally[`${kind}: ${said}`] = (tally[`${kind}: ${said}`] ?? 0) + 1;
    const fits = {
      done: ['quick', 'busy', 'patient', 'steps'].includes(kind) && value === index && ran >= 1,
      'worker-lost': true,
      // Some are ended before they are ready; after a few in a row the pool starts no more until it is warmed.
      'worker-load-failed': /ended before it had called expose/.test(reason?.message),
      'not-serializable': kind === 'uncloneable' && ran >= 1,
      RangeError: kind === 'fail' && reason?.message === `failed ${index}` && ran >= 1,
      TimeoutError: kind === 'spin' || kind === 'never' || task.attempt >= 1,
      AbortError: cancelled,
    }[said];
    const once = settled.get(task) === 1 && (status === 'fulfilled') === (task.state === 'done') && ran <= attempts && ran <= Math.max(1, task.attempt);
    if (!fits || !once || cancelled !== (task.state === 'cancelled')) {
      wrong.push({ index, kind, said, ran, attempts, attempt: task.attempt, settled: settled.get(task), message: reason?.message, cancelled, state: task.state });
    }
  }
  return { wrong: wrong.slice(0, 20), wrongCount: wrong.length, idle, tally, kills, started: workers.length, calls: calls.length };
}

export default function register(test, { isolated, browser }) {
  // Without shared memory each start is counted by a request that holds the thread, which takes its time.
  for (const seed of isolated && everything ? [20_261_121, 4_711] : [20_261_121]) {
    test(`${CALLS} calls while workers are killed, hung and crashed: each settles once with what fits, none runs twice, no worker is left (seed ${seed})`, async tab => {
      const { wrong, wrongCount, idle, tally, kills, started, calls } = await tab.run(torture, { count: CALLS, seed, isolated });
      const seen = JSON.stringify({ tally, kills, started });
      assert.deepEqual({ wrong, wrongCount, idle, calls }, { wrong: [], wrongCount: 0, idle: [0, 0, 0], calls: CALLS }, seen);
      // It was torture indeed, and most calls got through it.
      assert(kills.terminated + kills.silently > 10 && kills.cancelled > 20 && tally['die: worker-lost'] > 5, seen);
      assert(['quick', 'busy', 'patient', 'steps'].reduce((sum, kind) => sum + (tally[`${kind}: done`] ?? 0), 0) > CALLS / 2, seen);
      // What the browser itself knows of; it hears of an end a moment later. WebDriver BiDi has no list of workers.
      while (browser.name === 'Chromium' && tab.page.workers().length > 0) await tab.bare(({ nextTurn }) => nextTurn());
    }, { timeout: 180_000 });
  }
}
