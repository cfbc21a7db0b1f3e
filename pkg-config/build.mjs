// Makes the npm package in pkg/: wasm by cargo, glue by pkg-config/bindgen, JavaScript by esbuild and terser.
//
// It assumes cargo, the wasm32 target and node_modules; `npm run build` sees to those first. Nothing is done twice: cargo
// knows what is stale, and the rest is skipped while its inputs are unchanged.
//
// `--testing` makes target/pkg-testing instead: the same with the feature `testing`, and an entry that exports the raw
// wasm functions, for tests of what happens when the instance breaks.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { constantsOf, withoutRelocations } from './data.mjs';
import { edited, shortened } from './glue.mjs';
import { javascript } from './javascript.mjs';
import { packagedReadme } from './readme.mjs';
import { divide, optimize, sign } from './wasm.mjs';

const run = promisify(execFile);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const TARGET = 'wasm32-unknown-unknown';

const testing = process.argv.includes('--testing');
const features = testing ? 'testing' : 'npm';
const out = testing ? 'target/pkg-testing' : 'pkg';
// A feature of its own would have cargo build in turns in one folder.
const targetDir = testing ? 'target/testing' : 'target';
// A folder of its own: cargo has whoever builds wait for others that build in the same.
const toolsDir = 'target/tools';
const glueDir = testing ? 'target/bindgen-testing' : 'target/bindgen';
/** The declarations of what the glue has besides core's functions. */
const OURS = `export function instantiate(modules: readonly WebAssembly.Module[], afresh: boolean): void;
export let interrupted: boolean;
export function goOn(): void;
`;

/** What is loaded as one file: by a page without a bundler, and by workers. */
const bundles = ['slim.js', 'slim-inline.js', 'worker.js'];
const entries = (await readdir(at('pkg-config/entries'))).filter(entry => testing || entry !== 'testing.js');

// The crate says nothing of a cdylib: cargo would give all its builds one name, and link one app with what it has built for another. Beside
// an rlib, what other crates might use would stay in too, 1.4 kB of it. No loop here runs long enough
// to be worth unrolling, 0.5 kB.
await cargo([
  'rustc', '--release', '--target', TARGET, '--package', 'taskloom', '--no-default-features', '--features', features, '--lib',
  '--crate-type', 'cdylib', '--target-dir', targetDir, '--', '-C', 'llvm-args=-unroll-max-count=1',
  '-C', 'link-arg=--emit-relocs', // by which data.mjs divides the constants
]);
await cargo(['build', '--package', 'taskloom-bindgen', '--target-dir', toolsDir], { CARGO_PROFILE_DEV_DEBUG: '0' });

const inputs = await fingerprint();
if ((await readFile(at(glueDir, 'fingerprint'), 'utf8').catch(() => '')) === inputs && await exists(at(out, 'package.json'))) {
  console.log(`  ${out}/ is up to date`);
} else {
  await rm(at(glueDir), { recursive: true, force: true });
  await rm(at(out), { recursive: true, force: true });
  await mkdir(at(out), { recursive: true });
  await wasmAndGlue();
  await Promise.all([javascript({ root, out, glueDir: at(glueDir), entries, bundles }), declarations(), manifest()]);
  await writeFile(at(glueDir, 'fingerprint'), inputs);
  await sizes();
}

async function cargo(args, env = {}) {
  try {
    await run('cargo', args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
  } catch (error) {
    process.stderr.write(error.stderr ?? '');
    console.error(`cargo ${args.join(' ')} failed; its message is above`);
    process.exit(1);
  }
}

async function exists(file) {
  return stat(file).then(() => true, () => false);
}

/** What pkg/ is made from, as one hash. */
async function fingerprint() {
  const files = [
    at(targetDir, TARGET, 'release/taskloom.wasm'), at(toolsDir, 'debug/taskloom-bindgen'), at('README.md'), at('Cargo.toml'),
    at('package-lock.json'),
    ...(await list(at('src/platform'))).filter(file => /\.[jt]s$/.test(file)), ...await list(at('src/js')), ...await list(at('pkg-config')),
  ];
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    hash.update(path.relative(root, file)).update('\0').update(await readFile(file));
  }
  return hash.digest('hex');
}

async function list(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
}

async function wasmAndGlue() {
  await mkdir(at(glueDir), { recursive: true });
  const linked = await readFile(at(targetDir, TARGET, 'release/taskloom.wasm'));
  await writeFile(at(glueDir, 'linked.wasm'), withoutRelocations(linked));
  await run(at(toolsDir, 'debug/taskloom-bindgen'), [at(glueDir, 'linked.wasm'), at(glueDir)]);
  const whole = at(glueDir, 'taskloom_opt.wasm');
  const file = at(glueDir, 'taskloom.js');
  const glue = edited(await readFile(file, 'utf8'));
  const names = await optimize(root, at(glueDir, 'taskloom_bg.wasm'), whole);
  const parts = await divide(whole, { glue, exports: names.exports, sources: at('src/js'), constants: constantsOf(linked) });
  await writeFile(file, shortened(glue, names));
  await appendFile(at(glueDir, 'taskloom.d.ts'), OURS);
  await sign(parts, { glue, constants: at(glueDir, 'constants.js'), fileOf: part => at(out, `taskloom_${part || 'bg'}.wasm`) });
}

async function declarations() {
  await cp(at('pkg-config/types'), at(out), { recursive: true });
}

async function manifest() {
  const version = /^version = "(.*)"$/m.exec(await readFile(at('Cargo.toml'), 'utf8'))[1];
  const template = await readFile(at('pkg-config/package.template.json'), 'utf8');
  await writeFile(at(out, 'package.json'), template.replace('"0.0.0"', JSON.stringify(version)));
  const { repository } = JSON.parse(template);
  await writeFile(at(out, 'README.md'), packagedReadme(await readFile(at('README.md'), 'utf8'), repository?.url));
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await cp(at(file), at(out, file));
}

async function sizes() {
  const parts = (await readdir(at(out))).filter(part => /^(slim|worker)\.js$|\.wasm$/.test(part));
  const kB = async part => `${part} ${(gzipSync(await readFile(at(out, part)), { level: 9 }).length / 1000).toFixed(1)} kB`;
  console.log(`  ${out}/ is built; gzip: ${(await Promise.all(parts.map(kB))).join(', ')}`);
}
