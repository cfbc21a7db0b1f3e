// Many tasks at once, at random and for long: everything settles, and nothing is left.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import costs from './stress/costs.mjs';
import memory from './stress/memory.mjs';
import names from './stress/names.mjs';
import storm from './stress/storm.mjs';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

describe('stress', () => {
  const test = inPage(chromium);
  describe('storm', () => storm(test));
  describe('memory', () => memory(test));
  describe('names', () => names(test));
  describe('costs', () => costs(test));
});
