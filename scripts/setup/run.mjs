// Runs parts of set-up by name, for scripts that are not Node's: `node scripts/setup/run.mjs rust linters`.

import { browsers, chromium } from './browsers.mjs';
import { Failure, main } from './failure.mjs';
import { allPackages } from './node-packages.mjs';
import { linters, rust } from './rust.mjs';
import { geckodriver, wasmTools } from './wasm-tools.mjs';

const parts = {
  packages: allPackages, rust, linters, chromium, browsers, 'wasm-tools': wasmTools, geckodriver,
};

await main(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find(name => !Object.hasOwn(parts, name));
  if (names.length === 0 || unknown) {
    const reason = unknown ? `There is no part of set-up called ${unknown}. ` : '';
    throw new Failure(`${reason}Usage: node scripts/setup/run.mjs ${Object.keys(parts).join(' | ')} …`, { exitCode: 2 });
  }
  for (const name of names) await parts[name]();
});
