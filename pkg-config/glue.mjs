// What wasm-bindgen writes, made to what the package needs: one way to make instances, also of parts, and a guard around each call.

/** What the glue does that nobody here asks for. */
const EDITS = [
  // Memory to write a string to can always be had again in another size, and browsers that know es2022 have encodeInto().
  [/^ *if \(realloc === undefined\) {.*?^ {4}}\n/gms, ''],
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) {.*?^}\n/gms, ''],
  // Importing the package must touch no global: both are made when the instance is.
  [/^let cachedTextDecoder = .*\n.*decode\(\);\n/gm, "import { newTextDecoder, newTextEncoder } from '#host';\nlet cachedTextDecoder;\n"],
  [/new TextDecoder\('utf-8', .*?\);\n.*decode\(\);\n/g, 'newTextDecoder();\n'],
  [/^const cachedTextEncoder = .*\n/gm, 'let cachedTextEncoder;\n'],
  // Zones are the schedule's, which brings them along when it is imported.
  [/(?<=^import { zoneOffset } from ').*(?=';)/gm, '#zones'],
];

/** The end of the glue: from here on it makes instances in ways of its own. */
const INSTANCES = /^let wasmModule, wasmInstance, wasm;\n.*/ms;

/** Edits the glue. Throws if there is something that it does no longer know. */
export function edited(text) {
  for (const [what, instead] of EDITS) {
    if (text.search(what) < 0) throw new Error(`the glue has no ${what}: see what has come in its place`);
    text = text.replaceAll(what, instead);
  }
  if (!INSTANCES.test(text)) throw new Error('the glue makes no instances: see what has come in their place');
  return guarded(text.replace(INSTANCES, () => instances(text)));
}

/**
 * The exports of all parts are in one object, from which each takes what it calls of others. It is the prototype of another, which is what V8 makes
 * fast: a plain object with so many properties is a dictionary.
 */
function instances(text) {
  const caches = [...text.matchAll(/^let (cached\w+Memory0) = null;$/gm)].map(([, name]) => name);
  return `let wasm, linked, exported;
/** Makes instances of compiled parts that are not there yet; \`afresh\` all anew, and the base is among them. */
export function instantiate(modules, afresh) {
    cachedTextDecoder ??= newTextDecoder();
    cachedTextEncoder ??= newTextEncoder();
    const known = afresh ? new Set() : linked;
    const all = afresh ? {} : exported;
    for (const module of new Set(modules)) {
        if (known.has(module)) continue;
        Object.assign(all, new WebAssembly.Instance(module, { ...__wbg_get_imports(), p: all }).exports);
        known.add(module);
    }
    linked = known;
    exported = all;
    wasm = Object.create(all);
    if (!afresh) return;
    ${caches.map(name => `${name} = `).join('')}null;
    numBytesDecoded = 0;
    wasm.__wbindgen_start();
}
`;
}

const CALLS = /^(export function (?!takeRoom|isSound|instantiate)(\w+)\(.*\) {\n)((?: .*\n|\n)*?)(?=^}\n)/gm;

/**
 * Guards every call into wasm: what it throws is `thrown` by src/js/base/errors.js, which tells an error of core's from an instance that has stopped.
 * `interrupted` is set by what calls nothing, since there may be no stack left; `isSound` is what is asked then, and `takeRoom` is no call of core's.
 */
function guarded(text) {
  const errors = /(?<=^import { .*)(?= } from '.*\/errors\.js')/m;
  if (!errors.test(text) || text.search(CALLS) < 0) throw new Error('the glue has no calls to guard: see what has come in their place');
  return text
    .replace(errors, ', thrown')
    .replace(CALLS, (_, head, __, body) => `${head}    try {\n${body}    } catch (error) {\n        interrupted = true;\n        throw thrown(error);\n    }\n`)
    + '\nexport let interrupted = false;\nexport const goOn = () => { interrupted = false; };\n';
}

/** By each exported function of the glue, the exports of the wasm that it is for: those that no other function of the glue asks for as well are its own. */
export function exportsByFunction(text) {
  const functions = [...text.matchAll(/^(export )?function (\w+)\(.*\) {\n((?: .*\n|\n)*?)^}\n/gm)];
  return new Map(functions.filter(([, isExported]) => isExported).map(([, , name, body]) => [name, [...body.matchAll(/\bwasm\.(\w+)/g)].map(([, it]) => it)]));
}

/**
 * Has the glue call what it imports and exports by the short names: an import is `[module, name, short]`, an export `[name, short]`.
 * In quotes, since some look like the fields that `mangleProps` is for.
 */
export function shortened(text, { imports, exports }) {
  const short = new Map(exports);
  const shortOf = name => {
    if (!short.has(name)) throw new Error(`the wasm does not export ${name}`);
    return short.get(name);
  };
  text = text.replaceAll(/\bwasm\.(\w+)/g, (_, name) => `wasm['${shortOf(name)}']`);
  for (const [module, name, shortName] of imports) {
    text = text.replace(`"${module}": `, 'a: ').replace(`${name}: function`, `'${shortName}': function`);
  }
  return text;
}
