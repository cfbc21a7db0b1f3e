// In a dedicated worker, where there is neither sessionStorage nor localStorage.

import assert from 'node:assert/strict';

export default function workers(test) {
  for (const bare of [false, true]) {
    test(`the first use of each storage in a worker is memory, with one report ${bare ? 'as a warning' : 'to onError'}, and nothing is thrown`, async (tab, site) => {
      const seen = await tab.bare((_, message) => new Promise(resolve => {
        const worker = new Worker('/support/workers/state.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(message);
      }), { taskloom: site.entry('taskloom'), bare });
      assert.deepEqual(seen, {
        values: [['session', 6, 'memory'], ['local', 6, 'memory'], ['memory', 6, 'memory'], ['cache session', 1, 1], ['cache local', 1, 1], ['origin', 'made']],
        told: ['storage-blocked sessionStorage', 'storage-blocked localStorage'],
      });
    });
  }
}
