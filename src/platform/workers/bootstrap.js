// A worker that runs the jobs of a Rust crate: it gets the compiled module from the page, imports the crate's glue, and makes an instance of the
// module in which the app does not start.

import { TaskloomError } from '../../js/base/errors.js';
import { serve } from '../../js/worker/serve.js';
import { isAnswer, onPanic } from './job.js';

addEventListener('message', event => start(event.data).catch(reportError), { once: true });

async function start({ module, glue: url, jobs }) {
  const glue = await import(url);
  withoutStart(() => glue.initSync({ module }));
  const instance = new Jobs(glue);
  const names = glue.__taskloomJobs(jobs);
  const functions = Object.fromEntries(names.map((name, index) => [name, (context, args) => instance.run(index, context, args)]));
  instance.runner = serve(functions, names, () => true);
}

/**
 * The glue makes an instance, then calls its export `__wbindgen_start`: that fills the table of references, then runs what the app has marked with
 * `#[wasm_bindgen(start)]`, or its `main`. Only the first is wanted here, and it is an import of the module.
 */
function withoutStart(initialize) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    const initializers = Object.values(imports).map(functions => functions.__wbindgen_init_externref_table).filter(Boolean);
    return { exports: { ...exports, __wbindgen_start: () => initializers.forEach(initialize => initialize()) } };
  };
  try {
    initialize();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

/** The instance's jobs. A panic or a trap ends the instance, and so the worker: the call that runs fails, the others are given back. */
class Jobs {
  constructor(glue) {
    this.glue = glue;
    this.runner = undefined;
    this.isEntered = false; // a job is on the stack
    this.reject = undefined; // of the last job that has awaited something
    this.pending = Promise.resolve(); // the same
    this.dead = undefined; // the error that has ended the instance
    onPanic(message => this.die(message));
    addEventListener('error', ({ error }) => isTrap(error) && this.die(error));
  }

  run(index, context, args) {
    let value;
    this.isEntered = true;
    try {
      value = this.glue.__taskloomRun(index, args, context);
    } catch (error) {
      if (!this.dead && isAnswer(error)) throw error;
      this.dead ??= panic(error);
      return this.endBy(Promise.resolve().then(() => {
        this.runner.giveBack(() => true);
        throw this.dead;
      }));
    } finally {
      this.isEntered = false;
    }
    return value instanceof Promise ? this.wait(context, value) : value;
  }

  /** A job that awaits something: it is dropped where it awaits when it is cancelled. */
  wait({ signal }, value) {
    this.pending = new Promise((resolve, reject) => {
      this.reject = reject;
      value.then(resolve, reject);
      signal.addEventListener('abort', () => {
        if (!this.dead) this.glue.__taskloomAbort();
        reject(signal.reason);
      }, { once: true });
    });
    return this.pending;
  }

  die(reason) {
    if (this.dead) return;
    this.dead = panic(reason);
    if (this.isEntered) return; // the call will see it
    this.runner.giveBack(() => true);
    this.reject?.(this.dead);
    this.endBy(this.pending);
  }

  /** Closes the worker once the runner, which awaits this too, has sent the answer. */
  endBy(answer) {
    answer.catch(() => {}).then(() => self.close());
    return answer;
  }
}

const panic = reason => new TaskloomError('panic', String(reason));
const isTrap = error => error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === 'InternalError';
