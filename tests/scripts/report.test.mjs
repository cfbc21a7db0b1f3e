// What a run of the tests says in the end of what fell.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Failure } from '../../scripts/setup/failure.mjs';
import { resultOf, summarize } from '../../scripts/test/report.mjs';

const NODE = `▶ a file
  ✔ one
  ✖ two
ℹ pass 1
ℹ fail 1

✖ failing tests:

✖ two
  AssertionError: 1 is not 2`;
const CARGO = `running 2 tests

failures:

---- core::two stdout ----
thread panicked at 1 is not 2

test result: FAILED. 1 passed; 1 failed; 0 ignored`;

const job = (name, text, part = 'e2e') => ({ name, part, said: [text] });

/** What is printed of these results. */
function printed(...results) {
  const lines = [];
  const { log } = console;
  console.log = line => lines.push(line);
  try {
    summarize(results, 0, 1);
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}

describe('the end of a run', () => {
  it('says of each job that fell which tests, and why', () => {
    const text = printed(
      resultOf(job('file', NODE), new Failure('ended with exit code 1'), 1), resultOf(job('native', CARGO, 'native'), new Failure('ended with exit code 101'), 2),
    );
    assert.match(text, /✘ file: ended with exit code 1\n {4}✖ failing tests:[^]*AssertionError: 1 is not 2/);
    assert.match(text, /✘ native: ended with exit code 101\n {4}failures:[^]*thread panicked/);
    assert.match(text, /2 passed, 2 failed, 0 skipped/);
    assert.doesNotMatch(text, /✔ one/);
  });

  it('says also what fell once and passed by itself', () => {
    const first = resultOf(job('file', NODE), new Failure('ended with exit code 1'), 1);
    const second = resultOf(job('file', 'ℹ pass 2\nℹ fail 0'), undefined, 1, first);
    assert.equal(second.why, undefined);
    assert.match(printed(second), /✔ +1\.0 s {2}e2e\n✘ file: fell beside others, and passed by itself\n[^]*1 is not 2[^]*2 passed, 0 failed/);
  });

  it('says nothing of what passed', () => {
    assert.doesNotMatch(printed(resultOf(job('file', 'ℹ pass 2'), undefined, 1)), /✘/);
  });
});
