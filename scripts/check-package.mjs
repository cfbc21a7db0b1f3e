// Checks the package as npm would publish it: packs pkg/, then lints the tarball's layout (publint) and its types (attw).

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Failure, main } from './setup/failure.mjs';
import { npm } from './setup/node-packages.mjs';
import { capture, run } from './setup/process.mjs';
import { fromRoot } from './setup/root.mjs';

await main(async () => {
  const tarball = await pack(fromRoot('target', 'package'));
  const checks = [
    ['publint', [tarball, '--strict']],
    // The package is ES modules only, and the entry point `wasm` is a binary file: neither is a mistake in the types. Resolvers that know no `exports`
    // are looked at too.
    ['attw', [tarball, '--ignore-rules', 'cjs-resolves-to-esm', '--exclude-entrypoints', 'wasm']],
  ];
  const failed = [];
  for (const [name, args] of checks) {
    if (await run(fromRoot('node_modules', '.bin', name), args, { allowFailure: true }) !== 0) failed.push(name);
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
