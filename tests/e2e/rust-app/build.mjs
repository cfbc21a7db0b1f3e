// Builds the app of tests/consumers/rust-app as its user would: outside our workspace, by wasm-pack.

import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { capture } from '../../../scripts/setup/process.mjs';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { rust } from '../../../scripts/setup/rust.mjs';
import { wasmTools } from '../../../scripts/setup/wasm-tools.mjs';

const APP = 'target/rust-app';

/** A copy of the app that takes the crate from here, with `change` made to its manifest; resolves to its folder. */
export async function copyOfApp(name, change = manifest => manifest) {
  const folder = `${APP}/${name}`;
  await rm(fromRoot(folder), { recursive: true, force: true });
  await cp(fromRoot('tests/consumers/rust-app'), fromRoot(folder), { recursive: true, filter: path => !/[\\/](target|Cargo\.lock)$/.test(path) });
  const manifest = fromRoot(folder, 'Cargo.toml');
  await writeFile(manifest, change((await readFile(manifest, 'utf8')).replace('path = "../../.."', `path = ${JSON.stringify(fromRoot())}`)));
  return folder;
}

/** Its packages by wasm-pack's name of their target; resolves to the folder of each. */
export async function builtApp(...targets) {
  await rust();
  const { wasmPack, bindgenTestRunner } = await wasmTools();
  const folder = await copyOfApp('app');
  // The versions that are downloaded already.
  await cp(fromRoot('Cargo.lock'), fromRoot(folder, 'Cargo.lock'));
  const packages = {};
  for (const target of targets) {
    packages[target] = `${folder}/pkg-${target}`;
    await capture(wasmPack, ['--log-level', 'error', 'build', '--dev', '--mode', 'no-install', '--target', target, '--out-dir', `pkg-${target}`, '.', '--offline'], {
      cwd: fromRoot(folder),
      env: {
        CARGO_TARGET_DIR: fromRoot('target/apps'), CARGO_PROFILE_DEV_DEBUG: '0',
        // It takes the wasm-bindgen that it finds first.
        PATH: `${dirname(bindgenTestRunner)}${delimiter}${process.env.PATH}`,
      },
    });
  }
  return packages;
}
