// What the wasm is made of. A capability has a part of its own (pkg-config/split.mjs), and names it as it is imported, so that `init()` fetches
// what an app uses and no more. In the one file of `taskloom/slim` all of them are one.

/** A part of the wasm. */
export class Part {
  /** Whether its functions can be called now. */
  _isReady = false;
  /** Resolves when `_module` is there; none if nobody has asked for it, or it could not be had, */
  _loading: Promise<void> | undefined = undefined;
  /** and why not. */
  _error: unknown = undefined;
  /** What `init()` has compiled of it. */
  _module: WebAssembly.Module | undefined = undefined;
  _beginListeners: (() => void)[] = [];

  readonly _name: string;
  /** Where it is, if the entry knows. */
  readonly _url: (() => URL) | undefined;
  /** Those whose functions it calls. Kept, or a minifier would leave out what nobody looks at, and them with it. */
  readonly _needs: readonly Part[];

  constructor(name: string, url: (() => URL) | undefined, needs: readonly Part[]) {
    this._name = name;
    this._url = url;
    this._needs = needs;
  }

  /** Calls back whenever it begins, afresh each time: by `init()`, and by `init({ restart: true })`. */
  _onBegin(listener: () => void): void {
    this._beginListeners.push(listener);
  }
}

/** Those of all modules that have been imported, each after those that it needs. */
export const parts: Part[] = [];

/** Names a part, which fetches nothing. `needs` are there to be named before it: those whose functions it calls. */
export function part(name: string, url?: () => URL, ...needs: readonly Part[]): Part {
  const made = new Part(name, url, needs);
  parts.push(made);
  return made;
}
