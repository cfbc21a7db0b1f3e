// The parts of the test suite: what each needs and how it runs. Whatever a part needs is got once, before any runs.

import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { installPackage } from '../../tests/e2e/support/package.mjs';
import { patient } from '../../tests/e2e/support/patience.mjs';
import { browserEnvironment, browsers, checkDriverFits } from '../setup/browsers.mjs';
import { Failure } from '../setup/failure.mjs';
import { allPackages } from '../setup/node-packages.mjs';
import { capture } from '../setup/process.mjs';
import { fromRoot } from '../setup/root.mjs';
import { cargo, rust } from '../setup/rust.mjs';
import { geckodriver, wasmTools } from '../setup/wasm-tools.mjs';
import { webdriverEnvironment } from '../setup/webdriver.mjs';
import { endToEndRuns, filesIn } from './files.mjs';

/** Where each run of tests leaves what it has found, one file of JUnit's format each. */
export const RESULTS = 'target/test-results';

/**
 * How many jobs of a lane run at once. Even what works waits for its browser now and then, so that together they are more than the cores. What builds links on one core
 * for the most part, and each has a folder of its own to build in.
 */
export const room = { building: availableParallelism(), working: availableParallelism(), waiting: 1 + availableParallelism() };

/**
 * `jobs(options)` gives the jobs of a part, for `runInLanes`. A job's `run(say)` says what was printed, and rejects if something is wrong.
 *
 * - `needs`: what has to be on the machine, in this order.
 */
export const parts = [
  { name: 'scripts', what: 'these scripts and the benchmark harness', needs: [allPackages], jobs: scripts },
  { name: 'native', what: 'the crate without a browser, and its documentation', needs: [cargo, rust], jobs: native },
  { name: 'types', what: 'the TypeScript sources and declarations', needs: [allPackages, rust], jobs: types },
  { name: 'package', what: 'the npm package as it is published', needs: [allPackages, rust], jobs: packageChecks },
  { name: 'web', what: 'the crate in Chromium and Firefox', needs: [rust, browsers, wasmTools, geckodriver], jobs: web },
  { name: 'e2e', what: 'the npm package in a browser', needs: [allPackages, rust, browsers, wasmTools, geckodriver], jobs: endToEnd },
];

/** What several jobs come after, by name. `seconds` is about how long a job takes, as everywhere: the longest start first, and what most wait for before them. */
export const builds = {
  'package': () => ({
    seconds: 1000,
    run: async say => {
      await execute(say, process.execPath, [fromRoot('pkg-config', 'build.mjs')]);
      installed ??= await installPackage();
    },
  }),
  'testing build': () => ({ seconds: 210, run: say => execute(say, process.execPath, [fromRoot('pkg-config', 'build.mjs'), '--testing']) }),
  'Rust app': () => ({ seconds: 200, run: say => execute(say, process.execPath, [fromRoot('tests', 'e2e', 'rust-jobs', 'app.mjs')]) }),
};

/** Where the package is installed for the end-to-end files, which copy it. */
let installed;

async function scripts() {
  return ['tests/scripts', 'benches/harness'].map(folder => ({
    name: `scripts: ${folder}`, lane: 'waiting', run: say => nodeTests(say, folder.replace('/', '-'), filesIn(folder)),
  }));
}

async function native({ all }) {
  // As docs.rs builds it, for both targets of `[package.metadata.docs.rs]`: no link may be broken.
  const docs = [['wasm32', ['--features', 'workers', '--target', 'wasm32-unknown-unknown']], ['here', []]].map(([name, target]) => ({
    name: `native: docs (${name})`, lane: 'building', after: ['native'],
    run: say => execute(say, 'cargo', ['doc', '--quiet', '--no-deps', '--package', 'taskloom', ...target], { RUSTDOCFLAGS: '-D warnings' }),
  }));
  return [{
    name: 'native', lane: 'building', seconds: 300, run: say => execute(say, 'cargo', ['test', '--workspace', '--no-fail-fast'], { TASKLOOM_ALL: all ? '1' : undefined }),
  }, ...docs];
}

async function types() {
  const checked = { 'types': 'tests/types', 'types: the sources': 'src/js' }; // both against what the build has made
  return Object.entries(checked).map(([name, folder]) => ({
    name, lane: 'working', after: ['package'],
    run: say => execute(say, process.execPath, [fromRoot('node_modules/typescript/bin/tsc'), '-p', folder]),
  }));
}

async function packageChecks() {
  return [{ name: 'package checks', lane: 'working', after: ['package'], run: say => execute(say, process.execPath, [fromRoot('scripts', 'check-package.mjs')]) }];
}

async function web({ browser }) {
  const paths = await browsers();
  await checkDriverFits(paths);
  const { wasmPack, bindgenTestRunner } = await wasmTools();
  const drivers = { chromium: ['--chrome', '--chromedriver', paths.chromedriver], firefox: ['--firefox', '--geckodriver', await geckodriver()] };
  const inBrowser = name => ({
    name: `web (${name})`, lane: 'building',
    run: say => execute(say, wasmPack, ['--log-level', 'error', 'test', '--headless', ...drivers[name], '--mode', 'no-install', '.', '--test', 'web'], {
      ...webdriverEnvironment(name === 'chromium' ? 'chrome' : name, paths, fromRoot('target', 'webdriver')),
      WASM_BINDGEN_TEST_TIMEOUT: String(patient(300)), // seconds, for all tests together
      // wasm-pack takes the test runner beside the first wasm-bindgen on the PATH.
      PATH: `${dirname(bindgenTestRunner)}${delimiter}${process.env.PATH}`,
    }),
  });
  // What is documented of Rust jobs is there in the browser only; its examples have to compile, and nothing here could run them.
  const docs = {
    name: 'web: doc tests', lane: 'building',
    run: say => execute(say, 'cargo', ['test', '--quiet', '--doc', '--target', 'wasm32-unknown-unknown', '--features', 'workers', 'workers'], {
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: 'node --eval 0',
    }),
  };
  return [docs, ...Object.keys(drivers).filter(name => !browser || name === browser).map(inBrowser)];
}

async function endToEnd({ all, shard, files, browser }) {
  const paths = browserEnvironment({ ...await browsers(), geckodriver: await geckodriver() });
  return endToEndRuns({ only: files, browser }).map(({ file, browsers, ...job }) => ({
    ...job,
    run: say => nodeTests(say, job.name, [file], {
      ...paths, TASKLOOM_INSTALLED: installed.folder, TASKLOOM_BROWSERS: browsers.join(), TASKLOOM_SHARD: String(shard), TASKLOOM_ALL: all ? '1' : undefined,
    }),
  }));
}

/** Runs `*.test.mjs` files one after another. What hangs must fail, in the end: after ten minutes, or half an hour of everything. */
async function nodeTests(say, name, files, env = {}) {
  if (files.length === 0) throw new Failure(`There are no tests for ${name}.`);
  mkdirSync(fromRoot(RESULTS), { recursive: true });
  await execute(say, process.execPath, [
    '--test', '--test-concurrency=1', `--test-timeout=${patient(env.TASKLOOM_ALL ? 1_800_000 : 600_000)}`, '--test-reporter=spec', '--test-reporter-destination=stdout',
    '--test-reporter=junit', `--test-reporter-destination=${fromRoot(RESULTS, `${name.replace(/\W+/g, '-')}.xml`)}`, ...files,
  ], env);
}

/** Runs a program, says what it prints, and rejects if it fails. */
async function execute(say, program, args, env = {}) {
  const { code, output } = await capture(program, args, { env, allowFailure: true });
  say(output);
  if (code !== 0) throw new Failure(`ended with exit code ${code}`);
}
