// What a server may give instead of the wasm, and what `init()` says of it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import { inPage } from '../support/suite.mjs';

/** The section that tells the build: 8 letters, 4 bytes, and what goes before them. */
const SIGNATURE = 15;
/** The package's whole wasm. */
let whole;
const HTML = '<!doctype html><title>An app</title>';

/** Besides the whole: what the package's own init() fetches, and whose functions each part calls. */
const NEEDS = { base: [], tasks: ['base'], pool: ['base', 'tasks'], state: ['base'], schedule: ['base'], memo: ['base'] };
const PARTS = Object.keys(NEEDS);

/** By path: `[status, type, body]`, from the package's own wasm, of which the last byte but the part's name tells the build. */
const answers = {
  'missing.wasm': () => [404, 'text/plain', 'no'],
  'failing.wasm': () => [503, 'text/html', HTML],
  'page.wasm': () => [200, 'text/html; charset=utf-8', HTML],
  'page-as-bytes.wasm': () => [200, 'application/octet-stream', HTML],
  'text.wasm': () => [200, 'text/plain', 'version https://git-lfs.github.com/spec/v1'],
  'empty.wasm': () => [200, 'application/wasm', ''],
  'truncated.wasm': wasm => [200, 'application/wasm', wasm.subarray(0, wasm.length * 0.6)],
  'truncated-bytes.wasm': wasm => [200, 'application/octet-stream', wasm.subarray(0, wasm.length * 0.6)],
  'other.wasm': (wasm, part) => [200, 'application/wasm', Buffer.from(wasm.map((byte, i) => (i === wasm.length - 1 - part.length ? byte ^ 1 : byte)))],
  'unsigned.wasm': (wasm, part) => [200, 'application/octet-stream', wasm.subarray(0, wasm.length - SIGNATURE - part.length)],
  'not-ours.wasm': () => [200, 'application/wasm', Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])],
  'whole.wasm': () => [200, 'application/wasm', whole],
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
  const wasm = {}; // by part; the whole is ''
  /** What is served in the place of the package's own part. */
  let instead, wrongPart;

  const test = inPage(browser, {
    site: async ({ folder }) => {
      for (const part of ['', ...PARTS]) wasm[part] = await readFile(path.join(folder, `node_modules/taskloom/taskloom_${part || 'bg'}.wasm`));
      whole = wasm[''];
      return 'tests/e2e/support/fixture';
    },
    handle: (request, response) => {
      const part = instead && request.url.endsWith(`/taskloom_${wrongPart}.wasm`) ? wrongPart : '';
      const name = part ? instead : request.url.startsWith('/answers/') ? path.basename(request.url) : undefined;
      if (!name) return false;
      const [status, type, body] = answers[name](wasm[part], part);
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

  for (const part of PARTS) {
    test(`in the place of the part ${part} too: init() with the wrong one, then again with the right one`, async tab => {
      for (const name of ['other.wasm', 'unsigned.wasm', 'page.wasm', 'truncated.wasm', 'missing.wasm']) {
        [instead, wrongPart] = [name, part];
        await tab.open();
        tab.expectProblem(/404/, { optional: true });
        const [error, codes] = await tab.load(async ({ Cron, TaskManager, WorkerPool, cacheData, init, rejectionOf, stateRef }) => [
          await rejectionOf(init()),
          [
            () => new TaskManager().waiting, () => new WorkerPool('/x.js').stats(), () => stateRef('x', { factory: () => 1 }).value, () => new Cron('* * * * *').nextRun(),
            () => cacheData(() => 1)(),
          ].map(call => {
            try {
              return void call();
            } catch ({ code }) {
              return code;
            }
          }),
        ]);
        instead = undefined;
        assert.equal(error.code, expected[name][0], name);
        assert.match(error.message, new RegExp(`http://[^ ]*/taskloom_${part}\\.wasm`), name);
        const codesExpected = PARTS.slice(1).map(other => (other === part || NEEDS[other].includes(part) ? error.code : null));
        assert.deepEqual(codes.map(code => code ?? null), codesExpected, `nothing works with a part of what it needs, and the rest does (${name})`);
        assert.deepEqual(await tab.load(async ({ Cron, cacheData, init, run, stateRef }) => {
          await init();
          return [await run(() => 1), stateRef('y', { factory: () => 2 }).value, cacheData(() => 3)(), new Cron('* * * * *').expression];
        }), [1, 2, 3, '* * * * *']);
      }
    });
  }

  test('a part is refused where the whole is asked for, and the whole in the place of a part', async tab => {
    const refusal = await tab.load(({ init, rejectionOf }, base) => rejectionOf(init(base)), '/node_modules/taskloom/taskloom_base.wasm');
    assert.equal(refusal.code, 'load-failed');
    assert.match(refusal.message, /taskloom_base\.wasm is taskloom_base\.wasm, a part; it must be taskloom_bg\.wasm, the whole/);
    await tab.open();
    [instead, wrongPart] = ['whole.wasm', 'memo'];
    const error = await tab.load(({ init, rejectionOf }) => rejectionOf(init()));
    instead = undefined;
    assert.equal(error.code, 'load-failed');
    assert.match(error.message, /taskloom_memo\.wasm is taskloom_bg\.wasm, the whole; it must be taskloom_memo\.wasm, a part/);
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
