// The package as a user gets it: packed by npm, and installed from the tarball into an empty project outside the repository.

import { rmSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { npm } from '../../../scripts/setup/node-packages.mjs';
import { capture, run } from '../../../scripts/setup/process.mjs';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { once } from '../../../scripts/setup/step.mjs';

/** What most pages of the tests import is bundled, as an app's is: without a bundler each of thousands of pages would fetch eighty files. */
const BUNDLED = { 'taskloom': 'taskloom', 'taskloom/inline': 'inline' };

/**
 * A project that has installed the package, one for each file of tests, which may add to it. Resolves to `{ folder, entry(specifier) }`: the project's folder, and the path below it
 * of the file that a bare import such as `'taskloom/slim'` means. It goes when the process does.
 *
 * `'taskloom'` and `'taskloom/inline'` are bundled by esbuild; the other entries, and those two as `raw`, are the package's own modules.
 *
 * `npm test` packs and installs once for all files, and names the folder in TASKLOOM_INSTALLED; they copy it.
 */
export const installPackage = once(async () => {
  const folder = await emptyFolder('taskloom-e2e-');
  if (process.env.TASKLOOM_INSTALLED) await cp(process.env.TASKLOOM_INSTALLED, folder, { recursive: true });
  else await packAndInstall(folder);
  const manifest = JSON.parse(await readFile(path.join(folder, 'node_modules/taskloom/package.json'), 'utf8'));
  return {
    folder,
    entry(specifier, { raw = false } = {}) {
      if (!raw && BUNDLED[specifier]) return `/node_modules/taskloom/bundled-${BUNDLED[specifier]}.js`;
      const target = manifest.exports[specifier.replace(/^taskloom/, '.')];
      if (!target) throw new Error(`the package does not export ${specifier}`);
      return path.posix.join('/node_modules/taskloom', target.default ?? target);
    },
  };
});

/** A folder outside the repository, which goes when the process does. */
export async function emptyFolder(prefix) {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes the build with exports that break the instance (pkg-config/build.mjs --testing), unless `npm test` has made it. */
export async function testingBuild() {
  if (!process.env.TASKLOOM_INSTALLED) await run(process.execPath, [fromRoot('pkg-config', 'build.mjs'), '--testing']);
}

async function packAndInstall(folder) {
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
  await bundle(path.join(folder, 'node_modules/taskloom'));
}

/** Beside the parts of the wasm, which it finds by its own address. */
async function bundle(library) {
  const { default: esbuild } = await import('esbuild'); // `npm test` imports this file before it has got the packages
  await esbuild.build({
    absWorkingDir: library, entryPoints: Object.values(BUNDLED).map(name => `${name}.js`), outdir: library, entryNames: 'bundled-[name]',
    chunkNames: 'bundled-[hash]', bundle: true, splitting: true, format: 'esm', minify: true, logLevel: 'error',
  });
}
