// The built npm package: where its entry points are.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const CONDITIONS = ['browser', 'import', 'module', 'default'];

/** The built package in `directory`; `entry('.')` is its main JavaScript file, relative to it, `has('./worker')` whether there is such an entry. */
export async function readPackage(directory) {
  let manifest;
  try {
    manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  } catch (cause) {
    throw new Error(`no npm package in ${directory}: run "npm run build" first`, { cause });
  }
  const find = (subpath) =>
    resolve(manifest.exports?.[subpath] ?? (subpath === '.' ? manifest.module ?? manifest.main : null));
  return {
    directory,
    has: (subpath) => find(subpath) !== null,
    entry(subpath) {
      const target = find(subpath);
      if (!target) throw new Error(`the package exports no "${subpath}"`);
      return target.replace(/^\.\//, '');
    },
  };
}

/** The first condition, in the package's own order, that a browser's bundler fulfils. */
function resolve(target) {
  if (target === null || target === undefined || typeof target === 'string') return target ?? null;
  for (const [condition, nested] of Object.entries(target)) {
    const found = CONDITIONS.includes(condition) && resolve(nested);
    if (found) return found;
  }
  return null;
}
