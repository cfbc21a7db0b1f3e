import * as comlink from 'comlink';
import workerpool from 'workerpool';
// As a namespace: a name that the package does not export is then undefined, not an error on loading.
import * as taskloom from 'taskloom';
import { observed, timed } from '../harness/experiment.js';
import { compute } from './workers/jobs.js';
import { batchingWorker, rawPool, rawWorker } from './workers/raw.js';

const RAW = 'raw postMessage';
const BATCHED = 'one message per microtask';

const MANY = 3_000;
const MIB_16 = 16 * 1024 * 1024;

/** One CPU-bound job: long beside a round trip, short beside the whole, so that neither pool ends with one idle worker. */
const JOB_MILLIS = 5;
const JOBS = 32;

// ---- ways to call a worker: each is made with a number of workers, and is { call(name, ...args), close() } -----------------------------------

async function taskloomPool(size = 1) {
  const pool = new taskloom.WorkerPool('/bench/groups/taskloom.worker.js', { size, idleTimeout: Infinity });
  await pool.warm();
  return { call: (name, ...args) => pool.api[name](...args), close: () => pool.dispose(), pool };
}

async function comlinkWorker() {
  const worker = new Worker('/bench/groups/comlink.worker.js', { type: 'module' });
  const jobs = comlink.wrap(worker);
  await jobs.add(1, 1);
  return { call: (name, ...args) => jobs[name](...args), close: () => worker.terminate() };
}

async function workerpoolPool(size = 1) {
  const pool = workerpool.pool('/bench/groups/workerpool.worker.js', {
    minWorkers: size, maxWorkers: size, workerOpts: { type: 'module' },
  });
  await Promise.all(Array.from({ length: size }, () => pool.exec('compute', [1])));
  return { call: (name, ...args) => pool.exec(name, args), close: () => pool.terminate(true) };
}

/** Makes what an experiment calls, and closes it at the end: `{ contenders, finish }` for the experiment. */
function opened(makers, contenderOf) {
  const closers = [];
  return {
    contenders: async () => {
      const contenders = {};
      for (const [name, make] of Object.entries(makers)) {
        const way = await make();
        closers.push(way.close);
        contenders[name] = await contenderOf(way);
      }
      return contenders;
    },
    finish: () => closers.splice(0).forEach((close) => close()),
  };
}

// ---- what is asked of them -------------------------------------------------------------------------------------------------------------------

/** n calls, each awaited before the next. */
const oneAtATime = ({ call }) => async (n) => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += await call('add', i, 1);
  return sum;
};

/** n bursts of 3,000 calls, each made before any is awaited. */
const bursts = ({ call }) => async (n) => {
  let sum = 0;
  for (let burst = 0; burst < n; burst++) {
    const calls = [];
    for (let i = 0; i < MANY; i++) calls.push(call('add', i, 1));
    for (const result of await Promise.all(calls)) sum += result;
  }
  return sum;
};

/** The same with an object as the argument, a new one for each call. */
const burstsOfObjects = ({ call }) => async (n) => {
  let sum = 0;
  for (let burst = 0; burst < n; burst++) {
    const calls = [];
    for (let i = 0; i < MANY; i++) calls.push(call('area', { id: i, name: 'a rectangle', size: [i, 2], scale: 0.5, visible: true }));
    for (const result of await Promise.all(calls)) sum += result;
  }
  return sum;
};

/** A buffer to the worker and back, n times; the worker counts in its first byte. */
const thereAndBack = (send) => {
  let buffer = new ArrayBuffer(MIB_16);
  return async (n) => {
    const [before] = new Uint8Array(buffer);
    for (let i = 0; i < n; i++) buffer = await send(buffer);
    return (new Uint8Array(buffer)[0] - before) & 0xff;
  };
};

/** How many steps of the job take JOB_MILLIS on this machine; the same for every contender. */
let iterations;
function iterationsOfJob() {
  if (iterations !== undefined) return iterations;
  const probe = 20_000_000;
  compute(probe);
  const start = performance.now();
  compute(probe);
  return (iterations = Math.round((probe / (performance.now() - start)) * JOB_MILLIS));
}

/** The time that the jobs take on two workers, as a part of what they take on one: a half at best. */
async function shareOfTwo(make) {
  const steps = iterationsOfJob();
  const pools = [await make(1), await make(2)];
  const work = async ({ call }) => {
    const start = performance.now();
    await Promise.all(Array.from({ length: JOBS }, () => call('compute', steps)));
    return performance.now() - start;
  };
  for (const pool of pools) await work(pool); // each worker compiles the job for itself
  return {
    close: () => pools.forEach(({ close }) => close()),
    measure: async () => {
      const [one, two] = [await work(pools[0]), await work(pools[1])];
      return { share: two / one };
    },
  };
}

/** How much of the page's heap each of 3,000 calls holds that wait behind a long one, with an object of its own as the argument. */
const heldByWaiting = ({ call }) => async () => {
  const heap = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // what was put off is done, and what was sent is gone
    globalThis.gc();
    return performance.memory.usedJSHeapSize;
  };
  const before = await heap();
  const calls = [call('compute', iterationsOfJob() * 100)];
  for (let i = 0; i < MANY; i++) calls.push(call('area', { id: i, name: 'a rectangle', size: [i, 2], scale: 0.5, visible: true }));
  const held = await heap() - before;
  await Promise.all(calls);
  return { held: held / MANY };
};

/** A worker each. */
const single = { taskloom: taskloomPool, [RAW]: rawWorker, comlink: comlinkWorker, workerpool: workerpoolPool };
const needs = ['WorkerPool'];

export default [
  timed({
    name: 'burst of 3,000 small calls',
    unit: 'us',
    per: MANY,
    target: { peer: 'comlink', max: 0.1, also: [{ peer: RAW, max: 0.2 }] },
    needs,
    ...opened({ ...single, [BATCHED]: batchingWorker }, bursts),
  }),
  timed({
    name: 'burst of 3,000 small calls with an object argument',
    unit: 'us',
    per: MANY,
    target: { peer: 'comlink', max: 0.25, aim: 0.15 },
    needs,
    ...opened({ ...single, [BATCHED]: batchingWorker }, burstsOfObjects),
  }),
  observed({
    rows: {
      held: { name: 'memory of a call that waits, with an object argument', unit: 'bytes', target: { peer: 'workerpool' } },
    },
    needs,
    rounds: 5,
    ...opened({ taskloom: taskloomPool, comlink: comlinkWorker, workerpool: workerpoolPool }, heldByWaiting),
  }),
  timed({
    name: 'one call at a time',
    unit: 'us',
    target: { peer: RAW, max: 1.05 },
    needs,
    ...opened(single, oneAtATime),
  }),
  timed({
    name: 'one call at a time, isolated',
    unit: 'us',
    target: { peer: RAW, max: 0.3 },
    needs,
    isolated: true,
    ...opened(single, oneAtATime),
  }),
  observed({
    rows: {
      share: {
        name: 'two workers, CPU-bound',
        unit: 'of the time with one',
        // 0.95 of the speed-up.
        target: { peer: RAW, max: 1 / 0.95 },
      },
    },
    needs,
    ...opened(
      Object.fromEntries(
        Object.entries({ taskloom: taskloomPool, [RAW]: rawPool, workerpool: workerpoolPool }).map(([name, make]) => [
          name,
          () => shareOfTwo(make),
        ]),
      ),
      ({ measure }) => measure,
    ),
  }),
  timed({
    name: 'transfer of 16 MiB',
    unit: 'us',
    target: { peer: 'a copy', max: 0.1 },
    needs,
    ...opened(
      {
        taskloom: async () => {
          const { pool, close } = await taskloomPool();
          return { send: (buffer) => pool.run('touch', [buffer], { transfer: [buffer] }), close };
        },
        [RAW]: async () => {
          const { transfer, close } = await rawWorker();
          return { send: (buffer) => transfer('touch', buffer), close };
        },
        'a copy': async () => {
          const { call, close } = await rawWorker();
          return { send: (buffer) => call('touch', buffer), close };
        },
      },
      ({ send }) => thereAndBack(send),
    ),
  }),
];
