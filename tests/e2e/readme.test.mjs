// The first example of the README, run as it is printed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { browsers } from './support/browsers.mjs';
import { exampleOf, serveExamples } from './support/examples.mjs';
import { patient } from './support/patience.mjs';

let site;

before(async () => {
  const readme = await readFile(fromRoot('README.md'), 'utf8');
  site = await serveExamples([['index.html', '<script type="module" src="example.js"></script>'], ['example.js', exampleOf(readme)]]);
}, { timeout: patient(60_000) });

after(() => site?.close());

describe('the README\'s first example', () => {
  for (const browserType of browsers) {
    it(`reports its progress and prints its result in ${browserType.name}`, { timeout: patient(60_000) }, async () => {
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
          page.goto(site.url).catch(reject);
        });
        assert.equal(output.at(-1), 'loaded');
        assert(output.some(line => /^running (0\.\d+|1)$/.test(line)), output.join('\n'));
      } finally {
        await browser.close();
      }
    });
  }
});
