// The JavaScript of the package: a module for each of the sources, which every bundler can leave out or divide; and bundles of what is
// loaded as one file. All of them call a private field by the same short name.

import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';
import { minify } from 'terser';
import { PARTS } from './parts.mjs';

/** Where the modules are in the package, and those for development. */
const MODULES = 'lib';
const DEVELOPMENT = 'dev';
/** Sources of which nothing but numbers is asked: the numbers themselves take their place. */
const NUMBERS = ['#constants', 'src/js/worker/protocol.js'];
/** What only the build for development has; each use of it is behind `DEV`. */
const WARNINGS = 'src/js/base/development.ts';
/** A module without their import, which esbuild would leave in it. */
export const withoutWarnings = text => text.replace(/^import \{[^}]*\} from '[^']*\/development\.js';\n/gm, '');
/** What `DEV` stands for in all builds but the one for development. */
export const PRODUCTION = { DEV: 'false' };

/**
 * `root` is the repository's, `out` the package's folder, `glueDir` where the glue is; `entries` lists files of
 * pkg-config/entries, `bundles` those of them that are one file.
 */
export async function javascript({ root, out, glueDir, entries, bundles }) {
  const at = (...parts) => path.join(root, ...parts);
  const sources = await allSources(at, glueDir);
  const bundling = bundled({ root, out, at, sources });
  // Without the worker, which is text in one of the others: its names are its own.
  const { mangleCache } = await esbuild.build({
    ...bundling, mangleCache: {}, plugins: [...bundling.plugins, inlineWorker(() => '')], entryPoints: entries.map(entry => `pkg-config/entries/${entry}`),
  });
  const worker = await inlineWorkerText(bundling);
  await Promise.all(bundles.map(async bundle => {
    const { outputFiles } = await esbuild.build({
      ...bundling, mangleCache, plugins: [...bundling.plugins, inlineWorker(() => worker)], entryPoints: [`pkg-config/entries/${bundle}`],
    });
    await writeFile(at(out, bundle), await minified(outputFiles[0].text));
  }));
  const single = entries.filter(entry => !bundles.includes(entry));
  await modules({ at, sources, entries: single, worker, mangleCache, to: at(out), up: '.', isDevelopment: false });
  await modules({ at, sources, entries: single, worker, mangleCache, to: at(out, DEVELOPMENT), up: '..', isDevelopment: true });
}

/** How esbuild makes one file of several: `sources` are all that there are. */
function bundled({ root, out, at, sources }) {
  return {
    absWorkingDir: root,
    alias: {
      '#host': sources[resolved('#host', '', sources)], '#zones': sources[resolved('#zones', '', sources)], '#wasm': sources['#wasm'], '#constants': sources['#constants'],
      ...Object.fromEntries(['base', ...Object.keys(PARTS)].map(part => [`#parts/${part}`, at('src/js/base/whole.ts')])),
    },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    define: PRODUCTION,
    minify: true,
    mangleProps: /^_[a-z]/, // fields that only our own files touch
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    outdir: path.join(root, out),
    external: ['./slim.js'],
    plugins: [oneErrorsModule(at), nothingLate],
  };
}

/** The sources, with what core's build has made of them. */
const allSources = async (at, glueDir) => ({ ...await sourcesIn(at), '#wasm': path.join(glueDir, 'taskloom.js'), '#constants': path.join(glueDir, 'constants.js') });

/** What Pyodide runs by `run_js`: an expression whose value is `open()` of src/js/python. */
export async function pythonScript({ root, glueDir }) {
  const at = (...parts) => path.join(root, ...parts);
  const { outputFiles } = await esbuild.build({
    ...bundled({ root, out: 'target/python', at, sources: await allSources(at, glueDir) }), entryPoints: ['src/js/python/index.ts'], format: 'iife', globalName: 'taskloom', external: [],
  });
  const { code } = await minify(outputFiles[0].text, { toplevel: true, ecma: 2022, mangle: { reserved: ['taskloom'] }, compress: { toplevel: true, top_retain: ['taskloom'] } });
  return `(()=>{${code};return taskloom.open})()\n`;
}

/** The sources by their paths in the repository: those of the page. */
async function sourcesIn(at) {
  const files = (await readdir(at('src/js'), { recursive: true })).filter(file => /\.[jt]s$/.test(file) && !/^worker.(?!ring|protocol)|^inline.worker|^python/.test(file));
  const ofPlatform = (await readdir(at('src/platform'))).filter(file => /\.[jt]s$/.test(file));
  return Object.fromEntries([...ofPlatform.map(file => `src/platform/${file}`), ...files.map(file => path.posix.join('src/js', file))].map(file => [file, at(file)]));
}

/** Writes a module for each of the sources and entries. `up` is the way from the modules' top to the wasm. */
async function modules({ at, sources, entries, worker, mangleCache, to, up, isDevelopment }) {
  const numbers = new Map(await Promise.all(NUMBERS.map(async source => [source, numbersIn(await readFile(sources[source], 'utf8'))])));
  const write = async (file, text, loader, sourcefile) => {
    if (!isDevelopment) text = withoutWarnings(withNumbers(text, numbers, spec => resolved(spec, sourcefile, sources)));
    text = text.replace(/(?<=\b(?:from|import) ?\(?)'((?:[.#]|src\/)[^']*)'/g, (_, spec) => `'${relative(file, placeOf(spec, sourcefile, sources))}'`);
    const target = path.join(to, file);
    await mkdir(path.dirname(target), { recursive: true });
    if (!isDevelopment) {
      const { code } = await esbuild.transform(text, { loader, format: 'esm', target: 'es2022', minifySyntax: true, minifyIdentifiers: true, mangleProps: /^_[a-z]/, mangleCache, define: PRODUCTION, legalComments: 'none' });
      return writeFile(target, await minified(code));
    }
    const { code, map } = await esbuild.transform(text, { loader, format: 'esm', target: 'es2022', define: { DEV: 'true' }, sourcemap: true, sourcefile: sourcefile.startsWith('src/') ? sourcefile : file });
    await writeFile(target, `${code}//# sourceMappingURL=${path.basename(file)}.map\n`);
    return writeFile(`${target}.map`, map);
  };
  await Promise.all([
    ...Object.entries(sources).filter(([source]) => isDevelopment || ![...NUMBERS, WARNINGS].includes(source)).map(async ([source, file]) =>
      write(placeOf(source, '', sources), await readFile(file, 'utf8'), file.endsWith('.ts') ? 'ts' : 'js', source)),
    ...entries.map(async entry => write(entry, await readFile(at('pkg-config/entries', entry), 'utf8'), 'js', `pkg-config/entries/${entry}`)),
    write(`${MODULES}/inline/worker-text.js`, `export default ${JSON.stringify(worker)};\n`, 'js', 'src/js/inline/worker-text.js'),
    ...['base', ...Object.keys(PARTS)].map(part => write(`taskloom_${part}.js`, partModule(part, up), 'js', `taskloom_${part}.js`)),
  ]);
}

/**
 * It stands beside the wasm, so that the URL is right also where an app copies the wasm to its bundle. It imports the parts that it
 * needs, so that these are named before it whatever order a bundler gives to modules that don't import one another.
 */
function partModule(part, up) {
  const needs = part === 'base' ? [] : ['base', ...PARTS[part]];
  return `// Where this part of the wasm is.

import { part } from 'src/js/base/parts.ts';
${needs.map(need => `import { ${need}Part } from '#parts/${need}';\n`).join('')}
export const ${part}Part = /* @__PURE__ */ part('${part}', () => new URL('${up}/taskloom_${part}.wasm', import.meta.url)${needs.map(need => `, ${need}Part`).join('')});
`;
}

/** What the glue imports besides what Rust names. */
const OF_THE_GLUE = ['#host', '#zones'];

/** What a module imports, as a key of the sources. */
function resolved(spec, from, sources) {
  const [, snippet] = /snippets\/[^/]*\/(src\/.*)/.exec(spec) ?? [];
  const file = snippet ?? (OF_THE_GLUE.includes(spec) ? `src/js/base/${spec.slice(1)}.js` : spec.startsWith('.') ? path.posix.join(path.posix.dirname(from), spec) : spec);
  const typed = file.replace(/\.js$/, '.ts');
  return file in sources || !(typed in sources) ? file : typed;
}

/** Where in the package it is that a module imports. */
function placeOf(spec, from, sources) {
  const source = resolved(spec, from, sources);
  if (source === '#wasm' || source === '#constants') return `${MODULES}/${source.slice(1)}.js`;
  if (source === '#inline-worker') return `${MODULES}/inline/worker-text.js`;
  if (source.startsWith('#parts/')) return `taskloom_${source.slice('#parts/'.length)}.js`;
  if (!(source in sources)) throw new Error(`${from} imports ${spec}, which the package does not have`);
  return source.replace(/^src\/(js\/)?/, `${MODULES}/`).replace(/\.ts$/, '.js');
}

function relative(from, to) {
  const way = path.posix.relative(path.posix.dirname(from), to);
  return way.startsWith('.') ? way : `./${way}`;
}

const numbersIn = text => new Map([...text.matchAll(/^export const (\w+) = (-?[\d.e]+);$/gm)].map(([, name, value]) => [name, value]));

/** Has numbers take the place of the names that stand for them. `resolve(spec)` is what an import means. */
function withNumbers(text, numbers, resolve) {
  for (const [line, name, spec] of text.matchAll(/^import \* as (\w+) from '([^']+)';\n/gm)) {
    const known = numbers.get(resolve(spec));
    if (!known) continue;
    text = text.replace(line, '').replaceAll(new RegExp(`\\b${name}\\.([A-Z_\\d]+)\\b`, 'g'), (_, constant) => {
      if (!known.has(constant)) throw new Error(`${spec} has no ${constant}`);
      return `(${known.get(constant)})`;
    });
  }
  return text;
}

/** The glue links its own copies of files in src/; there must be one TaskloomError. */
const oneErrorsModule = at => ({
  name: 'one-errors-module',
  setup(build) {
    build.onResolve({ filter: /snippets\/.*\/src\// }, ({ path: file }) => ({ path: at(file.slice(file.indexOf('src/'))) }));
  },
});

/**
 * One file has all that is loaded on demand elsewhere. As `import()` esbuild would wrap each module that such a one needs into a function, which
 * takes 3 kB and keeps it from leaving out what is not used.
 */
const nothingLate = {
  name: 'nothing-late',
  setup(build) {
    build.onLoad({ filter: /[\\/]late\.ts$/ }, async ({ path: file }) => {
      const imports = [];
      const text = (await readFile(file, 'utf8')).replace(/\(\) => import\(('[^']+')\)/g, (_, spec) => `async () => late${imports.push(spec) - 1}`);
      return { contents: [...imports.map((spec, i) => `import * as late${i} from ${spec};\n`), text].join(''), loader: 'ts', resolveDir: path.dirname(file) };
    });
  },
};

/** The file of an inline pool's workers, as text. */
const inlineWorker = text => ({
  name: 'inline-worker',
  setup(build) {
    build.onResolve({ filter: /^#inline-worker$/ }, () => ({ path: 'inline-worker', namespace: 'inline-worker' }));
    build.onLoad({ filter: /.*/, namespace: 'inline-worker' }, () => ({ contents: text(), loader: 'text' }));
  },
});

async function inlineWorkerText(bundling) {
  const { outputFiles } = await esbuild.build({ ...bundling, entryPoints: ['src/js/inline/worker.js'] });
  return minified(outputFiles[0].text);
}

/** Terser finds what esbuild leaves, above all functions that are called in one place. */
async function minified(text) {
  const { code } = await minify(text, { module: true, ecma: 2022, compress: { passes: 3 }, format: { preserve_annotations: true } });
  return code;
}
