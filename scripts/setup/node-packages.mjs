// The npm packages, for builds, tests and benchmarks. All are `devDependencies`: wasm-bindgen copies what the `package.json` of a crate names as
// `dependencies` into the package of every app that uses the crate.

import { readFileSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { find } from './find.mjs';
import { capture } from './process.mjs';
import { fromRoot } from './root.mjs';
import { once, step } from './step.mjs';

/** Installs them, unless they are there. */
export const allPackages = once(async () => {
  if (isInstalled(readJson('package-lock.json'), readJson('node_modules/.package-lock.json'))) return;
  await step('npm packages', '20 s', async () => {
    const [program, ...first] = npm();
    await capture(program, [
      ...first, 'ci',
      // Said outright, as NODE_ENV=production or a user's own settings would leave the test tools out.
      '--include=dev',
      // Nothing we use needs its install script, and a script is one more thing that can need a network.
      '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error',
    ], { env: { NODE_ENV: undefined } });
  });
});

/**
 * Whether `node_modules` holds what the lock file names, by the record that npm keeps there (`node_modules/.package-lock.json`). It is
 * true after the user's own `npm install` too.
 */
export function isInstalled(lock, record, { platform = process.platform, arch = process.arch } = {}) {
  if (!lock) throw new Failure('package-lock.json is missing. It is part of the repository: git checkout package-lock.json');
  if (!record) return false;
  return Object.entries(lock.packages ?? {}).every(([where, wanted]) => {
    if (where === '' || wanted.link || wanted.extraneous) return true;
    // npm leaves out optional packages for other machines; of those that name no machine it can't be told.
    if (wanted.optional && !(wanted.os?.includes(platform) && wanted.cpu?.includes(arch) && !wanted.libc)) return true;
    return record.packages?.[where]?.version === wanted.version;
  });
}

/** How to start npm: the one that runs us, else the one on the PATH. */
export function npm() {
  const self = process.env.npm_execpath;
  if (self && /npm-cli\.c?js$/.test(self)) return [process.execPath, self];
  const found = find('npm');
  if (!found) throw new Failure('npm is missing. It comes with Node.js: https://nodejs.org');
  return [found];
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(fromRoot(file), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw new Failure(`${file} is not readable: ${error.message}`);
  }
}
