// Where the repository is, whatever folder a command was started from.

import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** The repository's root folder. */
export const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** An absolute path from one relative to the repository. */
export const fromRoot = (...parts) => path.join(root, ...parts);
