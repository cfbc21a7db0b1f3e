// `init()`: from what it is given, or from where the parts are, to an engine that is ready.

import { basePart } from '#parts/base';
import { checkNames } from './development.js';
import { initialize, initializeSync } from './engine.js';
import { TaskloomError } from './errors.js';
import { assertWhole, isPart, load, type ModuleSource } from './load.js';
import { checkBoolean } from './options.js';
import { type Part, parts } from './parts.js';
import { setTracing } from './tracing.js';
import { isRecord } from './values.js';

interface InitOptions {
  module?: ModuleSource;
  restart?: boolean;
  trace?: boolean;
}

const NONE = /* @__PURE__ */ Object.create(null) as InitOptions;

const isOptions = (value: unknown): value is InitOptions => typeof value === 'object' && value !== null && isRecord(value);

/** The whole wasm, if it is what was given: it has the parts that are imported later too. */
let whole: Promise<WebAssembly.Module> | undefined;
/** Whether the base has begun by itself instead: what is imported later comes so too, since nothing may be there twice. */
const isDivided = (): boolean => basePart._isReady && isPart(basePart._module!);

/** `init(module)`, or `init({ module, restart, trace })`. */
export const init = (input?: InitOptions | ModuleSource): Promise<void> => begin(input, true);

/** What a call begins by itself that came before `init()`: `asked` is false. */
export function begin(input?: InitOptions | ModuleSource, asked = false): Promise<void> {
  const options = isOptions(input) ? input : undefined; // not an object of ours: its prototype may be polluted
  if (DEV && options) checkNames('init()', options);
  const { restart = false, trace } = options ?? NONE;
  const module = (options ? options.module : input as ModuleSource | undefined) ?? undefined;
  try {
    checkBoolean('restart', restart);
    checkBoolean('trace', trace ?? false);
  } catch (error) {
    return Promise.reject(error as Error);
  }
  if (trace !== undefined) setTracing(trace);
  let given: Promise<WebAssembly.Module> | undefined;
  return initialize(wanted => {
    if (isDivided() || (module === undefined && !whole)) return wanted.map(loadPart);
    if (wanted.length > 0 && !given) {
      given = module === undefined ? whole! : load(module, ''); // once: a Response can be read once, and there may be late parts
      const before = whole;
      whole = given; // at once: what is imported meanwhile has to wait for it, and not come as a part
      given.catch(() => {
        if (whole === given) whole = before;
      });
    }
    return wanted.map(() => given!);
  }, { restart, asked, given: module !== undefined });
}

async function loadPart({ _name: name, _url: url }: Part): Promise<WebAssembly.Module> {
  if (url) return load(url(), name);
  throw new TaskloomError('invalid-argument',
    "init() of 'taskloom/slim' needs the wasm module: await init(new URL('…/taskloom_bg.wasm', import.meta.url))");
}

/** The same at once, for the whole wasm: a compiled module, or its bytes. */
export function initSync(input: WebAssembly.Module | BufferSource | { module: WebAssembly.Module | BufferSource }): void {
  const { module } = isOptions(input) ? input : { module: input };
  if (isDivided()) {
    if (parts.every(part => part._isReady)) return;
    throw new TaskloomError('invalid-argument', 'initSync() came after init(), which has begun with parts of the wasm; await init() again');
  }
  const made = assertWhole(module);
  initializeSync(made);
  whole = Promise.resolve(made);
}
