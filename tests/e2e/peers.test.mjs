// What the docs of other libraries promise, as tests of ours. tests/README.md has the table.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import apscheduler from './peers/apscheduler.mjs';
import asynclit from './peers/asynclit.mjs';
import croner from './peers/croner.mjs';
import lruCache from './peers/lru-cache.mjs';
import memoizee from './peers/memoizee.mjs';
import pMemoize from './peers/p-memoize.mjs';
import pQueue from './peers/p-queue.mjs';
import pRetry from './peers/p-retry.mjs';
import streamlitCache from './peers/streamlit-cache.mjs';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

describe('what users of other libraries know', () => {
  const test = inPage(chromium);
  describe('p-retry', () => pRetry(test));
  describe('p-queue', () => pQueue(test));
  describe('asynclit', () => asynclit(test));
  describe('lru-cache', () => lruCache(test));
  describe('p-memoize', () => pMemoize(test));
  describe('memoizee', () => memoizee(test));
  describe('Streamlit\'s caches', () => streamlitCache(test));
  describe('croner', () => croner(test));
  describe('APScheduler', () => apscheduler(test));
});

describe('the table in tests/README.md', () => {
  it('names tests that exist', async () => {
    const readme = await readFile(fromRoot('tests', 'README.md'), 'utf8');
    const references = [...readme.matchAll(/`(\S+\.mjs)`: (.+?) *(?=\||$)/gm)].map(([, file, names]) => [file, names]);
    assert(references.length > 40, `only ${references.length} references were found`);
    const known = new Map();
    for (const folder of ['', 'tasks', 'pool', 'peers', 'options', 'state', 'memo', 'schedule', 'stress']) {
      for (const file of await readdir(fromRoot('tests', 'e2e', folder))) {
        if (file.endsWith('.mjs')) known.set(`${folder && `${folder}/`}${file}`, namesIn(await readFile(fromRoot('tests', 'e2e', folder, file), 'utf8')));
      }
    }
    const missing = references.filter(([file, names]) => !names.split('; and ').every(name => known.get(file)?.some(pattern => pattern.test(name))));
    assert.deepEqual(missing, []);
  });
});

/** The names of a file's tests, as patterns: one that is put together matches whatever it may be. */
function namesIn(source) {
  const names = [...source.matchAll(/\b(?:test\w*|it)\((?:'((?:\\.|[^'\\])+)'|`([^`]+)`)/g)];
  return names.map(([, plain, template]) => {
    const parts = plain === undefined ? template.split(/\$\{[^}]*\}/) : [plain.replaceAll("\\'", "'")];
    return new RegExp(`^${parts.map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);
  });
}
