// The worker's side passes the conversations that core prescribes (src/core/pool/protocol/vectors.rs), without a pool: frames are posted to
// the packed worker.js as they stand.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import * as numbers from '../../../src/js/worker/protocol.js';

const vectors = JSON.parse(await readFile(fromRoot('target/bindgen/protocol-vectors.json'), 'utf8'));
const constants = { ...numbers };

/** In the page: has a conversation; resolves to what differs from what is expected, or undefined. */
async function talk({ until }, { steps, protocol }) {
  const { RESULTS, STARTED, CALLS, MARKED, MAGIC } = protocol;
  const worker = new Worker('/workers/protocol.js', { type: 'module' });
  const heard = [];
  const marked = new Set();
  let sequence = 0;
  let problem;
  worker.onerror = event => { problem ??= `the worker has an error: ${event.message}`; };
  worker.onmessage = ({ data }) => {
    if (data[3] !== sequence++) problem ??= `frame ${sequence - 1} has the sequence number ${data[3]}`;
    if (data[2] !== RESULTS) return void heard.push(data);
    for (let i = 4; i < data.length; i += 4) {
      const [kind, number] = data.slice(i, i + 2);
      if (kind !== STARTED || marked.has(number)) heard.push([...data.slice(0, 4), ...data.slice(i, i + 4)]);
    }
  };

  const differs = (seen, expected, path) => {
    if (expected?.$any === 'an error with the code not-serializable') return seen?.own?.code === 'not-serializable' ? undefined : `${path} is no such error`;
    if (expected?.$any) return undefined;
    if (expected?.$undefined) return seen === undefined ? undefined : `${path} is ${seen}`;
    if (typeof expected !== 'object' || expected === null) return Object.is(seen, expected) ? undefined : `${path} is ${seen}, not ${expected}`;
    if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(expected)) return `${path} is ${seen}`;
    const keys = new Set([...Object.keys(seen), ...Object.keys(expected)]);
    for (const key of keys) {
      const difference = Object.hasOwn(seen, key) && Object.hasOwn(expected, key) ? differs(seen[key], expected[key], `${path}.${key}`) : `${path}.${key} is ${Object.hasOwn(seen, key) ? 'too much' : 'missing'}`;
      if (difference) return difference;
    }
    return undefined;
  };

  for (const [index, { send, expect }] of steps.entries()) {
    if (send !== undefined) {
      if (send?.[0] === MAGIC && send[2] === CALLS) for (let i = 4; i < send.length; i += 4) if (send[i + 1] & MARKED) marked.add(send[i]);
      worker.postMessage(send);
      continue;
    }
    await until(() => heard.length > 0 || problem);
    problem ??= differs(heard.shift(), expect, `step ${index}`);
    if (problem) break;
  }
  worker.terminate();
  return problem ?? (heard.length > 0 ? `it said more: ${JSON.stringify(heard)}` : null);
}

export default function protocol(test) {
  test('there are vectors', () => assert(vectors.length > 15));

  for (const { name, steps } of vectors) {
    test(`the packed worker.js passes: ${name}`, async tab => {
      assert.equal(await tab.bare(talk, { steps, protocol: constants }), null);
    });
  }
}
