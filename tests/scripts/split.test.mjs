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

const divided = ({ owners = OWNERS, needs = NEEDS, whole = WHOLE, constants = [] } = {}) => split(bytesOf(whole), { partOf: name => owners[name] ?? 'base', needs, constants });

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
    const { '': _, ...parts } = divided();
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

  it('gives a constant to the part that alone names it, makes zeros of what nobody names, and leaves the rest', () => {
    const whole = `(module
      (memory (export "memory") 1)
      (data (i32.const 1024) "onlyonetwo!deadpinned\\00\\00\\00\\0f\\04\\00\\00both")
      (func (export "base") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "a") (result i32) (i32.load8_u (i32.const 1026)))
      (func (export "b") (result i32) (i32.add (i32.load8_u offset=1031 (i32.const 0)) (i32.load (i32.const 1048))))
      (func (export "c") (result i32) (i32.add (i32.load8_u (i32.const 1031)) (i32.load8_u (i32.const 1052))))
      (func (export "d") (result i32) (i32.load8_u (i32.const 1052))))`;
    const constant = (start, end, more) => ({ start, end, isPinned: false, pointers: [], ...more });
    const constants = [
      constant(1024, 1031), constant(1031, 1035), constant(1035, 1039), constant(1039, 1045, { isPinned: true }), constant(1048, 1052, { pointers: [1039] }), constant(1052, 1056),
    ];
    const parts = divided({ whole, constants, owners: { a: 'one', b: 'two', c: 'two', d: 'three' } });
    const textOf = (...names) => {
      const { memory } = linked(parts, ['base', ...names]);
      return Buffer.from(memory.buffer, 1024, 32).toString('latin1').replaceAll('\0', '_');
    };
    assert.equal(textOf(), '_______________pinned_______both');
    assert.equal(textOf('one'), 'onlyone________pinned_______both');
    assert.equal(textOf('two'), '_______two!____pinned___\x0f\x04__both');
    const { a, b, c, base } = linked(parts, ['base', 'one', 'two', 'three']);
    assert.deepEqual([a(), b(), c(), base(1052)], [0x6c, 0x74 + 0x40f, 0x74 + 0x62, 0x62]);
    const all = new WebAssembly.Instance(new WebAssembly.Module(parts['']), env).exports;
    assert.equal(Buffer.from(all.memory.buffer, 1024, 21).toString('latin1').replaceAll('\0', '_'), 'onlyonetwo!____pinned');
  });

  it('can link no part without the one that it needs', () => {
    assert.throws(() => linked(divided(), ['base', 'two']), WebAssembly.LinkError);
  });
});
