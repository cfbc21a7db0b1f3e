// The app of examples/kmeans with the glue that `wasm-pack build --target web` would make, by the generator in pkg-config/bindgen.

import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../../../scripts/setup/process.mjs';
import { fromRoot } from '../../../scripts/setup/root.mjs';

const TARGET = 'wasm32-unknown-unknown';
const APPS = 'target/apps';
const TOOLS = 'target/tools';
const WASM = `${APPS}/${TARGET}/debug/kmeans.wasm`;
const BINDGEN = `${TOOLS}/debug/taskloom-bindgen`;
/** Where it is. */
export const OUT = 'target/kmeans/pkg';
const MADE_OF = 'target/kmeans/made-of';

/** Builds it, if anything has changed; resolves to its folder. `node tests/e2e/rust-jobs/app.mjs` does so before the tests. */
export async function builtApp() {
  // No debug information: it makes the module four times as large.
  const env = { CARGO_PROFILE_DEV_DEBUG: '0' };
  await run('cargo', ['build', '--quiet', '--package', 'kmeans', '--lib', '--features', 'trials', '--target', TARGET, '--target-dir', APPS], { env });
  await run('cargo', ['build', '--quiet', '--package', 'taskloom-bindgen', '--target-dir', TOOLS], { env });
  const hash = createHash('sha256');
  for (const file of [WASM, BINDGEN]) hash.update(await readFile(fromRoot(file)));
  const madeOf = hash.digest('hex');
  if (await readFile(fromRoot(MADE_OF), 'utf8').catch(() => '') !== madeOf) {
    await rm(fromRoot(OUT), { recursive: true, force: true });
    await run(fromRoot(BINDGEN), ['--app', WASM, OUT]);
    await writeFile(fromRoot(MADE_OF), madeOf);
  }
  return OUT;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await builtApp();
