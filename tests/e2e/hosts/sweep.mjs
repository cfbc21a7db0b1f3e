// Every member of the package, in each host: it works, or it throws an error with a code.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { inPage } from '../support/suite.mjs';
import { wrongOf } from '../support/fixture/sweep.js';
import { publicMembers } from './members.mjs';
import { inProject } from './support.mjs';

const judge = outcomes => assert.deepEqual(wrongOf(outcomes), {});

export default function sweep(browser) {
  describe(`every member of the package in ${browser.name}`, () => {
    const test = inPage(browser);

    test('in a page', async (tab, { folder }) => {
      judge(await tab.load(async ({ init, ...taskloom }, members) => {
        const { sweep } = await import('/support/sweep.js');
        await init();
        return sweep({ init, ...taskloom }, members);
      }, await publicMembers(folder)));
    }, { timeout: 240_000 });

    test('in a dedicated worker, where state is in memory', async (tab, { folder, entry }) => {
      judge(await tab.bare(({}, [entry, members]) => new Promise((resolve, reject) => {
        const worker = window.worker = new Worker('/support/workers/sweep.js', { type: 'module' }); // held: Firefox may let go of one that waits
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = event => reject(new Error(`the worker reports an error: ${event.message}`));
        worker.postMessage({ entry, members });
      }), [entry('taskloom'), await publicMembers(folder)]));
    }, { timeout: 240_000 });
  });
}

describe('every member of the package in Node', () => {
  const { script, project } = inProject();

  it('works, but for pools', async () => {
    const members = await publicMembers(project().folder);
    const { shown, code, errors } = await script(`
      import * as taskloom from 'taskloom';
      import { sweep } from ${JSON.stringify(fromRoot('tests/e2e/support/fixture/sweep.js'))};
      console.warn = () => {};
      await taskloom.init();
      console.log(JSON.stringify(await sweep(taskloom, ${JSON.stringify(members)})));`);
    assert.deepEqual([code, errors], [0, '']);
    judge(shown[0]);
    assert.deepEqual([shown[0].WorkerPool, shown[0]['WorkerPool.run']], ['not-supported', 'not-supported']);
  });
});
