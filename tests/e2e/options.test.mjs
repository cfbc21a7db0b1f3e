// Wrong values of every option of every public function, in a table and at random.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fuzz from './options/fuzz.mjs';
import schedule from './options/schedule.mjs';
import table from './options/table.mjs';
import { chromium } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

describe('options', () => {
  const test = inPage(chromium);
  describe('table', () => table(test));
  describe('fuzz', () => fuzz(test));
  describe('schedules', () => schedule(test));
});
