// Bun and Deno, as npm has them; Node beside them.

import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { capture } from '../../../scripts/setup/process.mjs';
import { publicMembers } from '../hosts/members.mjs';
import { wrongOf } from '../support/fixture/sweep.js';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { everything } from '../support/matrix.mjs';
import { patient } from '../support/patience.mjs';
import { consumer } from './support.mjs';

/** How to run a file by each: the program, and what goes before the file. */
const runtimes = {
  Node: async () => [process.execPath],
  Bun: async folder => [await binary(folder, '@oven', 'bin/bun'), 'run'],
  Deno: async folder => [await binary(folder, '@deno', 'deno'), 'run', '--allow-all', '--node-modules-dir=manual'],
};

/** The one that npm has chosen for this machine. */
async function binary(folder, scope, name) {
  const packages = path.join(folder, 'node_modules', scope);
  return path.join(packages, (await readdir(packages)).sort()[0], name);
}

describe('other runtimes', { skip: !everything && 'runs with --all' }, () => {
  let folder;
  before(async () => { folder = await consumer('runtimes'); }, { timeout: patient(600_000) });

  for (const [name, commandOf] of Object.entries(runtimes)) {
    it(`an app runs in ${name}, and its process ends`, { timeout: patient(60_000) }, async () => {
      const [program, ...args] = await commandOf(folder);
      const { stdout } = await capture(program, [...args, 'app.js'], { cwd: folder });
      assert.deepEqual(JSON.parse(stdout.trim().split('\n').at(-1)), [
        'run', ['user-blocking', 'user-visible', 'background'], 3, 'TimeoutError', 2, 4, 4,
      ]);
    });

    it(`every member of the package works in ${name}, but for pools`, { timeout: patient(60_000) }, async () => {
      const [program, ...args] = await commandOf(folder);
      const code = `
        import * as taskloom from 'taskloom';
        import { sweep } from ${JSON.stringify(fromRoot('tests/e2e/support/fixture/sweep.js'))};
        await taskloom.init();
        const outcomes = await sweep(taskloom, ${JSON.stringify(await publicMembers(folder))});
        console.log(JSON.stringify(outcomes));`;
      await writeFile(path.join(folder, 'sweep.js'), code);
      const { stdout } = await capture(program, [...args, 'sweep.js'], { cwd: folder });
      assert.deepEqual(wrongOf(JSON.parse(stdout.trim().split('\n').at(-1))), {});
    });
  }
});
