// Makes the Python wheel, after the npm package: what of it is generated into python/taskloom, and the wheel into target/python.
//
// `python` is an interpreter that has flit_core; `npm run build:python` (scripts/build-python.mjs) sees to it, and to the npm package.

import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonScript } from './javascript.mjs';

const run = promisify(execFile);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

/** Where the wheel is, alone. */
export const WHEELS = 'target/python';

/** Makes the wheel; resolves to its path and size. */
export async function wheel(python) {
  const version = /^version = "(.*)"$/m.exec(await readFile(at('Cargo.toml'), 'utf8'))[1];
  await writeFile(at('python/taskloom/_taskloom.js'), await pythonScript({ root, glueDir: at('target/bindgen') }));
  await cp(at('pkg/taskloom_bg.wasm'), at('python/taskloom/_taskloom.wasm'));
  await writeFile(at('python/taskloom/_version.py'), `__version__ = "${version}"\n`);
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await cp(at(file), at('python', file));
  await rm(at(WHEELS), { recursive: true, force: true });
  await mkdir(at(WHEELS), { recursive: true });
  // The hook that pip itself calls. Files in a wheel bear a date, which is to be the same for the same sources.
  await run(python, ['-c', 'import sys; from flit_core import buildapi; buildapi.build_wheel(sys.argv[1])', at(WHEELS)], {
    cwd: at('python'), env: { ...process.env, SOURCE_DATE_EPOCH: '1704067200', PYTHONDONTWRITEBYTECODE: '1' },
  });
  const [name] = await readdir(at(WHEELS));
  await chmod(at(WHEELS, name), 0o644); // flit makes it for its user alone
  const { size } = await stat(at(WHEELS, name));
  return { file: at(WHEELS, name), size };
}
