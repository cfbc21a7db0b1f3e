// Projects as users would have them, below tests/consumers: each with npm dependencies of its own, which are installed when its test runs.

import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npm } from '../../../scripts/setup/node-packages.mjs';
import { capture } from '../../../scripts/setup/process.mjs';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { installPackage } from '../support/package.mjs';

/** Copies a project to target/consumers, and installs its dependencies and the packed package there; resolves to the folder. */
export async function consumer(name) {
  const source = fromRoot('tests/consumers', name);
  const folder = fromRoot('target/consumers', name);
  await mkdir(folder, { recursive: true });
  await cp(source, folder, { recursive: true, filter: file => !file.slice(source.length).includes('node_modules') });
  await installDependencies(folder);
  const target = path.join(folder, 'node_modules/taskloom');
  await rm(target, { recursive: true, force: true });
  await cp(path.join((await installPackage()).folder, 'node_modules/taskloom'), target, { recursive: true });
  return folder;
}

/** Once for each lock file: the mark of it is kept beside what was installed. */
async function installDependencies(folder) {
  const lock = createHash('sha256').update(await readFile(path.join(folder, 'package-lock.json'))).digest('hex');
  const mark = path.join(folder, 'node_modules/.installed');
  if (await readFile(mark, 'utf8').catch(() => '') === lock) return;
  const [program, ...first] = npm();
  await capture(program, [
    ...first, 'ci', '--include=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error',
  ], { cwd: folder, env: { NODE_ENV: undefined } });
  await writeFile(mark, lock);
}

/** Runs a tool of a project; rejects with what it says if it fails. */
export const tool = (folder, name, args, options) =>
  capture(path.join(folder, 'node_modules/.bin', name), args, { cwd: folder, ...options });
