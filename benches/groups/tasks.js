import { Effect } from 'effect';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
// As a namespace: a name that the package does not export is then undefined, not an error on loading.
import * as taskloom from 'taskloom';
import { eventsBeside } from '../harness/events.js';
import { observed, timed } from '../harness/experiment.js';

const MANY = 10_000;
const CONCURRENCY = 10;
const HALF_OF_P_QUEUE = { peer: 'p-queue', max: 0.5, aim: 0.35 };

/** `start` n times, each awaited before the next. */
const sequential = (start) => async (n) => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += await start(i);
  return sum;
};

/** n bursts of 10,000, each started before any is awaited. */
const atOnce = (start) => async (n) => {
  let sum = 0;
  for (let burst = 0; burst < n; burst++) {
    const started = [];
    for (let i = 0; i < MANY; i++) started.push(start(i));
    sum += total(await Promise.all(started));
  }
  return sum;
};

/** n queues of 10,000 tasks; `drain` makes one and returns the results. */
const queues = (drain) => async (n) => {
  let sum = 0;
  for (let queue = 0; queue < n; queue++) sum += total(await drain());
  return sum;
};

const total = (values) => values.reduce((sum, value) => sum + value, 0);
const indices = Array.from({ length: MANY }, (_, i) => i);

/** One way to start a trivial task for each contender; what it returns can be awaited. */
function trivialTasks() {
  const queue = new PQueue();
  return {
    taskloom: (i) => taskloom.run(async () => i),
    'p-queue': (i) => queue.add(async () => i),
    'p-retry': (i) => pRetry(async () => i),
    effect: (i) => Effect.runPromise(Effect.promise(async () => i)),
    'plain promise': (i) => (async () => i)(),
  };
}

const each = (starts, shape) =>
  Object.fromEntries(Object.entries(starts).map(([name, start]) => [name, shape(start)]));

const RETRIES = 2;
const POLICY = { maxAttempts: RETRIES + 1 };

/** A synchronous job of `STEPS` equal steps of about 1 ms, the same amount of work in every form. */
const STEPS = 300;

let sink = 0;
function compute(iterations) {
  let value = sink;
  for (let i = 0; i < iterations; i++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  sink = value; // so that the loop is not optimized away
}

/** How many iterations of `compute` take a millisecond here. */
function iterationsPerMillisecond() {
  const probe = 20_000_000;
  compute(probe);
  const start = performance.now();
  compute(probe);
  return Math.round(probe / (performance.now() - start));
}

function longJobs() {
  const iterations = iterationsPerMillisecond();
  const afterEachStep = (pause) => async (ctx) => {
    for (let i = 0; i < STEPS; i++) {
      compute(iterations);
      await pause(ctx);
    }
  };
  const withCheckpoints = afterEachStep((ctx) => ctx.checkpoint());
  const withoutPause = afterEachStep(() => {});
  const withYields = afterEachStep(() => scheduler.yield());
  return {
    taskloom: () => eventsBeside(() => taskloom.run(withCheckpoints)),
    'no checkpoint': () => eventsBeside(() => taskloom.run(withoutPause)),
    'plain scheduler.yield': () => eventsBeside(() => withYields()),
  };
}

export default [
  timed({
    name: 'start and await a trivial task, sequential',
    unit: 'us',
    target: HALF_OF_P_QUEUE,
    needs: ['run'],
    contenders: each(trivialTasks(), sequential),
  }),
  timed({
    name: 'start and await a trivial task, 10,000 at once',
    unit: 'us',
    per: MANY,
    target: HALF_OF_P_QUEUE,
    needs: ['run'],
    contenders: each(trivialTasks(), atOnce),
  }),
  timed({
    name: 'task with a retry policy',
    unit: 'us',
    target: { peer: 'p-retry', max: 1.2 },
    needs: ['run', 'RetryPolicy'],
    contenders: async () => {
      const retry = new taskloom.RetryPolicy(POLICY);
      return each(
        {
          taskloom: (i) => taskloom.run(async () => i, { retry }),
          'p-retry': (i) => pRetry(async () => i, { retries: RETRIES }),
        },
        sequential,
      );
    },
  }),
  timed({
    name: 'queue, 10,000 tasks, concurrency 10',
    unit: 'us',
    per: MANY,
    target: { peer: 'p-queue', max: 0.5 },
    needs: ['TaskManager'],
    contenders: each(
      {
        taskloom: () => {
          const manager = new taskloom.TaskManager({ concurrency: CONCURRENCY });
          return Promise.all(indices.map((i) => manager.submit(async () => i)));
        },
        'p-queue': () => {
          const queue = new PQueue({ concurrency: CONCURRENCY });
          return Promise.all(indices.map((i) => queue.add(async () => i)));
        },
        effect: () =>
          Effect.runPromise(
            Effect.forEach(indices, (i) => Effect.promise(async () => i), { concurrency: CONCURRENCY }),
          ),
      },
      queues,
    ),
  }),
  observed({
    rows: {
      input: {
        name: 'input delay beside a long job',
        unit: 'ms',
        target: { peer: 'no checkpoint', max: 0.1 },
      },
      message: { name: 'message delay beside a long job', unit: 'ms' },
      duration: { name: 'long job in checkpoints, duration', unit: 'ms' },
    },
    needs: ['run'],
    rounds: 7,
    contenders: async () => longJobs(),
  }),
];
