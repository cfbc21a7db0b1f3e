// From what `init()` was given to a compiled module that fits.

import * as constants from '#constants';
import { TaskloomError, invalid } from './errors.js';
import { nodeModule } from './host.js';

type Loadable = WebAssembly.Module | BufferSource | Response | Request | URL | string;
/** A module, a URL, a Request, a Response, bytes, or a promise of one of these; also of another realm, as in a test environment. */
export type ModuleSource = Loadable | Promise<Loadable>;

const LESS_THAN = 0x3c; // what HTML begins with
const HTML = "HTML came instead; in Vite's dev server set optimizeDeps: { exclude: ['taskloom'] }";

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** The error for whatever went wrong; where a bundle is no ES module, that is its URL. */
export const loadFailed = (error: unknown, url = ''): TaskloomError => error instanceof TaskloomError ? error
  : new TaskloomError('load-failed', `the WebAssembly module ${url && `${url} `}could not be loaded: ${(error as Error | undefined)?.message ?? error}; it has to be there, whole, and the ` +
    "CSP has to allow 'wasm-unsafe-eval'; a bundle that is no ES module has to call init() with the URL of taskloom_bg.wasm", { cause: error });

/** `name` is the part's; '' for the whole. */
export async function load(source: ModuleSource, name: string): Promise<WebAssembly.Module> {
  let url: string | undefined;
  let loaded: unknown;
  try {
    loaded = await source;
    if (typeof loaded === 'string' || typeof (loaded as URL | undefined)?.href === 'string' || tagOf(loaded) === 'Request') {
      url = (loaded as URL).href ?? (loaded as Request).url ?? loaded;
      loaded = await read(loaded as string, url!);
    }
    if (isResponse(loaded)) {
      url = loaded.url || url;
      loaded = await compileAnswer(loaded);
    }
    if (isBytes(loaded)) {
      if (firstByte(loaded) === LESS_THAN) throw new Error(HTML);
      loaded = await WebAssembly.compile(loaded);
    }
    if (!isModule(loaded)) throw invalid('the wasm module', loaded, 'a WebAssembly.Module, a URL, a Response or the bytes');
  } catch (error) {
    throw loadFailed(error, url);
  }
  return assertFits(loaded, name, url);
}

/** The whole wasm as a module: what it is, or what it is compiled to while the caller waits. */
export function assertWhole(source: unknown): WebAssembly.Module {
  let module = source;
  try {
    if (isBytes(module)) module = new WebAssembly.Module(module);
  } catch (error) {
    throw loadFailed(error);
  }
  if (!isModule(module)) throw invalid('the wasm module', module, 'a WebAssembly.Module or the bytes');
  return assertFits(module, '');
}

/** What a module says of itself: which build it is of, and of which part. */
const sectionOf = (module: WebAssembly.Module): ArrayBuffer | undefined => WebAssembly.Module.customSections(module, 'taskloom')[0];
const nameIn = (section: ArrayBuffer): string => String.fromCharCode(...new Uint8Array(section, 4));

/** Whether it is a part, and not the whole. */
export const isPart = (module: WebAssembly.Module): boolean => nameIn(sectionOf(module)!) !== '';

/** Another build's wasm may have every name that is asked for, and mean something else by each. */
function assertFits(module: WebAssembly.Module, name: string, url = ''): WebAssembly.Module {
  const section = sectionOf(module);
  if (!section || new DataView(section).getUint32(0) !== constants.BUILD) {
    throw new TaskloomError('build-mismatch', `the WebAssembly module ${url} is of another build than its JavaScript: one of the two is a stale copy`);
  }
  const is = nameIn(section);
  if (is === name) return module;
  const called = (part: string): string => (part ? `taskloom_${part}.wasm, a part` : 'taskloom_bg.wasm, the whole');
  throw new TaskloomError('load-failed', `the WebAssembly module ${url} is ${called(is)}; it must be ${called(name)}`);
}

const isResponse = (value: unknown): value is Response => typeof (value as Response | undefined)?.arrayBuffer === 'function';
const isBytes = (value: unknown): value is BufferSource => ArrayBuffer.isView(value) || /ArrayBuffer$/.test(tagOf(value));
const isModule = (value: unknown): value is WebAssembly.Module => tagOf(value) === 'WebAssembly.Module';

const firstByte = (bytes: BufferSource): number | undefined =>
  new Uint8Array((bytes as ArrayBufferView<ArrayBuffer>).buffer ?? bytes, (bytes as ArrayBufferView).byteOffset ?? 0)[0];

/** Node's `fetch` reads no files. */
function read(source: string, url: string): Promise<Response | BufferSource> {
  const fs = /^file:/.test(url) && nodeModule('node:fs');
  return fs ? fs.promises.readFile(nodeModule('node:url')!.fileURLToPath(url)) : fetch(source);
}

/** A module, or bytes. */
function compileAnswer(response: Response): Promise<WebAssembly.Module | ArrayBuffer> | Promise<never> {
  if (response.ok === false) throw new Error(`the server answered ${response.status}`);
  const type = response.headers?.get('Content-Type') ?? '';
  if (/html/i.test(type)) throw new Error(HTML);
  // Streaming wants the MIME type, without parameters, and a Response of the platform's own; without them only the head start is lost.
  return type.toLowerCase() === 'application/wasm' && tagOf(response) === 'Response' ? WebAssembly.compileStreaming(response) : response.arrayBuffer();
}
