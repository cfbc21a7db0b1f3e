// The division of a linked wasm into parts (pkg-config/split.mjs): they compute what the whole does, and what can't be divided is refused.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import binaryen from 'binaryen';
import { split } from '../../pkg-config/split.mjs';

/** `inc` is asked for by two parts and by the table; `b` of part two calls `helper` of part one; the global is everybody's. */
const WHOLE = `(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\\2a")
  (global $count (mut i32) (i32.const 0))
  (table $calls 2 2 funcref)
  (elem (table $calls) (i32.const 0) func $inc $double)
  (type $unary (func (param i32) (result i32)))
  (func $inc (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.add (local.get 0) (i32.const 1)))
  (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $helper (param i32) (result i32) (call $host (call $inc (local.get 0))))
  (func $alone (result i32) (i32.load8_u (i32.const 8)))
  (func (export "base") (result i32) (global.get $count))
  (func (export "a") (param i32) (result i32) (call $helper (local.get 0)))
  (func (export "b") (param i32) (result i32) (i32.add (call $helper (local.get 0)) (call $alone)))
  (func (export "c") (param i32 i32) (result i32) (call_indirect $calls (type $unary) (local.get 0) (local.get 1)))
)`;
const OWNERS = { a: 'one', b: 'two', c: 'three' };
const NEEDS = { one: [], two: ['one'], three: [] };

function bytesOf(text) {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  binaryen.setDebugInfo(true); // names, as the linker leaves them
  const bytes = module.emitBinary();
  binaryen.setDebugInfo(false);
  module.dispose();
  return bytes;
}

const env = { env: { host: n => n + 100 } };

/** The exports of some parts, as the glue puts them together. */
function linked(parts, names) {
  const all = {};
  for (const name of names) Object.assign(all, new WebAssembly.Instance(new WebAssembly.Module(parts[name]), { ...env, p: all }).exports);
  return all;
}

const divided = ({ owners = OWNERS, needs = NEEDS, whole = WHOLE } = {}) => split(bytesOf(whole), { partOf: name => owners[name] ?? 'base', needs });

/** The functions that a part has itself. */
const countIn = bytes => {
  const module = binaryen.readBinary(bytes);
  return Array.from({ length: module.getNumFunctions() }, (_, i) => binaryen.getFunctionInfo(module.getFunctionByIndex(i))).filter(it => !it.module).length;
};

describe('the split wasm', () => {
  it('computes what the whole does, with one memory, one table and one of each global', () => {
    const whole = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(WHOLE)), env).exports;
    const all = linked(divided(), ['base', 'one', 'two', 'three']);
    for (const exports of [whole, all]) {
      assert.deepEqual([exports.a(1), exports.b(1), exports.c(5, 0), exports.c(5, 1), exports.base()], [102, 144, 6, 10, 3]);
    }
  });

  it('has each function once: in the part that alone reaches it, or in the one that all others who do need', () => {
    const parts = divided();
    // inc and double, which the table holds, and base; helper and a; alone and b; c
    assert.deepEqual(Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, countIn(bytes)])), { base: 3, one: 2, two: 2, three: 1 });
  });

  it('works with some of the parts, and late', () => {
    const all = linked(divided(), ['base', 'three']);
    assert.equal(all.c(5, 0), 6);
    assert.equal(all.a, undefined);
    Object.assign(all, new WebAssembly.Instance(new WebAssembly.Module(divided().one), { ...env, p: all }).exports);
    assert.deepEqual([all.a(1), all.base()], [102, 2]);
  });

  it('puts what two parts share into the base if neither needs the other', () => {
    const parts = divided({ needs: { one: [], two: [], three: [] } });
    assert.equal(countIn(parts.base), 4); // helper too
    assert.equal(linked(parts, ['base', 'two']).b(1), 144);
  });

  it('refuses an export that is of no part', () => {
    assert.throws(() => divided({ owners: { ...OWNERS, a: 'nowhere' } }), /a is exported, and is of no part/);
  });

  it('can link no part without the one that it needs', () => {
    assert.throws(() => linked(divided(), ['base', 'two']), WebAssembly.LinkError);
  });
});
