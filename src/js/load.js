// From what `init()` was given to a compiled module.

import { invalid } from './errors.js';
import { nodeModule } from './host.js';

const tagOf = value => Object.prototype.toString.call(value).slice(8, -1);

/** A module, a URL, a Request, a Response, bytes, or a promise of one of these; also of another realm, as in a test environment. */
export async function compile(source) {
  source = await source;
  if (tagOf(source) === 'WebAssembly.Module') return source;
  if (typeof source === 'string' || typeof source?.href === 'string' || tagOf(source) === 'Request') source = await read(source);
  if (typeof source?.arrayBuffer === 'function') {
    if (source.ok === false) throw new Error(`${source.url} answered ${source.status}`);
    // Streaming wants the MIME type; a server that has it wrong only costs the head start.
    if (source.headers?.get('Content-Type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(source);
    source = await source.arrayBuffer();
  }
  if (ArrayBuffer.isView(source) || /^(Shared)?ArrayBuffer$/.test(tagOf(source))) return WebAssembly.compile(source);
  throw invalid('the wasm module', source, 'a WebAssembly.Module, a URL, a Response or the bytes');
}

/** Node's `fetch` reads no files. */
function read(source) {
  const url = source.href ?? source;
  const fs = /^file:/.test(url) && nodeModule('node:fs');
  return fs ? fs.promises.readFile(nodeModule('node:url').fileURLToPath(url)) : fetch(source);
}
