// Every entry point, called at each of the last frames of the stack: it throws and nothing has changed, or it has done what it was asked for; or it says `panic`, and a restart helps.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';

/** Frames before the end of the stack: 50 of the last 500, or all of them. */
const FRAMES = everything ? Array.from({ length: 500 }, (_, i) => i) : Array.from({ length: 50 }, (_, i) => 10 * i + (i % 10));

export default function sweep(test) {
  for (const capability of ['tasks', 'state', 'memo', 'schedules', 'pool']) {
    test(`${capability}: a call at the end of the stack leaves nothing half done`, async tab => {
      tab.expectProblem(/call stack|recursion/, { optional: true }); // of a listener that the platform could not call
      const { wrong, ends } = await tab.run(async (library, { capability, frames }) => {
        const { sweep } = await import('/support/stack.js');
        return sweep(library, capability, frames);
      }, { capability, frames: FRAMES });
      assert.deepEqual(wrong, []);
      assert(Object.keys(ends).some(end => end.endsWith('overflow')), 'the stack should have ended at some frames');
    }, { timeout: everything ? 600_000 : 120_000 });
  }
}
