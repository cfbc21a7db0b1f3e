// Divides a linked wasm into parts that share one memory and one table: the base, and one for each capability.
//
// No function is changed. What several parts reach is in the base, or in the one of them that all the others need. What the table holds
// is in the base, so that no call through the table can meet a part that is missing, and so is the data, but for constants that one part alone names. A part imports from module `p` what it calls of others, and the
// base's memory, tables and globals. What reaches what is binaryen's to say: it is what is left of the whole when the other exports are gone.

import binaryen from 'binaryen';
import { blanked, homesOfConstants, numbersIn, withData } from './data.mjs';

const { ExternalFunction: FUNCTION, ExternalTable: TABLE, ExternalGlobal: GLOBAL, ExternalMemory } = binaryen;
const BASE = 'base';
/** The module that parts import from: the exports of all. */
const SHARED = 'p';

/**
 * Gives `{ base: bytes, [part]: bytes… }` for a whole, which has names.
 *
 * - `partOf(name)`: which part an exported function belongs to, `'base'` or one of the names in `needs`.
 * - `constants`: those of its data, as `constantsOf` gives them.
 * - `needs`: by part, which others its functions may call besides the base: `{ tasks: [], pool: ['tasks'] }`. Those come first.
 */
export function split(bytes, { partOf, needs, constants }) {
  const parts = Object.keys(needs);
  const whole = open(bytes);
  const { exports, functions, globals, tables } = contentsOf(whole);
  const exportsOf = part => exports.filter(({ kind, name }) => kind === FUNCTION && partOf(name) === part);
  for (const { kind, name } of exports) {
    if (kind === FUNCTION && partOf(name) !== BASE && !parts.includes(partOf(name))) throw new Error(`${name} is exported, and is of no part`);
  }
  const names = exportNames(exports);
  const homes = homesOf();

  const wanted = new Set(); // functions that one part has and another imports
  const result = {};
  for (const part of [...parts].reverse()) { // what is needed comes after who needs it
    const module = open(bytes);
    keepExports(module, exportsOf(part));
    for (const name of wanted) if (homes.get(name) === part) exportFunction(module, name);
    importTheRest(module, part);
    module.runPasses(['remove-memory-init', 'remove-unused-module-elements']);
    for (const { name, from } of contentsOf(module).imports) if (from === SHARED) wanted.add(name);
    result[part] = bytesOf(module);
  }
  result[BASE] = base();
  check();
  const numbers = Object.entries(result).map(([part, made]) => [part, numbersIn(made)]);
  const { moved, dead } = homesOfConstants(constants, numbers, home);
  result[BASE] = blanked(result[BASE], [...moved, ...dead]);
  for (const part of parts) result[part] = withData(result[part], bytes, moved.filter(range => range.part === part));
  result[''] = blanked(withoutNames(bytes), dead);
  return result;

  /** By name of a function, the part that has it. */
  function homesOf() {
    const reached = new Map([BASE, ...parts].map(part => [part, reachedBy(part)]));
    const homes = new Map();
    for (const name of functions) {
      const by = [...reached.keys()].filter(part => reached.get(part).has(name));
      homes.set(name, by.length === 0 ? BASE : home(by));
    }
    return homes;
  }

  /** The part that has what these reach. */
  function home(by) {
    const common = neededBy(by[0]).filter(part => by.every(other => neededBy(other).includes(part)));
    return common.reduce((best, part) => (neededBy(part).length > neededBy(best).length ? part : best), BASE);
  }

  /** The part itself, and what its functions may call. */
  function neededBy(part) {
    return part === BASE ? [BASE] : [part, ...needs[part], BASE];
  }

  function reachedBy(part) {
    const module = open(bytes);
    keepExports(module, exportsOf(part));
    if (part === BASE) tables.forEach(name => module.addTableExport(name, `${names(TABLE, name)} `));
    else emptyTables(module);
    module.runPasses(['remove-unused-module-elements']);
    const reached = new Set(contentsOf(module).functions);
    module.dispose();
    return reached;
  }

  function keepExports(module, kept) {
    for (const { name } of exports) if (!kept.some(it => it.name === name)) module.removeExport(name);
  }

  function exportFunction(module, name) {
    if (!exports.some(({ kind, value }) => kind === FUNCTION && value === name)) module.addFunctionExport(name, names(FUNCTION, name));
  }

  function importTheRest(module, part) {
    emptyTables(module);
    for (const name of functions) {
      if (homes.get(name) === part) continue;
      const { params, results } = binaryen.getFunctionInfo(module.getFunction(name));
      module.removeFunction(name);
      module.addFunctionImport(name, SHARED, names(FUNCTION, name), params, results);
    }
    for (const { name, type, mutable } of globals) {
      module.removeGlobal(name);
      module.addGlobalImport(name, SHARED, names(GLOBAL, name), type, mutable);
    }
    for (const name of tables) module.addTableImport(name, SHARED, names(TABLE, name));
    module.addMemoryImport(MEMORY, SHARED, names(ExternalMemory, MEMORY));
  }

  function base() {
    const module = open(bytes);
    for (const { name } of parts.flatMap(exportsOf)) module.removeExport(name);
    for (const name of wanted) if (homes.get(name) === BASE) exportFunction(module, name);
    const isExported = (kind, value) => exports.some(it => it.kind === kind && it.value === value);
    for (const { name } of globals) if (!isExported(GLOBAL, name)) module.addGlobalExport(name, names(GLOBAL, name));
    for (const name of tables) if (!isExported(TABLE, name)) module.addTableExport(name, names(TABLE, name));
    module.runPasses(['remove-unused-module-elements']);
    return bytesOf(module);
  }

  /** Every function is in one part, and whatever a part imports the base or one that it needs has. */
  function check() {
    const contents = new Map(Object.entries(result).map(([part, made]) => [part, contentsOf(open(made))]));
    const count = [...contents.values()].reduce((sum, part) => sum + part.functions.length, 0);
    if (count !== functions.length) throw new Error(`the parts have ${count} functions, the whole ${functions.length}`);
    for (const [part, { imports }] of contents) {
      for (const { from, name, as } of imports) {
        const has = neededBy(part).some(other => other !== part && contents.get(other).exports.some(it => it.name === as));
        if (from === SHARED && !has) throw new Error(`${part} needs ${name}, which is in ${homes.get(name)}: declare that it needs that part, or have core divide them`);
      }
    }
  }
}

/** The memory's name inside. There is one. */
const MEMORY = '0';

function open(bytes) {
  const module = binaryen.readBinary(bytes);
  const { MutableGlobals, NontrappingFPToInt, BulkMemory, BulkMemoryOpt, SignExt, ReferenceTypes, Multivalue } = binaryen.Features;
  module.setFeatures(MutableGlobals | NontrappingFPToInt | BulkMemory | BulkMemoryOpt | SignExt | ReferenceTypes | Multivalue);
  return module;
}

function bytesOf(module) {
  if (!module.validate()) throw new Error('a part is not valid');
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

function emptyTables(module) {
  const segments = Array.from({ length: module.getNumElementSegments() }, (_, i) => binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(i)).name);
  for (const name of segments) module.removeElementSegment(name);
}

/** What a module has, each by the name that it has inside. */
function contentsOf(module) {
  const list = (count, at) => Array.from({ length: count }, (_, i) => at(i));
  const all = list(module.getNumFunctions(), i => binaryen.getFunctionInfo(module.getFunctionByIndex(i)));
  return {
    exports: list(module.getNumExports(), i => binaryen.getExportInfo(module.getExportByIndex(i))),
    functions: all.filter(it => !it.module).map(it => it.name),
    imports: all.filter(it => it.module).map(it => ({ name: it.name, from: it.module, as: it.base })),
    globals: list(module.getNumGlobals(), i => binaryen.getGlobalInfo(module.getGlobalByIndex(i))),
    tables: list(module.getNumTables(), i => binaryen.getTableInfo(module.getTableByIndex(i)).name),
  };
}

/** Gives the name of an export by its kind and the name that it has inside, also of what is not exported yet. */
function exportNames(exports) {
  const known = new Map(exports.map(({ kind, value, name }) => [`${kind} ${value}`, name]));
  const taken = new Set(known.values());
  let count = 0;
  return (kind, inside) => {
    const key = `${kind} ${inside}`;
    if (!known.has(key)) {
      let name;
      do name = `_${(count++).toString(36)}`; while (taken.has(name));
      known.set(key, name);
    }
    return known.get(key);
  };
}

const withoutNames = bytes => bytesOf(open(bytes));
