// What an app's users download: the published files, and the bundles of the libraries that they
// stand in for.

import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { exactRow } from '../harness/report.js';

/** In kB. */
const BUDGET = 60;

const COMPRESSIONS = {
  gzip: (bytes) => gzipSync(bytes, { level: 9 }),
  brotli: (bytes) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
};

/** What an app would import of each. */
const REPLACED = {
  comlink: `export { wrap, expose, proxy, transfer } from 'comlink';`,
  'p-queue': `export { default as PQueue } from 'p-queue';`,
  'p-retry': `export { default as pRetry } from 'p-retry';`,
  croner: `export { Cron } from 'croner';`,
  'lru-cache': `export { LRUCache } from 'lru-cache';`,
  '@nanostores/persistent': `export { persistentAtom, persistentMap } from '@nanostores/persistent';
    export { atom, computed } from 'nanostores';`,
  'broadcast-channel': `export { BroadcastChannel, createLeaderElection } from 'broadcast-channel';`,
};

/** Not replaced whole; beside the others for its size. As used in groups/tasks.js. */
const EFFECT = `import { Effect } from 'effect';
  export const { runPromise, promise, forEach } = Effect;`;

export default async function measure({ library }) {
  const ours = await shippedFiles(library);
  const peers = {};
  for (const [name, source] of Object.entries({
    'replaced stack': Object.values(REPLACED).join('\n'),
    ...REPLACED,
    effect: EFFECT,
  })) {
    peers[name] = await bundled(source);
  }

  return Object.entries(COMPRESSIONS).flatMap(([name, compress]) => {
    // Each file by itself, as a server sends them.
    const size = (files) => files.reduce((sum, bytes) => sum + compress(bytes).length, 0) / 1000;
    const ofPeers = Object.fromEntries(Object.entries(peers).map(([peer, bytes]) => [peer, size([bytes])]));
    const gzip = name === 'gzip';
    return [
      exactRow({
        name: `npm package, wasm + JS, ${name}`,
        unit: 'kB',
        ours: size([...ours.wasm, ...ours.js]),
        peers: gzip ? { budget: BUDGET, ...ofPeers } : ofPeers,
        target: gzip ? { peer: 'budget', max: 1 } : null,
      }),
      exactRow({ name: `npm package, wasm, ${name}`, unit: 'kB', ours: size(ours.wasm) }),
      exactRow({ name: `npm package, JS, ${name}`, unit: 'kB', ours: size(ours.js) }),
    ];
  });
}

/** One bundle, as an app's production build has it. */
async function bundled(source) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'esnext',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  return outputFiles[0].contents;
}

/**
 * The files that the package's main entry can load, as they are shipped: what it imports, and
 * what it names as `new URL('…', import.meta.url)` (the wasm file, worker scripts).
 */
async function shippedFiles(library) {
  const files = { js: [], wasm: [] };
  const seen = new Set();
  const visit = async (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    const bytes = await readFile(path);
    if (path.endsWith('.wasm')) return void files.wasm.push(bytes);
    files.js.push(bytes);
    for (const reference of [...(await importsOf(path)), ...urlsIn(bytes.toString())]) {
      await visit(resolve(dirname(path), reference));
    }
  };
  await visit(join(library.directory, library.entry('.')));
  if (files.wasm.length === 0) throw new Error('the package’s main entry leads to no .wasm file');
  return files;
}

/** The relative imports of one file, static and dynamic, as esbuild's parser finds them. */
async function importsOf(path) {
  const found = [];
  await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
    plugins: [
      {
        name: 'note imports',
        setup(builder) {
          builder.onResolve({ filter: /^\.{1,2}\// }, (reference) => {
            if (reference.kind === 'entry-point') return null;
            found.push(reference.path);
            return { path: reference.path, external: true };
          });
        },
      },
    ],
  });
  return found;
}

function urlsIn(source) {
  return [...source.matchAll(/new URL\(\s*["'`]([\w./@-]+\.(?:wasm|m?js))["'`]\s*,\s*import\.meta\.url/g)].map(
    ([, reference]) => reference,
  );
}
