// `npm run build:python`: gets what a build needs, makes the npm package, and from it the Python wheel in target/python.

import path from 'node:path';
import { main } from './setup/failure.mjs';
import { builtPackage } from './setup/package.mjs';
import { pythonTools } from './setup/python.mjs';
import { root } from './setup/root.mjs';

await main(async () => {
  const { python } = await pythonTools();
  await builtPackage();
  const { wheel } = await import('../pkg-config/python.mjs'); // it needs the npm packages
  const { file, size } = await wheel(python);
  console.log(`  ${path.relative(root, file)} is built, ${(size / 1000).toFixed(0)} kB`);
});
