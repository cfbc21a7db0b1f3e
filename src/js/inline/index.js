// A pool that runs functions of the page in workers, from their source text: `taskloom/inline`.

import source from '#inline-worker';
import { TaskloomError, WorkerPool } from './slim.js';

class InlineWorkerPool extends WorkerPool {
  run(fn, args = [], options) {
    const { context = false, ...rest } = options ?? {};
    return super.run(context ? 'runWithContext' : 'run', [sourceOf(fn), args], { name: fn.name, ...rest });
  }

  get api() {
    throw new TaskloomError('invalid-argument', 'an inline pool has no jobs of its own; call run() with a function');
  }
}

export function inlineWorkerPool(options) {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  return new InlineWorkerPool(() => new Worker(url, { type: 'module', name: options?.name ?? '' }), options);
}

/** The text of a function as an expression. */
function sourceOf(fn) {
  if (typeof fn !== 'function') throw new TaskloomError('invalid-argument', `the function is ${fn === null ? 'null' : typeof fn}; it must be a function`);
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    throw new TaskloomError('invalid-argument', `the function ${fn.name} has no source text: it is bound or the browser's own; wrap it in an arrow function`);
  }
  // A method is written without the word `function`: it is one only inside an object.
  const isMethod = !/^(async\b\s*)?(function\b|class\b|\(|[\w$]+\s*=>)/.test(text);
  return isMethod ? `Object.values({ ${text.replace(/^static\s+/, '')} })[0]` : text;
}
