// Pools that run functions of the page in workers, from their source text.

import { checkNames } from '../base/development.js';
import source from '#inline-worker';

/** Makes what makes such pools. It is given the classes: of the package's modules, or of its one file. */
export function inlinePools(WorkerPool, TaskloomError) {
  class InlineWorkerPool extends WorkerPool {
    static name = 'InlineWorkerPool'; // whatever minifying calls it
    #url; // of the workers' file, from the first worker until the pool's end: another may be needed at any time

    constructor(options) {
      const name = options?.name ?? '';
      // A frame without an origin may make no module of its own: a sandboxed one, say.
      const type = globalThis.origin === 'null' ? 'classic' : 'module';
      super(() => new Worker(this.#url ??= urlOf(source), { type, name }), options);
    }

    run(fn, args = [], options = {}) {
      const text = sourceOf(fn);
      // What is wrong with these is WorkerPool's to say.
      if (!Array.isArray(args) || typeof options !== 'object' || options === null || Array.isArray(options)) return super.run('run', args, options);
      if (DEV) checkNames('run() of an inline pool', options);
      const { context = false } = options;
      if (typeof context !== 'boolean') throw new TaskloomError('invalid-argument', `context is of type ${typeof context}; it must be true or false`);
      // The text comes last: the arguments stay what and where they are, for transfer() and in messages.
      return super.run(context ? 'runWithContext' : 'run', [...args, text], { ...options, name: options.name ?? fn.name });
    }

    get api() {
      throw new TaskloomError('invalid-argument', 'an inline pool has no jobs of its own; call run() with a function');
    }

    dispose() {
      super.dispose();
      if (this.#url) URL.revokeObjectURL(this.#url);
    }
  }

  return options => new InlineWorkerPool(options);

  function sourceOf(fn) {
    if (typeof fn !== 'function') throw new TaskloomError('invalid-argument', `the function is ${fn === null ? 'null' : typeof fn}; it must be a function`);
    const text = Function.prototype.toString.call(fn);
    if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
      throw new TaskloomError('invalid-argument', `the function ${fn.name} has no source text: it is bound or the browser's own; wrap it in an arrow function`);
    }
    return text;
  }
}

const urlOf = text => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
