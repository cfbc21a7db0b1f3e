// The package as a user gets it: packed by npm, and installed from the tarball into an empty project outside the repository.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { npm } from '../../../scripts/setup/node-packages.mjs';
import { capture } from '../../../scripts/setup/process.mjs';
import { fromRoot } from '../../../scripts/setup/root.mjs';

/**
 * Packs pkg/ and installs the tarball. Resolves to `{ folder, entry(specifier), remove() }`: the project's folder, the path below it of
 * the file that a bare import such as `'taskloom/slim'` means, and how to clean up.
 *
 * `npm test` does it once for all files, and names the folder in TASKLOOM_INSTALLED: what a file adds there needs a name of its own.
 */
export async function installPackage() {
  const shared = process.env.TASKLOOM_INSTALLED;
  const folder = shared ?? await install();
  const manifest = JSON.parse(await readFile(path.join(folder, 'node_modules/taskloom/package.json'), 'utf8'));
  return {
    folder,
    entry(specifier) {
      const target = manifest.exports[specifier.replace(/^taskloom/, '.')];
      if (!target) throw new Error(`the package does not export ${specifier}`);
      return path.posix.join('/node_modules/taskloom', target.default ?? target);
    },
    remove: async () => { if (!shared) await rm(folder, { recursive: true, force: true }); },
  };
}

async function install() {
  const folder = await mkdtemp(path.join(tmpdir(), 'taskloom-e2e-'));
  const [program, ...first] = npm();
  const { stdout } = await capture(program, [...first, 'pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], {
    cwd: fromRoot('pkg'),
  });
  // npm prints a list, or (from version 12 on) an object by name.
  const [{ filename }] = Object.values(JSON.parse(stdout));
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  await capture(program, [
    ...first, 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `./${filename}`,
  ], { cwd: folder });
  return folder;
}
