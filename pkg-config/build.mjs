// Makes the npm package in pkg/: wasm by cargo, glue by pkg-config/bindgen, JavaScript by esbuild.
//
// It assumes cargo, the wasm32 target and node_modules; `npm run build` sees to those first. Nothing is done twice: cargo
// knows what is stale, and the rest is skipped while its inputs are unchanged.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';

const run = promisify(execFile);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);
const TARGET = 'wasm32-unknown-unknown';

/** The glue links its own copy of src/js/errors.js; there must be one TaskloomError. */
const oneErrorsModule = {
  name: 'one-errors-module',
  setup(build) {
    build.onResolve({ filter: /snippets\/.*\/src\/js\/errors\.js$/ }, () => ({ path: at('src/js/errors.js') }));
  },
};

await cargo(['build', '--release', '--target', TARGET, '--package', 'taskloom', '--features', 'npm', '--lib']);
await cargo(['build', '--package', 'taskloom-bindgen'], { CARGO_PROFILE_DEV_DEBUG: '0' });

const inputs = await fingerprint();
if ((await readFile(at('target/bindgen/fingerprint'), 'utf8').catch(() => '')) === inputs && await exists(at('pkg/package.json'))) {
  console.log('  pkg/ is up to date');
} else {
  await glue();
  await rm(at('pkg'), { recursive: true, force: true });
  await mkdir(at('pkg'), { recursive: true });
  await Promise.all([wasm(), javascript(), declarations(), manifest()]);
  await writeFile(at('target/bindgen/fingerprint'), inputs);
  await sizes();
}

async function cargo(args, env = {}) {
  try {
    await run('cargo', args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 1 << 26 });
  } catch (error) {
    process.stderr.write(error.stderr ?? '');
    fail(`cargo ${args.join(' ')} failed; its message is above`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

async function exists(file) {
  return stat(file).then(() => true, () => false);
}

/** What pkg/ is made from, as one hash. */
async function fingerprint() {
  const files = [
    at('target', TARGET, 'release/taskloom.wasm'), at('target/debug/taskloom-bindgen'), at('README.md'), at('Cargo.toml'),
    at('package-lock.json'),
    ...await list(at('src/js')), ...await list(at('pkg-config')),
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

async function glue() {
  await rm(at('target/bindgen'), { recursive: true, force: true });
  await run(at('target/debug/taskloom-bindgen'), [at('target', TARGET, 'release/taskloom.wasm'), at('target/bindgen')]);
}

async function wasm() {
  await run(process.execPath, [
    at('node_modules/binaryen/bin/wasm-opt'), at('target/bindgen/taskloom_bg.wasm'), '-o', at('pkg/taskloom_bg.wasm'),
    '-O3', '--strip-debug', '--strip-producers', '--enable-bulk-memory', '--enable-nontrapping-float-to-int',
    '--enable-sign-ext', '--enable-mutable-globals', '--enable-reference-types', '--enable-multivalue',
  ]);
}

async function javascript() {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['pkg-config/entries/taskloom.js', 'pkg-config/entries/slim.js'],
    outdir: 'pkg',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    mangleProps: /^_[a-z]/, // fields that only our own files touch
    legalComments: 'none',
    external: ['./slim.js'],
    plugins: [oneErrorsModule],
    logLevel: 'warning',
  });
}

async function declarations() {
  await cp(at('pkg-config/types'), at('pkg'), { recursive: true });
}

async function manifest() {
  const version = /^version = "(.*)"$/m.exec(await readFile(at('Cargo.toml'), 'utf8'))[1];
  const template = await readFile(at('pkg-config/package.template.json'), 'utf8');
  await writeFile(at('pkg/package.json'), template.replace('"0.0.0"', JSON.stringify(version)));
  for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) await cp(at(file), at('pkg', file));
}

async function sizes() {
  const parts = ['taskloom_bg.wasm', 'slim.js', 'taskloom.js'];
  const bytes = await Promise.all(parts.map(async part => gzipSync(await readFile(at('pkg', part)), { level: 9 }).length));
  const kB = number => `${(number / 1000).toFixed(1)} kB`;
  const total = bytes.reduce((sum, part) => sum + part, 0);
  console.log(`  pkg/ is built: ${kB(total)} gzip (${parts.map((part, i) => `${part} ${kB(bytes[i])}`).join(', ')})`);
}
