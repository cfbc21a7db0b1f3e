// Rust: cargo, the standard library for wasm32, and the linters.

import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { find } from './find.mjs';
import { capture } from './process.mjs';
import { once, step } from './step.mjs';

const target = 'wasm32-unknown-unknown';

/** Makes sure that there is a cargo that can build for wasm32. */
export const rust = once(async () => {
  await cargo();
  if (await hasStd()) return;
  if (!find('rustup')) {
    throw new Failure(
      `This Rust has no standard library for ${target}, and there is no rustup to add it.\n` +
      'Install Rust by rustup (https://rustup.rs), or your system\'s package of that library (on Fedora: rust-std-static-wasm32-unknown-unknown).',
    );
  }
  await step(`Rust std for ${target}`, '5 s', () => capture('rustup', ['target', 'add', target]));
});

/** Makes sure that there is a cargo. */
export const cargo = once(async () => {
  // rustup's installer adds this folder to the PATH only of shells started after it.
  const folder = path.join(process.env.CARGO_HOME ?? path.join(homedir(), '.cargo'), 'bin');
  if (!find('cargo') && find(path.join(folder, 'cargo'))) process.env.PATH = `${folder}${path.delimiter}${process.env.PATH ?? ''}`;
  if (find('cargo')) return;
  throw new Failure(
    'Rust is missing: there is no cargo on the PATH. Install it as https://rustup.rs says, or by\n' +
    `  ${process.platform === 'darwin' ? 'brew install rustup && rustup default stable' : 'curl https://sh.rustup.rs -sSf | sh -s -- -y'}\n` +
    'and run this command again.',
  );
});

/** Makes sure that there are rustfmt and clippy, which rustup's minimal profile leaves out. */
export const linters = once(async () => {
  await cargo();
  const missing = [];
  for (const [component, args] of [['rustfmt', ['fmt', '--version']], ['clippy', ['clippy', '--version']]]) {
    if ((await capture('cargo', args, { allowFailure: true })).code !== 0) missing.push(component);
  }
  if (missing.length === 0) return;
  if (!find('rustup')) throw new Failure(`This Rust has no ${missing.join(' and ')}. Install Rust by rustup: https://rustup.rs`);
  await step(missing.join(' and '), '10 s', () => capture('rustup', ['component', 'add', ...missing]));
});

/** Asks rustc, not rustup: it may be a Rust of the system's. */
async function hasStd() {
  const { stdout, code } = await capture('rustc', ['--print', 'target-libdir', '--target', target], { allowFailure: true });
  const folder = stdout.trim();
  return code === 0 && existsSync(folder) && readdirSync(folder).some(name => name.startsWith('libstd-'));
}
