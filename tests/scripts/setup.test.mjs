// Set-up: reading versions, knowing what is installed, and child processes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../scripts/setup/failure.mjs';
import { find } from '../../scripts/setup/find.mjs';
import { isInstalled } from '../../scripts/setup/node-packages.mjs';
import { capture, run } from '../../scripts/setup/process.mjs';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { duration, once } from '../../scripts/setup/step.mjs';
import { compareVersions, lockedVersion, versionIn } from '../../scripts/setup/version.mjs';
import { cacheFolder } from '../../scripts/setup/wasm-tools.mjs';
import { capabilities, chromiumArguments } from '../../scripts/setup/webdriver.mjs';

describe('versions', () => {
  it('are found in what programs say of themselves', () => {
    assert.equal(versionIn('wasm-bindgen-test-runner 0.2.130\n'), '0.2.130');
    assert.equal(versionIn('ChromeDriver 156.0.8078.79 (a21ce95-refs/branch-heads/8078@{#1704})'), '156.0.8078.79');
    assert.equal(versionIn('geckodriver 0.37.1 (a1b2c3 2025-01-01)'), '0.37.1');
    assert.equal(versionIn('no version'), undefined);
  });

  it('are compared by number, not by text', () => {
    assert.ok(compareVersions('0.13.0', '0.9.1') > 0);
    assert.ok(compareVersions('0.12.9', '0.13') < 0);
    assert.equal(compareVersions('0.13', '0.13.0'), 0);
  });

  it('are read from Cargo.lock by the whole name of the crate', () => {
    const lock = [
      'version = 4', '', '[[package]]', 'name = "wasm-bindgen-shared"', 'version = "0.2.1"', '',
      '[[package]]', 'name = "wasm-bindgen"', 'version = "0.2.130"', 'dependencies = [', ' "wasm-bindgen-shared",', ']', '',
    ].join('\n');
    assert.equal(lockedVersion(lock, 'wasm-bindgen'), '0.2.130');
    assert.equal(lockedVersion(lock, 'wasm'), undefined);
  });
});

describe('npm packages', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/esbuild': { version: '1.0.0' },
      'node_modules/@esbuild/linux-x64': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
      'node_modules/@esbuild/darwin-arm64': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
      'node_modules/publint': { version: '2.0.0', dev: true },
    },
  };
  const machine = { platform: 'linux', arch: 'x64' };
  const record = (...names) => ({
    packages: Object.fromEntries(names.map(name => [`node_modules/${name}`, { version: lock.packages[`node_modules/${name}`].version }])),
  });

  it('are there when all are that this machine can have', () => {
    assert.ok(isInstalled(lock, record('esbuild', '@esbuild/linux-x64', 'publint'), machine));
    assert.ok(!isInstalled(lock, record('esbuild', '@esbuild/linux-x64'), machine));
    assert.ok(!isInstalled(lock, record('publint'), machine));
  });

  it('count as missing if they are of another version, or for another machine', () => {
    const older = record('esbuild', '@esbuild/linux-x64', 'publint');
    older.packages['node_modules/esbuild'].version = '0.9.0';
    assert.ok(!isInstalled(lock, older, machine));
    assert.ok(!isInstalled(lock, record('esbuild', '@esbuild/darwin-arm64', 'publint'), machine));
    assert.ok(!isInstalled(lock, undefined, machine));
  });
});

describe('programs', () => {
  it('are found on the PATH by name and elsewhere by path, if they can be run', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'taskloom-find-'));
    const before = process.env.PATH;
    try {
      process.env.PATH = `${folder}${path.delimiter}${before}`;
      const file = path.join(folder, 'taskloom-tool');
      writeFileSync(file, '#!/bin/sh\n');
      chmodSync(file, 0o644);
      assert.equal(find('taskloom-tool'), undefined);
      chmodSync(file, 0o755);
      assert.equal(find(undefined, 'taskloom-none', 'taskloom-tool'), file);
      assert.equal(find(file), file);
      assert.equal(find(folder), undefined);
    } finally {
      process.env.PATH = before;
      rmSync(folder, { recursive: true });
    }
  });

  it('of ours are cached per user, where XDG says', () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/elsewhere' }), path.join('/elsewhere', 'taskloom'));
    assert.match(cacheFolder({}), /\.cache.taskloom$/);
  });
});

describe('child processes', () => {
  const node = process.execPath;

  it('that fail are failures that say which and how', async () => {
    await assert.rejects(run(node, ['-e', 'process.exit(3)']), error => error instanceof Failure && error.exitCode === 3);
    assert.equal(await run(node, ['-e', 'process.exit(3)'], { allowFailure: true }), 3);
    await assert.rejects(capture(node, ['-e', 'console.error("the reason"); process.exit(1)']), /the reason/);
    await assert.rejects(run('taskloom-none', []), /taskloom-none.*not on the PATH/);
  });

  it('get our environment, changed as asked, and no input to wait for', async () => {
    process.env.TASKLOOM_TEST = 'ours';
    const script = 'process.stdin.on("end", () => console.log(process.env.TASKLOOM_TEST, process.env.PATH !== undefined)).resume()';
    assert.equal((await capture(node, ['-e', script], { env: { TASKLOOM_TEST: undefined } })).stdout, 'undefined true\n');
    assert.equal((await capture(node, ['-e', script])).stdout, 'ours true\n');
    delete process.env.TASKLOOM_TEST;
  });

  // The one left behind holds the pipe that capture reads: were it not ended, capture would wait for ever.
  it('leave nothing running behind them', { timeout: 20_000 }, async () => {
    const { stdout } = await capture(node, ['-e', `
      require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log('left');
      process.exit();
    `]);
    assert.equal(stdout, 'left\n');
  });

  it('end when the command that started them is interrupted, and no other begins', async () => {
    const processModule = pathToFileURL(fromRoot('scripts/setup/process.mjs'));
    const command = spawn(node, ['--input-type=module', '-e', `
      import { run } from '${processModule}';
      await run(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { allowFailure: true });
      await run(process.execPath, ['-e', 'console.log("went on")']);
    `], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    const pid = await new Promise(resolve => {
      command.stdout.on('data', chunk => { output += chunk; resolve(parseInt(output)); });
    });
    command.kill('SIGINT');
    const code = await new Promise(resolve => command.once('close', resolve));
    assert.equal(code, 130);
    assert.doesNotMatch(output, /went on/);
    assert.ok(pid > 0);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});

describe('steps', () => {
  it('are done once, however often they are asked for', async () => {
    let count = 0;
    const counted = once(async () => ++count);
    assert.deepEqual(await Promise.all([counted(), counted()]), [1, 1]);
  });

  it('say times as people do', () => {
    assert.deepEqual([0.42, 9.97, 59.6, 125].map(duration), ['0.4 s', '10 s', '1 min 0 s', '2 min 5 s']);
  });
});

describe('browser drivers', () => {
  it('are told where the browser is, and turn the sandbox off only for root', () => {
    const paths = { chromium: '/c', firefox: '/f' };
    assert.equal(capabilities('chrome', paths)['goog:chromeOptions'].binary, '/c');
    assert.equal(capabilities('firefox', paths)['moz:firefoxOptions'].binary, '/f');
    assert.ok(chromiumArguments({ asRoot: true }).includes('--no-sandbox'));
    assert.ok(!chromiumArguments({ asRoot: false }).includes('--no-sandbox'));
  });
});
