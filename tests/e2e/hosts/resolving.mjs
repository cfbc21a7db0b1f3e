// Resolvers that know no `exports`: Parcel 2 as it comes, TypeScript's `moduleResolution: node`.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { inProject } from './support.mjs';

const require = createRequire(import.meta.url);
// TypeScript 7 has no `moduleResolution: node` any more; the linter of the package's types brings an older one along.
const ts = createRequire(require.resolve('@arethetypeswrong/core'))('typescript');

describe('resolvers that know no exports', () => {
  const { project } = inProject();
  const manifest = async () => JSON.parse(await readFile(path.join(project().folder, 'node_modules/taskloom/package.json'), 'utf8'));

  it('main and types name the entry, and each other entry is the file of its name', async () => {
    const { main, types, exports } = await manifest();
    const { development, ...rest } = exports['.'];
    assert.deepEqual({ types, default: main }, rest);
    const at = name => path.join(project().folder, 'node_modules/taskloom', name);
    const entries = Object.keys(exports).filter(name => !['.', './wasm', './package.json'].includes(name));
    assert(entries.length >= 3);
    for (const file of [main, types, development, ...entries.flatMap(name => [`${name}.js`, `${name}.d.ts`])]) assert(existsSync(at(file)), file);
  });

  for (const [name, options] of Object.entries({
    'moduleResolution: node': { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Node10 },
  })) {
    it(`TypeScript ${ts.versionMajorMinor} with ${name} finds the types of each entry`, async () => {
      const file = path.join(project().folder, `resolving-${name.split(' ')[1]}.mts`);
      await writeFile(file, `
        import init, { run, WorkerPool, cacheData, type Task } from 'taskloom';
        import { init as start } from 'taskloom/slim';
        import { expose, job } from 'taskloom/worker';
        import { inlineWorkerPool } from 'taskloom/inline';
        export const task: Task<number> = run(() => 1);
        export const wrong: Task<string> = task;
        export { init, start, WorkerPool, cacheData, expose, job, inlineWorkerPool };
      `);
      const program = ts.createProgram([file], {
        ...options, strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts', 'lib.esnext.disposable.d.ts'], types: [],
      });
      const messages = ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
      assert.equal(messages.length, 1, messages.join('\n')); // what is wrong is seen, so the types are no `any`
      assert.match(messages[0], /Task<number.*is not assignable to type 'Task<string/);
    });
  }
});
