// `npm run build`: gets what a build needs and makes the npm package in pkg/.

import { main } from './setup/failure.mjs';
import { builtPackage } from './setup/package.mjs';

await main(async () => {
  await builtPackage();
});
