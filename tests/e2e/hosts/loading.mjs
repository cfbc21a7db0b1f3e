// What a server may give instead of the wasm, and what `init()` says of it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import { inPage } from '../support/suite.mjs';

/** The section that tells the build: 8 letters, 4 bytes, and what goes before them. */
const SIGNATURE = 15;
const HTML = '<!doctype html><title>An app</title>';

/** By path: `[status, type, body]`, from the package's own wasm. */
const answers = {
  'missing.wasm': () => [404, 'text/plain', 'no'],
  'failing.wasm': () => [503, 'text/html', HTML],
  'page.wasm': () => [200, 'text/html; charset=utf-8', HTML],
  'page-as-bytes.wasm': () => [200, 'application/octet-stream', HTML],
  'text.wasm': () => [200, 'text/plain', 'version https://git-lfs.github.com/spec/v1'],
  'empty.wasm': () => [200, 'application/wasm', ''],
  'truncated.wasm': wasm => [200, 'application/wasm', wasm.subarray(0, wasm.length * 0.6)],
  'truncated-bytes.wasm': wasm => [200, 'application/octet-stream', wasm.subarray(0, wasm.length * 0.6)],
  'other.wasm': wasm => [200, 'application/wasm', Buffer.from(wasm.map((byte, i) => (i === wasm.length - 1 ? byte ^ 1 : byte)))],
  'unsigned.wasm': wasm => [200, 'application/octet-stream', wasm.subarray(0, wasm.length - SIGNATURE)],
  'not-ours.wasm': () => [200, 'application/wasm', Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])],
  'untyped.wasm': wasm => [200, '', wasm],
};

/** Code and what the message has to say, besides the address. */
const expected = {
  'missing.wasm': ['load-failed', /answered 404/],
  'failing.wasm': ['load-failed', /answered 503/],
  'page.wasm': ['load-failed', /HTML.*optimizeDeps: \{ exclude: \['taskloom'\] \}/],
  'page-as-bytes.wasm': ['load-failed', /HTML.*optimizeDeps/],
  'text.wasm': ['load-failed', /could not be loaded.*has to be there, whole/],
  'empty.wasm': ['load-failed', /could not be loaded/],
  'truncated.wasm': ['load-failed', /could not be loaded.*has to be there, whole/],
  'truncated-bytes.wasm': ['load-failed', /could not be loaded/],
  'other.wasm': ['build-mismatch', /another build.*stale copy/],
  'unsigned.wasm': ['build-mismatch', /another build/],
  'not-ours.wasm': ['build-mismatch', /another build/],
};

export default function loading(browser) {
  describe(`loading the wasm in ${browser.name}`, () => suite(browser));
  describe(`a page whose CSP forbids wasm in ${browser.name}`, () => forbidden(browser));
}

function suite(browser) {
  let wasm;
  /** What is served in the package's own place. */
  let instead;

  const test = inPage(browser, {
    site: async ({ folder }) => {
      wasm = await readFile(path.join(folder, 'node_modules/taskloom/taskloom_bg.wasm'));
      return 'tests/e2e/support/fixture';
    },
    handle: (request, response) => {
      const name = request.url.endsWith('/taskloom_bg.wasm') ? instead : request.url.startsWith('/answers/') ? path.basename(request.url) : undefined;
      if (!name) return false;
      const [status, type, body] = answers[name](wasm);
      response.removeHeader('X-Content-Type-Options');
      if (type) response.setHeader('Content-Type', type);
      response.writeHead(status);
      response.end(body);
      return true;
    },
  });

  test('each wrong answer has an error that says what came, from where, and what to do; the next init() works', async tab => {
    tab.expectProblem(/404|503/, { optional: true }); // Chromium logs it, Firefox does not
    const errors = await tab.load(async ({ init, run, rejectionOf }, names) => {
      const errors = [];
      for (const name of names) {
        const { code, message } = await rejectionOf(init(`/answers/${name}`));
        const task = run(() => 1); // fails like any other task
        errors.push([code, message, (await rejectionOf(task)).code]);
      }
      await init();
      return [...errors, await run(() => 'works')];
    }, Object.keys(expected));
    assert.equal(errors.pop(), 'works');
    for (const [name, [code, says]] of Object.entries(expected)) {
      const [saidCode, message, taskCode] = errors.shift();
      assert.deepEqual([saidCode, taskCode], [code, code], name);
      assert.match(message, says, name);
      assert.match(message, new RegExp(`/answers/${name}`), name);
    }
  });

  test("behind the package's own name too: init() with the wrong one, then again with the right one", async tab => {
    for (const name of ['other.wasm', 'unsigned.wasm', 'page.wasm', 'truncated.wasm', 'missing.wasm']) {
      instead = name;
      await tab.open();
      tab.expectProblem(/404/, { optional: true });
      const error = await tab.load(({ init, rejectionOf }) => rejectionOf(init()));
      instead = undefined;
      assert.equal(error.code, expected[name][0], name);
      assert.match(error.message, /http:\/\/[^ ]*\/taskloom_bg\.wasm/, name);
      assert.equal(await tab.load(async ({ init, run }) => {
        await init();
        return run(() => 'works');
      }), 'works');
    }
  });

  test('a module, bytes and a Response of another build are refused as well', async tab => {
    assert.deepEqual(await tab.load(async ({ init, run, rejectionOf }) => {
      const bytes = () => fetch('/answers/other.wasm').then(response => response.arrayBuffer());
      const codes = [];
      for (const source of [fetch('/answers/other.wasm'), bytes(), bytes().then(WebAssembly.compile), new Request('/answers/other.wasm')]) {
        codes.push((await rejectionOf(init(source))).code);
      }
      await init(fetch('/answers/untyped.wasm'));
      return [...codes, await run(() => 'works')];
    }), [...Array(4).fill('build-mismatch'), 'works']);
  });
}

function forbidden(browser) {
  const test = inPage(browser, { csp: "default-src 'self'; img-src 'self' data:" });

  test('init() says what the CSP has to allow', async tab => {
    tab.expectProblem(/Content.Security.Policy|wasm/i, { optional: true });
    const { code, message } = await tab.load(({ init, rejectionOf }) => rejectionOf(init()));
    assert.equal(code, 'load-failed');
    assert.match(message, /the CSP has to allow 'wasm-unsafe-eval'/);
  });
}
