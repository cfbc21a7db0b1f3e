// What few callers need is loaded when the first of them asks for it, and so is no part of what other apps download.
//
// A module that is loaded so should import nothing that its callers have too, but be handed it: what both import, bundlers put into files of its own, each
// compressed by itself, for all apps that could ask.

import { awaitInInit, underWay } from './engine.js';
import { TaskloomError } from './errors.js';
import { begin } from './init.js';

/** A module that is loaded on demand. If it has a part of the wasm, its `isUsable()` says whether that is there. */
export class Late<Module extends object> {
  /** Once it is loaded. */
  module: Module | undefined = undefined;
  /** Why it could not be, the last time. */
  error: TaskloomError | undefined = undefined;
  readonly _load: () => Promise<Module>;
  _loading: Promise<Module> | undefined = undefined;

  constructor(load: () => Promise<Module>) {
    this._load = load;
  }

  /** Whether it is loaded, and its part of the wasm too. */
  get isUsable(): boolean {
    return this.module !== undefined && ((this.module as { isUsable?(): boolean }).isUsable?.() ?? true);
  }

  /** Has it loaded; `init()` waits for it. What has failed is tried again the next time. */
  begin(): Promise<Module> {
    if (this._loading !== undefined) return this._loading;
    const loading = this._loading = this._load().then(module => (this.module = module), cause => {
      this._loading = undefined;
      throw (this.error = new TaskloomError('load-failed',
        `a file of taskloom could not be loaded: ${cause?.message ?? cause}; it has to be served beside the others of its build`, { cause }));
    });
    loading.catch(() => {}); // whoever waits is told
    awaitInInit(loading);
    return loading;
  }

  /** Resolves when it can be used: a part of the wasm that came too late for `init()` is fetched now. */
  async whenUsable(): Promise<void> {
    await this.begin();
    await underWay()?.catch(() => {}); // who has called it is told
    if (!this.isUsable) await begin();
  }
}
