// What a bundler leaves out: a module that is imported, and of which nothing is used, must leave nothing in the bundle. Whatever runs when a module is
// loaded (`handle(Class)`, `new Map()` that the bundler can't judge) keeps all that it names, in every app that imports any of the capability.
//
// The wasm's glue, its parts and the constants are generated; here they are files of others, which are never in the bundle.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../../src/js/', import.meta.url));
const host = path.join(root, 'base/host.ts');
const generated = /^#(wasm|constants|inline-worker|parts\/.*)$/;

/** What may stay of a file, and why. */
const MAY_STAY = {
  'inline/worker.js': 'it is the whole of a worker, and calls expose()',
};

const modules = readdirSync(root, { recursive: true }).filter(file => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts')).sort();

/** The files of which something stays, with how many bytes, in a bundle that imports this one for nothing. */
async function leftBy(bundle, file) {
  const left = await bundle(`import './${file}';`);
  return Object.entries(left).filter(([name, bytes]) => bytes > 0 && name in MAY_STAY === false).map(([name, bytes]) => `${name}: ${bytes} B`);
}

const nameOf = file => path.relative(root, path.resolve(file)).split(path.sep).join('/');

async function byEsbuild(contents) {
  const { metafile } = await esbuild.build({
    stdin: { contents, resolveDir: root, sourcefile: 'nothing.js' }, bundle: true, format: 'esm', target: 'es2022', minify: true, mangleProps: /^_[a-z]/, metafile: true, write: false,
    outdir: 'out', logLevel: 'error',
    plugins: [{
      name: 'others',
      setup(build) {
        build.onResolve({ filter: generated }, ({ path }) => ({ path, external: true, sideEffects: false }));
        build.onResolve({ filter: /^\./ }, ({ path, kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)); // a bundle of its own
        build.onResolve({ filter: /^#host$/ }, () => ({ path: host }));
      },
    }],
  });
  const [output] = Object.values(metafile.outputs);
  return Object.fromEntries(Object.entries(output.inputs).map(([file, { bytesInOutput }]) => [nameOf(file), bytesInOutput]));
}

async function byRolldown(contents) {
  const bundle = await rolldown({
    input: 'nothing', external: generated, logLevel: 'silent',
    resolve: { alias: { '#host': host } }, treeshake: { moduleSideEffects: (_, isExternal) => !isExternal },
    plugins: [{
      name: 'nothing',
      resolveId(id, _, { kind }) {
        if (kind === 'dynamic-import') return { id, external: true };
        return id === 'nothing' ? path.join(root, 'nothing.js') : undefined;
      },
      load: id => (path.basename(id) === 'nothing.js' ? contents : undefined),
    }],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return Object.fromEntries(output.flatMap(chunk => Object.entries(chunk.modules)).map(([file, { renderedLength }]) => [nameOf(file), renderedLength]));
}

for (const [name, bundle] of Object.entries({ esbuild: byEsbuild, 'rolldown, as Vite has it,': byRolldown })) {
  describe(`a module of which nothing is used, by ${name}`, () => {
    it('is found at all', async () => {
      const left = await bundle("import { TaskloomError } from './base/errors.js'; console.log(TaskloomError);");
      assert.ok(left['base/errors.js'] > 100, JSON.stringify(left));
    });

    for (const file of modules) {
      if (file in MAY_STAY) continue;
      it(`leaves nothing of ${file}`, async () => assert.deepEqual(await leftBy(bundle, file), []));
    }
  });
}
