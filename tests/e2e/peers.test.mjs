// What the docs of p-retry, p-queue and asynclit promise, as tests of ours. tests/README.md has the table.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import asynclit from './peers/asynclit.mjs';
import pQueue from './peers/p-queue.mjs';
import pRetry from './peers/p-retry.mjs';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

describe('what users of other libraries know', () => {
  const test = inPage(chromium);
  describe('p-retry', () => pRetry(test));
  describe('p-queue', () => pQueue(test));
  describe('asynclit', () => asynclit(test));
});

describe('the table in tests/README.md', () => {
  it('names tests that exist', async () => {
    const readme = await readFile(fromRoot('tests', 'README.md'), 'utf8');
    const references = [...readme.matchAll(/`(\S+\.mjs)`: (.+?) *(?=\||$)/gm)].map(([, file, names]) => [file, names]);
    assert(references.length > 40, `only ${references.length} references were found`);
    const known = new Map();
    for (const folder of ['', 'tasks', 'pool', 'peers', 'options', 'stress']) {
      for (const file of await readdir(fromRoot('tests', 'e2e', folder))) {
        if (file.endsWith('.mjs')) known.set(`${folder && `${folder}/`}${file}`, (await readFile(fromRoot('tests', 'e2e', folder, file), 'utf8')).replaceAll('\\\'', '\''));
      }
    }
    const missing = references.filter(([file, name]) => !name.split('; and ').every(one => known.get(file)?.includes(`test('${one}'`)));
    assert.deepEqual(missing, []);
  });
});
