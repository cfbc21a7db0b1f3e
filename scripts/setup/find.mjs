// Finding programs that the machine already has.

import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** The path of the first of these programs that exists: names are looked up on the PATH, anything with a slash is taken as it is. */
export function find(...candidates) {
  for (const candidate of candidates) {
    if (!candidate) continue;
    if (candidate.includes('/') || path.isAbsolute(candidate)) {
      if (isProgram(candidate)) return candidate;
      continue;
    }
    for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
      const file = path.join(folder, candidate);
      if (folder && isProgram(file)) return file;
    }
  }
  return undefined;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
