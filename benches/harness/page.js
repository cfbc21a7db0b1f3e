// What runs in the browser. run.mjs calls it through `globalThis.taskloomBench`.

import * as taskloom from 'taskloom';
import { measure } from './measure.js';

const ready = taskloom.default();

const host = {
  now: () => performance.now(),
  random: Math.random,
  turn: () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }),
  // `gc` is there under --js-flags=--expose-gc. One contender's garbage is not to be collected at
  // the next one's expense.
  settle: async () => {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve));
  },
};

async function experiments(group) {
  await ready;
  return (await import(`/bench/groups/${group}.js`)).default;
}

globalThis.taskloomBench = {
  /** The group's experiments without their functions; `missing` names what the package lacks. */
  async describe(group) {
    return (await experiments(group)).map(({ rows, isolated = false, needs = [] }) => ({
      rows,
      isolated,
      missing: needs.filter((name) => typeof taskloom[name] !== 'function'),
    }));
  },

  async measure(group, index, rounds) {
    return measure((await experiments(group))[index], { rounds, host });
  },
};
