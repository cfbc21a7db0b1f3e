// The parts of the test suite: what each needs and how it runs. Whatever a part needs is got once, when the first part asks.

import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { browserEnvironment, browsers, checkDriverFits } from '../setup/browsers.mjs';
import { Failure } from '../setup/failure.mjs';
import { allPackages } from '../setup/node-packages.mjs';
import { builtPackage } from '../setup/package.mjs';
import { run } from '../setup/process.mjs';
import { fromRoot } from '../setup/root.mjs';
import { cargo, rust } from '../setup/rust.mjs';
import { geckodriver, wasmTools } from '../setup/wasm-tools.mjs';
import { webdriverEnvironment } from '../setup/webdriver.mjs';

/** The parts in the order they run, quick ones first. Each rejects if something is wrong. */
export const parts = [
  { name: 'scripts', what: 'these scripts and the benchmark harness', run: scripts },
  { name: 'native', what: 'the crate without a browser, and its doc tests', run: native },
  { name: 'types', what: 'the TypeScript declarations', run: types },
  { name: 'package', what: 'the npm package as it is published', run: packageChecks },
  { name: 'web', what: 'the crate in Chromium and Firefox', run: web },
  { name: 'e2e', what: 'the npm package in a browser', run: e2e },
];

async function scripts() {
  await nodeTests('tests/scripts');
  await nodeTests('benches/harness');
}

async function native() {
  await cargo();
  await run('cargo', ['test', '--workspace']);
}

async function types() {
  await allPackages();
  await builtPackage();
  await run(process.execPath, [fromRoot('node_modules/typescript/bin/tsc'), '-p', 'tests/types']);
}

async function packageChecks() {
  await allPackages();
  await builtPackage();
  await run(process.execPath, [fromRoot('scripts', 'check-package.mjs')]);
}

async function web() {
  await rust();
  // What is documented of Rust jobs is there in the browser only; its examples have to compile, and nothing here could run them.
  await run('cargo', ['test', '--quiet', '--doc', '--target', 'wasm32-unknown-unknown', '--features', 'workers', 'workers'], {
    env: { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: 'node --eval 0' },
  });
  const paths = await browsers();
  await checkDriverFits(paths);
  const { wasmPack, bindgenTestRunner } = await wasmTools();
  const firefoxDriver = await geckodriver();

  const failed = [];
  for (const [browser, driver] of [
    ['chrome', ['--chromedriver', paths.chromedriver]],
    ['firefox', ['--geckodriver', firefoxDriver]],
  ]) {
    const code = await run(wasmPack, ['--log-level', 'error', 'test', '--headless', `--${browser}`, ...driver, '--mode', 'no-install', '.', '--test', 'web'], {
      allowFailure: true,
      env: {
        ...webdriverEnvironment(browser, paths, fromRoot('target', 'webdriver')),
        // wasm-pack takes the test runner beside the first wasm-bindgen on the PATH.
        PATH: `${dirname(bindgenTestRunner)}${delimiter}${process.env.PATH}`,
      },
    });
    if (code !== 0) failed.push(browser);
  }
  if (failed.length > 0) throw new Failure(`Failed in ${failed.join(' and in ')}.`);
}

async function e2e() {
  await allPackages();
  const paths = await browsers();
  const firefoxDriver = await geckodriver();
  await builtPackage();
  await nodeTests('tests/e2e', browserEnvironment({ ...paths, geckodriver: firefoxDriver }));
}

/** Runs the `*.test.mjs` files of a folder, one after another: they share the machine's browsers and ports. */
async function nodeTests(folder, env = {}) {
  const files = existsSync(fromRoot(folder)) ? readdirSync(fromRoot(folder)).filter(name => name.endsWith('.test.mjs')).sort() : [];
  if (files.length === 0) throw new Failure(`There are no tests in ${folder}.`);
  await run(process.execPath, [
    // Ten minutes a file: what hangs must fail.
    '--test', '--test-concurrency=1', '--test-reporter=spec', '--test-timeout=600000', ...files.map(name => `${folder}/${name}`),
  ], { env });
}
