// Tests of an app, as its author runs them: vitest with each of its environments, and jest.

import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { publicMembers } from '../hosts/members.mjs';
import { everything } from '../support/matrix.mjs';
import { patient } from '../support/patience.mjs';
import { consumer, tool } from './support.mjs';

/** Has the project call every member of the package, besides its own tests: see hosts/sweep.mjs. */
async function addSweep(folder, framework = 'vitest') {
  const members = await publicMembers(folder);
  await copyFile(fromRoot('tests/e2e/support/fixture/sweep.js'), path.join(folder, 'src/sweep.js'));
  await writeFile(path.join(folder, 'src/sweep.test.js'), `
    import { expect, test } from '${framework}';
    import * as taskloom from 'taskloom';
    import { sweep, wrongOf } from './sweep.js';

    test('every member of the package works, but for pools', async () => {
      await taskloom.init();
      const outcomes = await sweep(taskloom, ${JSON.stringify(members)});
      expect(wrongOf(outcomes)).toEqual({});
      expect(outcomes.WorkerPool).toBe('not-supported');
    }, 30_000);`);
}

describe('an app tested with vitest', () => {
  const environments = everything ? ['node', 'jsdom', 'happy-dom'] : ['node', 'jsdom'];

  it(`its tests pass in ${environments.join(', ')}`, { timeout: patient(300_000) }, async () => {
    const folder = await consumer('vitest');
    await addSweep(folder);
    const { stdout } = await tool(folder, 'vitest', ['run', '--reporter=json', ...environments.map(name => `--project=${name}`)], { env: { VITEST: undefined } });
    const { numPassedTests, numFailedTests, success } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    assert.deepEqual([numPassedTests, numFailedTests, success], [10 * environments.length, 0, true]);
  });
});

describe('an app tested with jest', { skip: !everything && 'runs with --all' }, () => {
  it('its tests pass in node, jsdom and happy-dom', { timeout: patient(600_000) }, async () => {
    const folder = await consumer('jest');
    await addSweep(folder, '@jest/globals');
    const { stdout } = await tool(folder, 'jest', ['--json'], { env: { NODE_OPTIONS: '--experimental-vm-modules' } });
    const { numPassedTests, numFailedTests, success } = JSON.parse(stdout.slice(stdout.indexOf('{')));
    assert.deepEqual([numPassedTests, numFailedTests, success], [30, 0, true]);
  });
});
