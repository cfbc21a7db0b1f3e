// The parts of the wasm: which there are, and which export belongs to which.

import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** By part, the others whose functions it may call, besides the base. Those that others need come first. */
export const PARTS = { tasks: [], pool: ['tasks'], state: [], schedule: [], memo: [], shared: ['state'] };

/** Whose part the functions are that a folder of src/js calls, where it is not the folder's own. */
const OF_FOLDER = { 'session-tasks': 'tasks', executor: 'tasks' };

/**
 * By name of a function of the glue, the part that it belongs to: the one of the folder of src/js that calls it, or what is common to those that
 * do.
 */
export async function partsOfFunctions(folder) {
  const callers = new Map();
  for (const file of await readdir(folder, { recursive: true })) {
    if (!/\.[jt]s$/.test(file)) continue;
    const [top] = file.split(path.sep);
    const part = OF_FOLDER[top] ?? (top in PARTS ? top : 'base');
    for (const name of callsIn(await readFile(path.join(folder, file), 'utf8'))) callers.set(name, (callers.get(name) ?? new Set()).add(part));
  }
  const neededBy = part => (part === 'base' ? ['base'] : [part, ...PARTS[part], 'base']);
  return new Map([...callers].map(([name, [first, ...others]]) =>
    [name, neededBy(first).find(part => others.every(other => neededBy(other).includes(part)))]));
}

/** The functions of the glue that a file calls, by `wasm.name` or `import { name }`. */
function callsIn(text) {
  const [, namespace] = /import \* as (\w+) from '#wasm'/.exec(text) ?? [];
  const [, list = ''] = /import \{([^}]*)\} from '#wasm'/.exec(text) ?? [];
  const members = namespace ? [...text.matchAll(new RegExp(`\\b${namespace}\\.(\\w+)`, 'g'))].map(([, name]) => name) : [];
  return [...members, ...list.split(',').map(name => name.trim().split(' ')[0]).filter(Boolean)];
}
