// Scripts that Node runs in a project in which the package is installed.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before } from 'node:test';
import { installPackage } from '../support/package.mjs';
import { patient } from '../support/patience.mjs';

const PATIENCE = patient(60_000);
let count = 0;

/** To be called in a `describe`: installs the package for its tests. Returns `script` for that project. */
export function inProject() {
  let installed;
  before(async () => { installed = await installPackage(); }, { timeout: patient(60_000) });
  return { script: (...args) => script(installed.folder, ...args), project: () => installed };
}

/**
 * Runs a function as an ES module of its own, with what it shows by `show(value)` (JSON) as the result: `{ shown, code, errors }`. A process that
 * does not end is killed, and its `code` is null.
 */
export async function script(folder, body, { extension = 'mjs', before = '' } = {}) {
  const file = path.join(folder, `script-${count++}.${extension}`);
  await writeFile(file, typeof body === 'string' ? body
    : `${before}\nconst show = value => console.log(JSON.stringify(value));\n${String(body).replace(/^async \(\) => {|}$/g, '')}`);
  return runFile(file, folder);
}

export const runFile = (file, folder) => new Promise(resolve => {
  execFile(process.execPath, [file], { cwd: folder, timeout: PATIENCE }, (error, stdout, stderr) => {
    const shown = stdout.split('\n').filter(Boolean).map(line => JSON.parse(line));
    resolve({ shown, code: error ? error.killed ? null : error.code : 0, errors: stderr });
  });
});
