// A dedicated worker, by itself: not one of a pool.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inPage } from '../support/suite.mjs';

export default function worker(browser) {
  describe(`the package in a dedicated worker in ${browser.name}`, () => {
    const test = inPage(browser);

    test('what is to be stored as text is kept in memory, with one report for each kind; the database is used', async (tab, { entry }) => {
      const outcome = await tab.bare((_, entry) => new Promise((resolve, reject) => {
        const worker = new Worker('/support/workers/storage.js', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = event => reject(new Error(`the worker reports an error: ${event.message}`));
        worker.postMessage(entry);
      }), entry('taskloom'));
      assert.deepEqual(outcome, {
        said: [[1, 'memory', false, 2], [1, 'memory', false, 2], [1, 'memory', false, 2], false, [1, 1], [1, 1], [1, 1]],
        calls: 3,
        errors: [['storage-blocked', 'local']],
        warnings: ['sessionStorage'],
        ran: 'ran',
      });
    });
  });
}
