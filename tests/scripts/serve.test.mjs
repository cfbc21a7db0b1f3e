// The static server: what it sends, and what it keeps to itself.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve, strictCsp } from '../../scripts/serve.mjs';

let folder;
let server;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'taskloom-serve-'));
  mkdirSync(path.join(folder, 'www', 'docs'), { recursive: true });
  mkdirSync(path.join(folder, 'pkg'));
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  writeFileSync(path.join(folder, 'www', 'index.html'), '<!doctype html><title>root</title>');
  writeFileSync(path.join(folder, 'www', 'docs', 'index.html'), '<!doctype html><title>docs</title>');
  writeFileSync(path.join(folder, 'www', 'two words.txt'), 'two words');
  for (const name of ['a.js', 'a.mjs', 'a.css', 'a.svg', 'a.json', 'a.js.map', 'a.wasm', 'a.unknown']) {
    writeFileSync(path.join(folder, 'pkg', name), name);
  }
  symlinkSync(path.join(folder, 'secret.txt'), path.join(folder, 'www', 'link.txt'));
  server = await serve({ roots: { '/': path.join(folder, 'www'), '/taskloom/': path.join(folder, 'pkg') } });
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const get = (where, options) => fetch(new URL(where, server.url), { redirect: 'manual', ...options });

/** A request whose path is sent as written; fetch would tidy it up. */
function getRaw(where, method = 'GET') {
  return new Promise((resolve, reject) => {
    http.request({ host: '127.0.0.1', port: server.port, path: where, method }, response => {
      let body = '';
      response.on('data', chunk => { body += chunk; }).on('end', () => resolve({ status: response.statusCode, body }));
    }).on('error', reject).end();
  });
}

describe('serve', () => {
  it('serves the index of a folder, and each mount from its own folder', async () => {
    assert.match(await (await get('/')).text(), /root/);
    assert.match(await (await get('/docs/')).text(), /docs/);
    assert.equal(await (await get('/taskloom/a.js?v=1')).text(), 'a.js');
    assert.equal(await (await get('/two%20words.txt')).text(), 'two words');
    assert.equal((await get('/a.js')).status, 404);
  });

  it('leads from a folder without a slash to the one with it', async () => {
    const answer = await get('/docs?x=1');
    assert.equal(answer.status, 301);
    assert.equal(new URL(answer.headers.get('location'), new URL('/docs', server.url)).href, `${server.url}docs/?x=1`);
    const elsewhere = await getRaw('//docs');
    assert.equal(elsewhere.status, 301);
  });

  it('sends the type that the browser insists on', async () => {
    const types = {
      'a.js': 'text/javascript', 'a.mjs': 'text/javascript', 'a.css': 'text/css', 'a.svg': 'image/svg+xml',
      'a.json': 'application/json', 'a.js.map': 'application/json', 'a.wasm': 'application/wasm',
      'a.unknown': 'application/octet-stream',
    };
    for (const [name, type] of Object.entries(types)) {
      assert.equal((await get(`/taskloom/${name}`)).headers.get('content-type').split(';')[0], type, name);
    }
  });

  it('never leaves the folders it serves', async () => {
    for (const where of [
      '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/docs/../../secret.txt', '/..\\secret.txt', '/..%5csecret.txt',
      '/taskloom/../../secret.txt', '/link.txt', '/%00', '//etc/passwd', `/${folder}/secret.txt`,
    ]) {
      const { status, body } = await getRaw(where);
      assert.equal(status, 404, where);
      assert.doesNotMatch(body, /secret/);
    }
    assert.equal((await getRaw('/%zz')).status, 400);
  });

  it('sends the strict Content-Security-Policy with every answer, errors included', async () => {
    for (const where of ['/', '/taskloom/a.js', '/none']) {
      assert.equal((await get(where)).headers.get('content-security-policy'), strictCsp);
    }
    assert.match(strictCsp, /script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'/);
    assert.doesNotMatch(strictCsp, /'unsafe-eval'|'unsafe-inline'|blob:/);
  });

  it('answers 304 to a browser that has the file, and 200 once the file has changed', async () => {
    const first = await get('/taskloom/a.wasm');
    assert.equal(first.headers.get('cache-control'), 'no-cache');
    const headers = { 'If-None-Match': `"other", W/${first.headers.get('etag')}` };
    const again = await get('/taskloom/a.wasm', { headers });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
    writeFileSync(path.join(folder, 'pkg', 'a.wasm'), 'changed');
    assert.equal((await get('/taskloom/a.wasm', { headers })).status, 200);
  });

  it('answers HEAD without a body, and refuses to be written to', async () => {
    const head = await get('/taskloom/a.css', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), '5');
    assert.equal(await head.text(), '');
    const post = await get('/', { method: 'POST', body: 'x' });
    assert.equal(post.status, 405);
    assert.equal(post.headers.get('allow'), 'GET, HEAD');
  });

  it('isolates the page only if asked to, and takes another policy or none', async () => {
    assert.equal((await get('/')).headers.get('cross-origin-opener-policy'), null);
    const isolated = await serve({ isolated: true, csp: null, roots: { '/': path.join(folder, 'www') } });
    try {
      const { headers } = await fetch(isolated.url);
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
      assert.equal(headers.get('cross-origin-embedder-policy'), 'require-corp');
      assert.equal(headers.get('content-security-policy'), null);
    } finally {
      await isolated.close();
    }
  });

  it('says when a port is taken', async () => {
    await assert.rejects(serve({ port: server.port, roots: { '/': folder } }), { code: 'EADDRINUSE' });
  });

  it('closes although a browser keeps its connection open', async () => {
    const short = await serve({ roots: { '/': path.join(folder, 'www') } });
    const agent = new http.Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      http.get(short.url, { agent }, response => response.resume().on('end', resolve)).on('error', reject);
    });
    await short.close();
    agent.destroy();
    await assert.rejects(fetch(short.url));
  });
});
