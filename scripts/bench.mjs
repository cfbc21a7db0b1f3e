// `npm run bench -- …`: gets what benchmarks need, builds the package, and passes the arguments on to benches/run.mjs.

import { browserEnvironment, chromium } from './setup/browsers.mjs';
import { main } from './setup/failure.mjs';
import { allPackages } from './setup/node-packages.mjs';
import { builtPackage } from './setup/package.mjs';
import { run } from './setup/process.mjs';
import { fromRoot } from './setup/root.mjs';

await main(async () => {
  // The peers that we compare with are development packages.
  await allPackages();
  const paths = await chromium();
  await builtPackage();
  return run(process.execPath, [fromRoot('benches', 'run.mjs'), ...process.argv.slice(2)], {
    env: browserEnvironment(paths), allowFailure: true,
  });
});
