import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observed, timed } from './experiment.js';
import { exactRow, figure, printedRow, rowsOf } from './report.js';

const experiment = (target) => timed({ name: 'work', unit: 'us', target, contenders: {} });
const samples = {
  taskloom: { time: [2, 3, 4] },
  'p-queue': { time: [4, 10, 8] },
  'plain promise': { time: [1, 1, 1] },
};

test('a row has medians, the median of the paired ratios, and the target it is held to', () => {
  const [row] = rowsOf(experiment({ peer: 'p-queue', max: 0.5, aim: 0.35 }), samples);
  assert.equal(row.name, 'work');
  assert.equal(row.unit, 'us');
  assert.equal(row.ours, 3);
  assert.deepEqual(row.peers, { 'p-queue': 8, 'plain promise': 1 });
  assert.equal(row.ratio, 0.5); // not 3 / 8
  assert.equal(row.target, 0.5);
  assert.equal(row.aim, 0.35);
  assert.equal(row.ok, true);
});

test('a ratio above the target is a miss, and the print says so', () => {
  const [row] = rowsOf(experiment({ peer: 'p-queue', max: 0.49 }), samples);
  assert.equal(row.ok, false);
  assert.match(printedRow(row), /^work \(us\): MISS, 0\.500 .* x p-queue, target <= 0\.490/);
});

test('a row without a target has neither ratio nor verdict', () => {
  const [row] = rowsOf(experiment(null), samples);
  assert.deepEqual([row.ratio, row.target, row.ok], [null, null, true]);
  assert.match(printedRow(row), /^work \(us\)\n/);
});

test('a peer without a highest ratio is compared, not judged', () => {
  const [row] = rowsOf(experiment({ peer: 'p-queue' }), samples);
  assert.deepEqual([row.ratio, row.target, row.ok], [0.5, null, true]);
});

test('a target may set a limit for further peers, and all must be kept', () => {
  const held = (max) => rowsOf(experiment({ peer: 'p-queue', max: 0.5, also: [{ peer: 'plain promise', max }] }), samples)[0];
  assert.equal(held(3).ok, true);
  const missed = held(2.5);
  assert.equal(missed.ok, false);
  assert.deepEqual([missed.ratio, missed.target, missed.also[0].ratio, missed.also[0].ok], [0.5, 0.5, 3, false]);
  assert.match(printedRow(missed), /^work \(us\): MISS, 0\.500 .* x p-queue, target <= 0\.500; 3\.00 .* x plain promise, target <= 2\.50\n/);
});

test('one experiment fills several rows', () => {
  const rows = rowsOf(
    observed({ rows: { delay: { name: 'delay', unit: 'ms' }, total: { name: 'total', unit: 'ms' } }, contenders: {} }),
    { taskloom: { delay: [1], total: [300] } },
  );
  assert.deepEqual(rows.map(({ name, ours }) => [name, ours]), [['delay', 1], ['total', 300]]);
});

test('rows survive JSON', () => {
  const rows = [
    ...rowsOf(experiment({ peer: 'p-queue', max: 0.5 }), samples),
    exactRow({ name: 'size', unit: 'kB', ours: 20, peers: { budget: 40 }, target: { peer: 'budget', max: 1 } }),
  ];
  assert.equal(rows[1].ratio, 0.5);
  const parsed = JSON.parse(JSON.stringify(rows));
  for (const [index, row] of parsed.entries()) {
    for (const key of ['name', 'unit', 'ours', 'peers', 'ratio', 'target', 'ok']) {
      assert.deepEqual(row[key], rows[index][key], key);
    }
  }
});

test('every contender is on a line of its own', () => {
  const [row] = rowsOf(experiment({ peer: 'p-queue', max: 0.5 }), samples);
  const lines = printedRow(row).split('\n');
  assert.equal(lines.length, 4);
  for (const [index, name] of ['taskloom', 'p-queue', 'plain promise'].entries()) {
    assert.ok(lines[index + 1].trim().startsWith(name));
  }
});

test('figures keep three significant digits', () => {
  assert.deepEqual([0, 0.04567, 1.2345, 45.67, 1234.5].map(figure), ['0', '0.0457', '1.23', '45.7', '1235']);
});
