// What the Python wheel is built and checked with: a virtual environment in the user's cache, with packages from PyPI.

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';
import { find } from './find.mjs';
import { capture } from './process.mjs';
import { once, step } from './step.mjs';
import { compareVersions, versionIn } from './version.mjs';
import { cacheFolder } from './wasm-tools.mjs';

/** The oldest Python that the wheel is for, as in python/pyproject.toml. */
const OLDEST = '3.11';
/** To build, to check types, and the library that `taskloom.asynclit` hands on outside a browser. */
const PACKAGES = ['flit_core==3.12.0', 'mypy==1.18.2', 'asynclit==0.2.2', 'apscheduler==3.11.1'];

/** Makes sure that there is a Python with the packages; resolves to `{ python }`, its path. */
export const pythonTools = once(async () => {
  const version = PACKAGES.join(' ').replace(/[^\w.]+/g, '-');
  const folder = path.join(cacheFolder(), 'tools', `python-${version}`);
  const python = process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const finished = path.join(folder, 'finished');
  if (existsSync(finished) && (await capture(python, ['--version'], { allowFailure: true }).catch(() => ({ code: 1 }))).code === 0) return { python };
  const base = await interpreter();
  await step('Python packages to build and check the wheel, into the cache', '30 s', async () => {
    mkdirSync(path.dirname(folder), { recursive: true });
    rmSync(folder, { recursive: true, force: true }); // what an interrupted run has left
    const made = await capture(base, ['-m', 'venv', folder], { allowFailure: true });
    if (made.code !== 0) throw new Failure(`${made.output.trimEnd()}\n${base} can't make a virtual environment. On Debian install python3-venv.`);
    const got = await capture(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES], { allowFailure: true });
    if (got.code !== 0) throw new Failure(`${got.output.trimEnd()}\npip could not install ${PACKAGES.join(', ')}, which the Python wheel is built and checked with. Is PyPI reachable?`);
    writeFileSync(finished, '');
  });
  return { python };
});

async function interpreter() {
  const given = process.env.PYTHON;
  let old;
  for (const name of given ? [given] : ['python3', 'python', 'python3.13', 'python3.12', 'python3.11']) {
    const file = find(name);
    if (!file) continue;
    const { code, output } = await capture(file, ['--version'], { allowFailure: true });
    const version = code === 0 && versionIn(output);
    if (version && compareVersions(version, OLDEST) >= 0) return file;
    if (version) old ??= `${file} is Python ${version}`;
  }
  throw new Failure(`The Python wheel needs Python ${OLDEST} or newer to be built${old ? `; ${old}` : ''}. Install one from https://www.python.org or your system's packages (on Debian: python3-venv), or name it in the environment variable PYTHON.`);
}
