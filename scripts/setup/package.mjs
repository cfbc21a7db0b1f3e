// The npm package in pkg/: what a build needs, and the build.

import { allPackages } from './node-packages.mjs';
import { run } from './process.mjs';
import { fromRoot } from './root.mjs';
import { rust } from './rust.mjs';
import { once } from './step.mjs';

/** Gets what a build needs and builds the package; `pkg-config/build.mjs` skips what hasn't changed. */
export const builtPackage = once(async () => {
  await allPackages();
  await rust();
  await run(process.execPath, [fromRoot('pkg-config', 'build.mjs')]);
});
