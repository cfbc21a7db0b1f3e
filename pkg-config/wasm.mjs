// The wasm of the package: optimized, divided into parts, each marked as of this build.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { exportsByFunction } from './glue.mjs';
import { PARTS, partsOfFunctions } from './parts.mjs';
import { split } from './split.mjs';

const run = promisify(execFile);

/** Optimizes `input` with its names, and gives its imports and exports short names; resolves to these. */
export async function optimize(root, input, output) {
  const wasmOpt = (input, output, more) => run(process.execPath, [
    path.join(root, 'node_modules/binaryen/bin/wasm-opt'), input, '-o', output,
    '-O3', '-g', '--strip-producers', '--strip-target-features', '--enable-bulk-memory',
    '--enable-nontrapping-float-to-int', '--enable-sign-ext', '--enable-mutable-globals', '--enable-reference-types',
    '--enable-multivalue',
    '--low-memory-unused', // the far end of the stack, by which one that overflows traps as it did
    // LLVM has inlined what is worth it already; what has one caller and was left out of it is for the rare case.
    '--one-caller-inline-max-function-size', '20', '--flexible-inline-max-function-size', '10',
    ...more,
  ]);
  const { stdout } = await wasmOpt(input, output, ['--minify-imports-and-exports-and-modules']);
  await wasmOpt(output, output, []); // what the first round has made possible
  return JSON.parse(stdout);
}

/**
 * By name the bytes of the parts of `file`; under '' the whole. `glue` is what calls it by its long names, `exports` are pairs of these and short ones,
 * `constants` those that the linker has put into it.
 */
export async function divide(file, { glue, exports, sources, constants }) {
  const bytes = await readFile(file);
  const byFunction = await partsOfFunctions(sources);
  const short = new Map(exports);
  const owners = new Map();
  for (const [name, called] of exportsByFunction(glue)) {
    const part = byFunction.get(name) ?? 'base';
    for (const each of called) {
      const before = owners.get(short.get(each));
      owners.set(short.get(each), before === undefined || before === part ? part : 'base');
    }
  }
  return split(bytes, { needs: PARTS, partOf: name => owners.get(name) ?? 'base', constants });
}

/**
 * Marks glue and wasm as of one build, by a section of the wasm's own that load.ts compares with what it knows: a number, and the name of the part.
 * Neither the glue nor the names in it tell: the short names of another build are the same.
 */
export async function sign(parts, { glue, constants, fileOf }) {
  const known = await readFile(constants, 'utf8');
  const id = createHash('sha256').update(parts['']).update(glue).update(known).digest().subarray(0, 4);
  const name = Buffer.from('taskloom');
  for (const [part, bytes] of Object.entries(parts)) {
    const content = Buffer.concat([Buffer.from([name.length]), name, id, Buffer.from(part)]);
    await writeFile(fileOf(part), Buffer.concat([bytes, Buffer.from([0, content.length]), content]));
  }
  await writeFile(constants, `${known}export const BUILD = ${id.readUInt32BE()};\n`);
}
