// The first example of the README, run as it is printed.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve, strictCsp } from '../../scripts/serve.mjs';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { chromium, firefox } from './support/browsers.mjs';
import { installPackage } from './support/package.mjs';

let installed, server;

before(async () => {
  const readme = await readFile(fromRoot('README.md'), 'utf8');
  const example = /^```js\n(.*?)^```$/ms.exec(readme)[1];
  installed = await installPackage();
  const site = path.join(installed.folder, 'site');
  await mkdir(site);
  // A browser resolves a bare import by an import map only, and knows no other than an inline one: the CSP allows this text and no other.
  const map = JSON.stringify({ imports: { taskloom: installed.entry('taskloom') } });
  const hash = createHash('sha256').update(map).digest('base64');
  await writeFile(path.join(site, 'example.js'), example);
  await writeFile(path.join(site, 'index.html'), `<!doctype html><meta charset="utf-8"><title>README</title><link rel="icon" href="data:,">
<script type="importmap">${map}</script>
<script type="module" src="example.js"></script>`);
  server = await serve({
    roots: { '/': site, '/node_modules/': path.join(installed.folder, 'node_modules') },
    csp: strictCsp.replace('script-src', `script-src 'sha256-${hash}'`),
  });
}, { timeout: 60_000 });

after(async () => {
  await server?.close();
  await installed?.remove();
});

describe('the README\'s first example', () => {
  for (const browserType of [chromium, firefox]) {
    it(`reports its progress and prints its result in ${browserType.name}`, { timeout: 60_000 }, async () => {
      const browser = await browserType.launch();
      try {
        const page = await browser.newPage();
        const output = [];
        await new Promise((resolve, reject) => {
          page.on('pageerror', reject);
          page.on('console', message => {
            output.push(message.text());
            if (message.type() === 'error') reject(new Error(message.text()));
            if (message.text() === 'loaded') resolve();
          });
          page.goto(server.url).catch(reject);
        });
        assert.equal(output.at(-1), 'loaded');
        assert(output.some(line => /^running (0\.\d+|1)$/.test(line)), output.join('\n'));
      } finally {
        await browser.close();
      }
    });
  }
});
