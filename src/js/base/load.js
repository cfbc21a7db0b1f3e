// From what `init()` was given to a compiled module that fits.

import * as constants from '#constants';
import { TaskloomError, invalid } from './errors.js';
import { nodeModule } from './host.js';

const LESS_THAN = 0x3c; // what HTML begins with
const HTML = "HTML came instead; in Vite's dev server set optimizeDeps: { exclude: ['taskloom'] }";

const tagOf = value => Object.prototype.toString.call(value).slice(8, -1);

/** The error for whatever went wrong; where a bundle is no ES module, that is its URL. */
export const loadFailed = (error, url = '') => error instanceof TaskloomError ? error
  : new TaskloomError('load-failed', `the WebAssembly module ${url} could not be loaded: ${error?.message ?? error}; taskloom_bg.wasm has to be there, whole, and the ` +
    "CSP has to allow 'wasm-unsafe-eval'; a bundle that is no ES module has to call init() with its URL", { cause: error });

/** A module, a URL, a Request, a Response, bytes, or a promise of one of these; also of another realm, as in a test environment. */
export async function load(source) {
  let url;
  try {
    source = await source;
    if (typeof source === 'string' || typeof source?.href === 'string' || tagOf(source) === 'Request') {
      url = source.href ?? source.url ?? source;
      source = await read(source, url);
    }
    if (typeof source?.arrayBuffer === 'function') {
      url = source.url || url;
      source = await compileAnswer(source);
    }
    if (ArrayBuffer.isView(source) || /ArrayBuffer$/.test(tagOf(source))) {
      if (new Uint8Array(source.buffer ?? source, source.byteOffset ?? 0)[0] === LESS_THAN) throw new Error(HTML);
      source = await WebAssembly.compile(source);
    }
    if (tagOf(source) !== 'WebAssembly.Module') throw invalid('the wasm module', source, 'a WebAssembly.Module, a URL, a Response or the bytes');
  } catch (error) {
    throw loadFailed(error, url);
  }
  // Another build's wasm may have every name that is asked for, and mean something else by each.
  const [build] = WebAssembly.Module.customSections(source, 'taskloom');
  if (build && new DataView(build).getUint32(0) === constants.BUILD) return source;
  throw new TaskloomError('build-mismatch', `the WebAssembly module ${url ?? ''} is of another build than its JavaScript: one of the two is a stale copy`);
}

/** Node's `fetch` reads no files. */
function read(source, url) {
  const fs = /^file:/.test(url) && nodeModule('node:fs');
  return fs ? fs.promises.readFile(nodeModule('node:url').fileURLToPath(url)) : fetch(source);
}

/** A module, or bytes. */
function compileAnswer(response) {
  if (response.ok === false) throw new Error(`the server answered ${response.status}`);
  const type = response.headers?.get('Content-Type') ?? '';
  if (/html/i.test(type)) throw new Error(HTML);
  // Streaming wants the MIME type, and a Response of the platform's own; without them only the head start is lost.
  return type.startsWith('application/wasm') && tagOf(response) === 'Response' ? WebAssembly.compileStreaming(response) : response.arrayBuffer();
}
