// What the build for development knows: the names of options are those of the declarations, and nothing of it is in other builds.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { PRODUCTION, withoutWarnings } from '../../pkg-config/javascript.mjs';

const require = createRequire(import.meta.url);
// TypeScript 7 has no stable interface for programs; the linter of the package's types brings an older one along.
const ts = createRequire(require.resolve('@arethetypeswrong/core'))('typescript');

const sources = fileURLToPath(new URL('../../src/js/', import.meta.url));
const declarations = fileURLToPath(new URL('../../pkg-config/types/', import.meta.url));

/** What has options, as declarations call it, by what the warnings call it; null for what has those of the platform, or of a worker. */
const CALLED = {
  'TaskManager.submit': 'submit()',
  'TaskContext.run': 'submit()',
  'WorkerPool.run': 'pool.run()',
  'WorkerPool.job': 'pool.run()',
  'WorkerPool.close': 'pool.close()',
  'InlineWorkerPool.run': 'run() of an inline pool',
  'InlineWorkerPool.job': 'run() of an inline pool',
  'inlineWorkerPool()': 'new WorkerPool()',
  'SessionStore.set': 'store.set()',
  'SessionStore.ref': 'store.ref()',
  'CacheData': 'cacheData()',
  'CacheResource': 'cacheResource()',
  'CacheMethods.with': 'with()',
  'CachedFunction.with': 'with()',
  'Scheduler.shutdown': 'shutdown()',
  'SharedState.set': 'shared.set()',
  'SharedState.delete': 'shared.delete()',
  'SharedState.update': 'shared.update()',
  'SharedState.lock': 'shared.lock()',
  'SharedState.touch': 'shared.touch()',
  'SharedState.clear': 'shared.clear()',
  'new TaskloomError()': null,
  'new NonRetryableError()': null,
  'expose()': null,
  'Duration.total': null,
};

/** By what takes them: the names of all options that are declared. */
function declared() {
  const files = readdirSync(declarations, { recursive: true }).filter(file => file.endsWith('.d.ts')).map(file => path.join(declarations, file));
  const program = ts.createProgram(files, {
    strict: true, noEmit: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
  });
  const checker = program.getTypeChecker();
  const found = new Map();
  const add = (where, type) => {
    const names = found.get(where) ?? new Set();
    found.set(where, names);
    for (const part of type.isUnion() ? type.types : [type]) {
      for (const property of checker.getPropertiesOfType(part)) {
        if (property.declarations?.some(each => each.getSourceFile().fileName.startsWith(declarations))) names.add(property.name);
      }
    }
  };
  const nameOf = node => {
    if (ts.isFunctionDeclaration(node)) return `${node.name.text}()`;
    let owner = node.parent;
    if (ts.isConstructorDeclaration(node)) return `new ${owner.name.text}()`;
    let { name } = node;
    if (!name && ts.isPropertySignature(owner)) ({ name, parent: owner } = owner); // a property that is a function
    while (!owner.name) owner = owner.parent;
    if (name) return `${owner.name.text}.${name.text}`;
    return owner.name.text;
  };
  const visit = node => {
    for (const parameter of node.parameters ?? []) {
      if (parameter.name.getText() !== 'options') continue;
      const name = nameOf(node);
      const where = name in CALLED ? CALLED[name] : name;
      if (where !== null) add(where, checker.getTypeAtLocation(parameter));
    }
    if (ts.isPropertySignature(node) && node.name.getText() === 'rateLimit') add('rateLimit', checker.getTypeAtLocation(node));
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(program.getSourceFile(file));
  return found;
}

/** What the build for development has. */
async function known() {
  const { outputFiles: [{ text }] } = await esbuild.build({
    entryPoints: [path.join(sources, 'base/development.ts')], bundle: true, format: 'esm', target: 'es2022', write: false, logLevel: 'error',
  });
  const { OPTIONS } = await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
  return OPTIONS;
}

describe('the names of options that the build for development knows', () => {
  it('are those of the declarations, for all that takes options', async () => {
    const sorted = entries => Object.fromEntries([...entries].map(([where, names]) => [where, [...names].sort()]).sort());
    assert.deepEqual(sorted(Object.entries(await known())), sorted(declared()));
  });
});

const using = readdirSync(sources, { recursive: true }).filter(file => /\.[jt]s$/.test(file) && /^import .*\/development\.js';$/m.test(readFileSync(path.join(sources, file), 'utf8')));

describe('a module of which development has more', () => {
  it('is found at all', () => assert.ok(using.length > 10, using.join(', ')));

  for (const file of using) {
    it(`has nothing of it in other builds: ${file}`, async () => {
      const text = readFileSync(path.join(sources, file), 'utf8');
      const names = [...text.matchAll(/^import \{([^}]*)\} from '[^']*\/development\.js';$/gm)].flatMap(([, list]) => list.split(',').map(name => name.trim()));
      assert.ok(names.length > 0);
      const { code } = await esbuild.transform(withoutWarnings(text), { loader: file.endsWith('.ts') ? 'ts' : 'js', target: 'es2022', minifySyntax: true, define: PRODUCTION });
      for (const name of [...names, 'DEV', 'development']) assert.doesNotMatch(code, new RegExp(`\\b${name}\\b`));
    });
  }
});
