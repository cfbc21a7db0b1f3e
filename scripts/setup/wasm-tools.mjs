// The tools that tests of the crate in a browser need: wasm-pack, wasm-bindgen's test runner, and geckodriver.
//
// All three come from crates.io, which is reachable wherever the crate itself can be built. They go into a cache of the user's, so that
// clones share them and the user's own tools stay as they are.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { find } from './find.mjs';
import { capture } from './process.mjs';
import { fromRoot } from './root.mjs';
import { cargo } from './rust.mjs';
import { once, step } from './step.mjs';
import { compareVersions, lockedVersion, versionIn } from './version.mjs';

/** The per-user cache folder. */
export function cacheFolder(env = process.env) {
  return path.join(env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'taskloom');
}

/** Makes sure that wasm-pack and the test runner are there; resolves to their paths `{ wasmPack, bindgenTestRunner }`. */
export const wasmTools = once(async () => {
  const bindgen = bindgenVersion();
  return {
    // wasm-pack refuses a wasm-bindgen of any other version than the crate's. Its own lock file names yanked crates.
    bindgenTestRunner: await ensure({
      crate: 'wasm-bindgen-cli', binary: 'wasm-bindgen-test-runner', version: bindgen, fits: found => found === bindgen,
      locked: false, expected: '90 s, on a busy machine 4 minutes',
    }),
    wasmPack: await ensure({
      crate: 'wasm-pack', binary: 'wasm-pack', version: '0.15.1', fits: found => compareVersions(found, '0.13') >= 0,
      locked: true, expected: '70 s, on a busy machine 4 minutes',
    }),
  };
});

/** Makes sure that there is a geckodriver, which Firefox needs; resolves to its path. */
export const geckodriver = once(() => ensure({
  crate: 'geckodriver', binary: 'geckodriver', version: '0.37.1', fits: () => true,
  locked: true, expected: '65 s, on a busy machine 4 minutes', given: process.env.GECKODRIVER,
}));

function bindgenVersion() {
  let lock;
  try {
    lock = readFileSync(fromRoot('Cargo.lock'), 'utf8');
  } catch {
    throw new Failure('Cargo.lock is missing. It is part of the repository: git checkout Cargo.lock, or make a new one by cargo generate-lockfile');
  }
  const version = lockedVersion(lock, 'wasm-bindgen');
  if (!version) throw new Failure('Cargo.lock names no wasm-bindgen.');
  return version;
}

async function ensure({ crate, binary, version, fits, locked, expected, given }) {
  const folder = path.join(cacheFolder(), 'tools', `${crate}-${version}`);
  for (const candidate of [given, binary, path.join(folder, 'bin', binary)]) {
    const file = find(candidate);
    const found = file && await versionOf(file);
    if (found && fits(found)) return file;
  }
  await cargo();
  await step(`${crate} ${version}, built into the cache`, expected, () => install({ crate, version, locked, folder }));
  return path.join(folder, 'bin', binary);
}

async function versionOf(file) {
  const { code, stdout } = await capture(file, ['--version'], { allowFailure: true });
  return code === 0 ? versionIn(stdout) : undefined;
}

async function install({ crate, version, locked, folder }) {
  const target = await buildFolder();
  await capture('cargo', [
    'install', crate, '--version', version, '--root', folder, '--force',
    // A debug build takes a third of the time and runs fast enough for what we test.
    '--debug', ...(locked ? ['--locked'] : []),
  ], {
    // Away from the repository, whose cargo settings are for the crate and not for these tools.
    cwd: cacheFolder(),
    env: {
      CARGO_TARGET_DIR: target, CARGO_PROFILE_DEV_DEBUG: '0', CARGO_INCREMENTAL: '0',
      CARGO_BUILD_TARGET: undefined, RUSTFLAGS: undefined, CARGO_ENCODED_RUSTFLAGS: undefined,
    },
  });
}

/** One folder for all three, which share crates; half a gigabyte, so it goes when this process does. */
const buildFolder = once(async () => {
  mkdirSync(cacheFolder(), { recursive: true });
  const folder = mkdtempSync(path.join(cacheFolder(), 'build-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
});
