// A Next app: built and served, its page in the browser, and a server component that runs a task itself.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium } from '../support/browsers.mjs';
import { everything } from '../support/matrix.mjs';
import { patient } from '../support/patience.mjs';
import { consumer, tool } from './support.mjs';

const ENV = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };

for (const bundler of ['turbopack', 'webpack']) {
  describe(`a Next app, built by ${bundler}`, { skip: !everything && 'runs with --all' }, () => {
    let browser, server, url;

    before(async () => {
      const folder = await consumer('next');
      await tool(folder, 'next', ['build', `--${bundler}`], { env: ENV });
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      server = spawn(process.execPath, [path.join(folder, 'node_modules/next/dist/bin/next'), 'start', '--hostname', '127.0.0.1', '--port', `${port}`], {
        cwd: folder, env: { ...process.env, ...ENV }, stdio: 'ignore',
      });
      while (!await fetch(url).then(response => response.ok, () => false)) await new Promise(resolve => setTimeout(resolve, 100));
      browser = await chromium.launch();
    }, { timeout: patient(600_000) });

    after(async () => {
      await browser?.close();
      server?.kill();
    });

    it('the build goes on though init() stands at the top of a module, and the page is rendered', async () => {
      assert.match(await (await fetch(url)).text(), /<p>rendered<\/p>/);
    });

    it('in the browser the task runs', { timeout: patient(60_000) }, async () => {
      const page = await browser.newPage();
      const problems = [];
      page.on('pageerror', error => problems.push(String(error)));
      await page.goto(url);
      await page.waitForFunction("document.querySelector('#greeting')?.textContent === 'hello ada'");
      assert.deepEqual(problems, []);
      await page.close();
    });

    it('on the server a task runs', async () => {
      assert.match(await (await fetch(`${url}/server`)).text(), /<output id="served">42<\/output>/);
    });
  });
}

const freePort = () => new Promise(resolve => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
