// Bundles the page, the groups and their peers for the browser.

import { copyFile, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Writes the page, each worker script (`*.worker.js`) and the named groups into a new temporary
 * directory, laid out like benches/, and returns its path. Each group is a bundle of its own, with
 * its peers inside. The package stays outside, served as it is published: imports of `taskloom`
 * become imports of `/taskloom/…`, so that it finds its wasm file next to itself.
 */
export async function bundle({ benches, groups, library }) {
  const directory = await mkdtemp(join(tmpdir(), 'taskloom-bench-'));
  await build({
    entryPoints: [
      'harness/page.js',
      ...(await workerScripts(benches)),
      ...groups.map((group) => `groups/${group}.js`),
    ].map((path) => join(benches, path)),
    outdir: directory,
    outbase: benches,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'esnext',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
    external: ['worker_threads', 'child_process', 'os'], // workerpool asks Node for them, and not in a browser
    plugins: [servedPackage(library)],
  });
  await mkdir(join(directory, 'harness'), { recursive: true });
  await copyFile(join(benches, 'harness/page.html'), join(directory, 'harness/page.html'));
  return directory;
}

async function workerScripts(benches) {
  const found = [];
  for (const folder of ['harness', 'groups']) {
    const names = await readdir(join(benches, folder));
    found.push(...names.filter((name) => name.endsWith('.worker.js')).map((name) => `${folder}/${name}`));
  }
  return found;
}

/** Imports of `taskloom` become imports of what is served below `/taskloom/`. */
export function servedPackage(library) {
  return {
    name: 'served package',
    setup(builder) {
      builder.onResolve({ filter: /^taskloom(\/|$)/ }, ({ path }) => {
        const subpath = path.replace('taskloom', '.');
        // Rows that need an entry that this package lacks are skipped: it is never asked for.
        return { path: `/taskloom/${library.has(subpath) ? library.entry(subpath) : 'not-exported.js'}`, external: true };
      });
    },
  };
}
