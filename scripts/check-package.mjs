// Checks the package as npm would publish it: packs pkg/, then lints the tarball's layout (publint), its types (attw) and its README, of which the registry
// makes a page.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { relativeLinks } from '../pkg-config/readme.mjs';
import { Failure, main } from './setup/failure.mjs';
import { npm } from './setup/node-packages.mjs';
import { capture, run } from './setup/process.mjs';
import { fromRoot } from './setup/root.mjs';

await main(async () => {
  const tarball = await pack(fromRoot('target', 'package'));
  const { exports } = JSON.parse(readFileSync(fromRoot('pkg', 'package.json'), 'utf8'));
  const binaries = Object.keys(exports).filter(name => String(exports[name]).endsWith('.wasm')).map(name => name.slice('./'.length));
  const checks = [
    ['publint', [tarball, '--strict']],
    // The package is ES modules only, and some entry points are binary files: neither is a mistake in the types. Resolvers that know no `exports`
    // are looked at too.
    ['attw', [tarball, '--ignore-rules', 'cjs-resolves-to-esm', '--exclude-entrypoints', ...binaries]],
  ];
  const failed = [];
  for (const [name, args] of checks) {
    if (await run(fromRoot('node_modules', '.bin', name), args, { allowFailure: true }) !== 0) failed.push(name);
  }
  const links = relativeLinks(readFileSync(fromRoot('pkg', 'README.md'), 'utf8'));
  if (links.length > 0) {
    console.log(`README links to what is not on its page: ${links.join(', ')}`);
    failed.push('the check of README');
  }
  if (failed.length > 0) throw new Failure(`${failed.join(' and ')} found something wrong.`);
});

/** Packs pkg/ into a folder of its own and returns the tarball's path. */
async function pack(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const [program, ...first] = npm();
  const { stdout } = await capture(program, [...first, 'pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], {
    cwd: fromRoot('pkg'),
  });
  // npm prints a list, or (from version 12 on) an object by name.
  const [packed] = Object.values(JSON.parse(stdout));
  const kilobytes = bytes => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(`${packed.filename}: ${packed.files.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`);
  return path.join(folder, packed.filename);
}
