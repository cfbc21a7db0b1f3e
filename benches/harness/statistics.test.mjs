import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairedRatio, quantile, shuffled, spread } from './statistics.js';

test('a quantile of one value is that value', () => {
  assert.equal(quantile([7], 0), 7);
  assert.equal(quantile([7], 0.95), 7);
});

test('quantiles interpolate between neighbours, whatever the order of the values', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([40, 10, 30, 20, 50], 0.25), 20);
  assert.equal(quantile([0, 10], 0.95), 9.5);
});

test('values are ordered as numbers and left as they were', () => {
  const values = [100, 9, 20];
  assert.equal(quantile(values, 0.5), 20);
  assert.deepEqual(values, [100, 9, 20]);
});

test('a quantile of nothing is an error, not NaN', () => {
  assert.throws(() => quantile([], 0.5), RangeError);
});

test('the spread is the median and its quartiles', () => {
  assert.deepEqual(spread([1, 2, 3, 4, 5]), { median: 3, low: 2, high: 4 });
});

test('a slow round does not move the paired ratio', () => {
  // Rounds 2 and 3 ran at half speed for both; unpaired, 2 / 4 would hold for one and 4 / 8 for others.
  const { median, low, high } = pairedRatio([2, 4, 4], [4, 8, 8]);
  assert.deepEqual([low, median, high], [0.5, 0.5, 0.5]);
  assert.equal(pairedRatio([1, 10, 3], [2, 40, 4]).median, 0.5);
});

test('samples that do not pair up are an error', () => {
  assert.throws(() => pairedRatio([1, 2], [1]), RangeError);
});

test('shuffling keeps every item, follows the random source and leaves the original alone', () => {
  const items = ['a', 'b', 'c', 'd'];
  assert.deepEqual(shuffled(items, () => 0), ['b', 'c', 'd', 'a']);
  assert.deepEqual(shuffled(items, () => 0.999), items);
  assert.deepEqual(items, ['a', 'b', 'c', 'd']);
  assert.deepEqual(shuffled(items).sort(), items);
});
