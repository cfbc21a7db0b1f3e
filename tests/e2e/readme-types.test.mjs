// Every block of the README's code, compiled as strict TypeScript against the package's declarations.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';

/** What a block that shows a part of an app leaves out. */
const AROUND = `import { TaskManager, gather, retryAfter } from 'taskloom';\ndeclare const urls: string[];\n`;

/** The code blocks of a text in Markdown: `{ line, code }`, where the first line is 1. */
const blocksOf = text => [...text.matchAll(/^```(?:js|ts)\n([^]*?)^```$/gm)]
  .map(({ index, 1: code }) => ({ line: text.slice(0, index).split('\n').length, code }));

/** What the compiler says; a file is named after the line of the README where its block begins. */
async function problemsOf(blocks) {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'));
  try {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: fromRoot('tests/types/tsconfig.json'), include: ['*.ts'] }));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    for (const { line, code } of blocks) await writeFile(join(folder, `readme-${line}.ts`), code.includes('import ') ? code : AROUND + code);
    return await new Promise(resolve => {
      execFile(process.execPath, [fromRoot('node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'], (error, stdout) => resolve(error ? stdout : ''));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the README', () => {
  let blocks;
  before(async () => { blocks = blocksOf(await readFile(fromRoot('README.md'), 'utf8')); });

  it('has blocks of code', () => assert(blocks.length >= 7, `${blocks.length} blocks`));

  it('type-checks in strict TypeScript, block by block', { timeout: 120_000 }, async () => assert.equal(await problemsOf(blocks), ''));
});
