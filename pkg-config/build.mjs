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
import esbuild from 'esbuild';
import { minify } from 'terser';
import { packagedReadme } from './readme.mjs';

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
const entries = ['taskloom.js', 'slim.js', 'worker.js', 'inline.js'].map(entry => `pkg-config/entries/${entry}`);
if (testing) entries.push('pkg-config/entries/testing.js');

/** What the glue does that nobody here asks for. */
const GLUE_EDITS = [
  // Each call would first ask whether the instance is to be replaced, which only unwinding panics ask for.
  [/^\s*__wbg_call_guard\(\);\n/gm, ''],
  // A result is a variable of its own before it is one.
  [/let ret;\n\s*ret = /g, 'const ret = '],
  // engine.js has a compiled module, and hands it over in the object that is asked for.
  [/(?<=^function initSync\()module(\) {\n).*?(?=^ *const imports)/gms, '{ module }$1    if (wasm !== undefined) return wasm;\n'],
  [/^ *if \(!\(module instanceof WebAssembly\.Module\)\) {.*?}\n(?= *const instance)/gms, ''],
  // Memory to write a string to can always be had again in another size, and browsers that know es2022 have encodeInto().
  [/^ *if \(realloc === undefined\) {.*?^ {4}}\n/gms, ''],
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) {.*?^}\n/gms, ''],
  // Importing the package must touch no global: both are made when the instance is.
  [/^let cachedTextDecoder = .*\n.*decode\(\);\n/gm, "import { newTextDecoder, newTextEncoder } from '#host';\nlet cachedTextDecoder;\n"],
  [/new TextDecoder\('utf-8', .*?\);\n.*decode\(\);\n/g, 'newTextDecoder();\n'],
  [/^const cachedTextEncoder = .*\n/gm, 'let cachedTextEncoder;\n'],
  [/(?<=^function initSync.*\n.*\n)(?=^ *const imports)/gm, '    cachedTextDecoder ??= newTextDecoder();\n    cachedTextEncoder ??= newTextEncoder();\n'],
];

/** The glue links its own copies of files in src/; there must be one TaskloomError. */
const oneErrorsModule = {
  name: 'one-errors-module',
  setup(build) {
    build.onResolve({ filter: /snippets\/.*\/src\// }, ({ path }) => ({ path: at(path.slice(path.indexOf('src/'))) }));
  },
};

/** The file of an inline pool's workers, as text. */
const inlineWorker = {
  name: 'inline-worker',
  setup(build) {
    build.onResolve({ filter: /^#inline-worker$/ }, () => ({ path: 'inline-worker', namespace: 'inline-worker' }));
    build.onLoad({ filter: /.*/, namespace: 'inline-worker' }, async () => {
      const { outputFiles } = await esbuild.build({
        ...bundling(), entryPoints: ['src/js/inline/worker.js'], write: false, plugins: [oneErrorsModule],
      });
      return { contents: await minified(outputFiles[0].text), loader: 'text' };
    });
  },
};

// The crate says nothing of a cdylib: cargo would give all its builds one name, and link one app with what it has built for another. Beside
// an rlib, what other crates might use would stay in too, 1.4 kB of it. No loop here runs long enough
// to be worth unrolling, 0.5 kB.
await cargo([
  'rustc', '--release', '--target', TARGET, '--package', 'taskloom', '--no-default-features', '--features', features, '--lib',
  '--crate-type', 'cdylib', '--target-dir', targetDir, '--', '-C', 'llvm-args=-unroll-max-count=1',
]);
await cargo(['build', '--package', 'taskloom-bindgen', '--target-dir', toolsDir], { CARGO_PROFILE_DEV_DEBUG: '0' });

const inputs = await fingerprint();
if ((await readFile(at(glueDir, 'fingerprint'), 'utf8').catch(() => '')) === inputs && await exists(at(out, 'package.json'))) {
  console.log(`  ${out}/ is up to date`);
} else {
  await glue();
  await rm(at(out), { recursive: true, force: true });
  await mkdir(at(out), { recursive: true });
  await shortenNames(await wasm());
  await sign();
  await Promise.all([javascript(), declarations(), manifest()]);
  await writeFile(at(glueDir, 'fingerprint'), inputs);
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
    at(targetDir, TARGET, 'release/taskloom.wasm'), at(toolsDir, 'debug/taskloom-bindgen'), at('README.md'), at('Cargo.toml'),
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
  await rm(at(glueDir), { recursive: true, force: true });
  await run(at(toolsDir, 'debug/taskloom-bindgen'), [at(targetDir, TARGET, 'release/taskloom.wasm'), at(glueDir)]);
  const file = at(glueDir, 'taskloom.js');
  let text = await readFile(file, 'utf8');
  for (const [what, instead] of GLUE_EDITS) {
    if (text.search(what) < 0) fail(`the glue has no ${what}: see what has come in its place`);
    text = text.replaceAll(what, instead);
  }
  await writeFile(file, guarded(text));
  await appendFile(at(glueDir, 'taskloom.d.ts'), 'export let interrupted: boolean;\nexport function goOn(): void;\n');
}

/**
 * Guards every call into wasm: what it throws is `thrown` by src/js/base/errors.js, which tells an error of core's from an instance that has stopped. `interrupted`
 * is set by what calls nothing, since there may be no stack left; `isSound` is what is asked then, and `takeRoom` is no call of core's.
 */
function guarded(text) {
  const errors = /(?<=^import { .*)(?= } from '.*\/errors\.js')/m;
  const calls = /^(export function (?!takeRoom|isSound|initSync|__wbg_)\w+\(.*\) {\n)((?: .*\n|\n)*?)(?=^}\n)/gm;
  if (!errors.test(text) || !calls.test(text)) fail('the glue has no calls to guard: see what has come in their place');
  return text
    .replace(errors, ', thrown')
    .replace(calls, (_, head, body) => `${head}    try {\n${body}    } catch (error) {\n        interrupted = true;\n        throw thrown(error);\n    }\n`)
    + '\nexport let interrupted = false;\nexport const goOn = () => { interrupted = false; };\n';
}

/**
 * Marks glue and wasm as of one build: a number in a section of the wasm's own, which load.js compares with the one that it knows. Neither the glue
 * nor the names in it tell: the short names of another build are the same.
 */
async function sign() {
  const file = at(out, 'taskloom_bg.wasm');
  const constants = at(glueDir, 'constants.js');
  const [bytes, glue, known] = await Promise.all([readFile(file), readFile(at(glueDir, 'taskloom.js')), readFile(constants, 'utf8')]);
  const id = createHash('sha256').update(bytes).update(glue).update(known).digest().subarray(0, 4);
  const name = Buffer.from('taskloom');
  const section = Buffer.concat([Buffer.from([0, 1 + name.length + id.length, name.length]), name, id]);
  await writeFile(file, Buffer.concat([bytes, section]));
  await writeFile(constants, `${known}export const BUILD = ${id.readUInt32BE()};\n`);
}

/** Optimizes the wasm, and gives its imports and exports short names; returns these. */
async function wasm() {
  const { stdout } = await run(process.execPath, [
    at('node_modules/binaryen/bin/wasm-opt'), at(glueDir, 'taskloom_bg.wasm'), '-o', at(out, 'taskloom_bg.wasm'),
    '-O3', '--strip-debug', '--strip-producers', '--strip-target-features', '--enable-bulk-memory',
    '--enable-nontrapping-float-to-int', '--enable-sign-ext', '--enable-mutable-globals', '--enable-reference-types',
    '--enable-multivalue',
    '--low-memory-unused', // the far end of the stack, by which one that overflows traps as it did
    // LLVM has inlined what is worth it already; what has one caller and was left out of it is for the rare case.
    '--one-caller-inline-max-function-size', '20', '--flexible-inline-max-function-size', '10',
    '--minify-imports-and-exports-and-modules',
  ]);
  return JSON.parse(stdout);
}

/**
 * Has the glue call what it imports and exports by the short names: an import is `[module, name, short]`, an export `[name, short]`.
 * In quotes, since some look like the fields that `mangleProps` is for.
 */
async function shortenNames({ imports, exports }) {
  const file = at(glueDir, 'taskloom.js');
  const short = new Map(exports);
  let text = await readFile(file, 'utf8');
  text = text.replaceAll(/\bwasm\.(\w+)/g, (_, name) => `wasm['${short.get(name) ?? fail(`the wasm does not export ${name}`)}']`);
  for (const [module, name, shortName] of imports) {
    text = text.replace(`"${module}": `, 'a: ').replace(`${name}: function`, `'${shortName}': function`);
  }
  await writeFile(file, text);
}

async function javascript() {
  const { outputFiles } = await esbuild.build({
    ...bundling(),
    entryPoints: entries,
    outdir: out,
    write: false,
    splitting: true, // what the page and its workers both need is a file of its own
    chunkNames: 'shared-[hash]', // so that one of another version is never taken for it
    external: ['./slim.js'],
    plugins: [oneErrorsModule, inlineWorker],
  });
  await Promise.all(outputFiles.map(async file => writeFile(file.path, await minified(file.text))));
}

/** Terser finds what esbuild leaves, above all functions that are called in one place: 0.6 kB. */
async function minified(text) {
  const { code } = await minify(text, { module: true, ecma: 2022, compress: { passes: 3 } });
  return code;
}

/** What all of the package's JavaScript is bundled with. */
function bundling() {
  return {
    absWorkingDir: root,
    alias: { '#host': at('src/js/base/host.ts'), '#wasm': at(glueDir, 'taskloom.js'), '#constants': at(glueDir, 'constants.js') },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    mangleProps: /^_[a-z]/, // fields that only our own files touch
    legalComments: 'none',
    logLevel: 'warning',
  };
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
  const parts = (await readdir(at(out))).filter(part => /\.(js|wasm)$/.test(part) && part !== 'inline.js'); // which is loaded instead of a file of one's own
  const bytes = await Promise.all(parts.map(async part => gzipSync(await readFile(at(out, part)), { level: 9 }).length));
  const kB = number => `${(number / 1000).toFixed(1)} kB`;
  const total = bytes.reduce((sum, part) => sum + part, 0);
  console.log(`  ${out}/ is built: ${kB(total)} gzip (${parts.map((part, i) => `${part} ${kB(bytes[i])}`).join(', ')})`);
}
