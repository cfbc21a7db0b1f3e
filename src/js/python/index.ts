// The side of the Python package (python/taskloom) that calls the library. It is one script text, which Pyodide runs by `run_js`.
//
// Only numbers, strings and booleans cross, since anything else costs a proxy: functions, values and exceptions stay in Python, under the number
// of their task. Whatever happens to a task is told by one function of Python's, `dispatch(kind, number, detail)`.

import * as constants from '#constants';
import { isError, show } from '../base/errors.js';
import { initSync } from '../base/init.js';
import { TaskManager, defaultManager } from '../tasks/manager.js';
import { RetryPolicy } from '../tasks/retry.js';

/** What `dispatch` is told; `_js.py` has the same numbers. */
const START = 0; // detail: the number of the attempt
const DONE = 1;
const FAILED = 2; // with the exception that Python has under the number
const CANCELLED = 3;
const REFUSED = 4; // with an error of the library's own; detail: its code or name, a line break, its message
const JUDGE = 5; // asks whether an attempt that has failed is made again

type Dispatch = (kind: number, number: number, detail: number | string) => unknown;

/** What a task of Python's fails with. A rejection has to be an Error: with anything else Pyodide leaves whoever awaits it hanging. */
class PythonError extends Error {
  readonly number: number;
  constructor(number: number) {
    super('a Python exception');
    this.number = number;
  }
}

/** A function that goes on in Python. */
interface Work {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Task {
  readonly promise: Promise<unknown>;
  cancel(): boolean;
}

interface Manager {
  submit(fn: (context: { attempt: number }) => Promise<void>, options: object): Task;
  cleanup(): number;
  _keptCount(): number;
  cancelAll(): number;
  cancelWaiting(): number;
  pause(): void;
  resume(): void;
  readonly waiting: number;
  readonly running: number;
  concurrency: number;
  dispose(): void;
}

interface Policy {
  delayForAttempt(index: number): number;
}

/** Objects that Python knows by a number. */
class Numbered<T> {
  private readonly _all = new Map<number, T>();
  private _last: number;

  constructor(first: T | undefined) {
    this._last = 0;
    if (first !== undefined) this._all.set(0, first);
  }

  add(object: T): number {
    this._all.set(++this._last, object);
    return this._last;
  }

  get(number: number): T {
    return this._all.get(number)!;
  }

  drop(number: number): void {
    this._all.delete(number);
  }
}

/** Options as Python writes them: JSON, or an empty text for none. */
const optionsIn = (text: string): Record<string, unknown> => (text === '' ? {} : JSON.parse(text));

/** Starts the library from the bytes of its wasm, and returns what Python calls. */
export function open(wasm: Uint8Array<ArrayBuffer>, dispatch: Dispatch): Record<string, unknown> {
  initSync(wasm);
  const managers = new Numbered<Manager>(defaultManager as unknown as Manager);
  const policies = new Numbered<Policy>(undefined);
  const tasks = new Map<number, Task>(); // those that are not over
  const working = new Map<number, Work>();

  const start = (number: number) => ({ attempt }: { attempt: number }) => new Promise<void>((resolve, reject) => {
    working.set(number, { resolve, reject });
    dispatch(START, number, attempt);
  });

  const settled = (number: number, error: unknown): void => {
    tasks.delete(number);
    if (error instanceof PythonError) return void dispatch(FAILED, number, 0);
    const { name, code = name, message } = error as { name?: string; code?: unknown; message: string };
    if (name === 'AbortError') return void dispatch(CANCELLED, number, 0);
    dispatch(REFUSED, number, `${typeof code === 'string' ? code : name}\n${message}`); // the code of a DOMException is a number
  };

  /** Takes out the work of a task; undefined if it was not begun. */
  const ended = (number: number): Work | undefined => {
    const work = working.get(number);
    working.delete(number);
    return work;
  };

  return {
    progressCapacity: constants.PROGRESS_CAPACITY,

    submit(number: number, manager: number, policy: number, text: string): void {
      const options = optionsIn(text);
      if (policy > 0) options.retry = policies.get(policy);
      const task = managers.get(manager).submit(start(number), options);
      tasks.set(number, task);
      task.promise.then(() => {
        tasks.delete(number);
        dispatch(DONE, number, 0);
      }, error => settled(number, error));
    },
    /** False if it was over. Of a cancel that is done here Python hears by the answer, and once more by `dispatch`. */
    cancel: (number: number): boolean => tasks.get(number)?.cancel() ?? false,
    finish: (number: number): void => ended(number)?.resolve(),
    fail: (number: number): void => ended(number)?.reject(new PythonError(number)),

    manager: (text: string): number => managers.add(new TaskManager(optionsIn(text)) as unknown as Manager),
    dropManager: (number: number): void => managers.drop(number),
    /** Forgets finished tasks beyond the bound; returns how many are kept. */
    keep(number: number): number {
      const manager = managers.get(number);
      manager.cleanup();
      return manager._keptCount();
    },
    cancelAll: (number: number): number => managers.get(number).cancelAll(),
    cancelWaiting: (number: number): number => managers.get(number).cancelWaiting(),
    pause: (number: number): void => managers.get(number).pause(),
    resume: (number: number): void => managers.get(number).resume(),
    waiting: (number: number): number => managers.get(number).waiting,
    running: (number: number): number => managers.get(number).running,
    setConcurrency: (number: number, to: number): void => { managers.get(number).concurrency = to; },
    dispose: (number: number): void => managers.get(number).dispose(),

    policy: (text: string): number => policies.add(new RetryPolicy({
      ...optionsIn(text),
      retryIf: (error: unknown, { attempt }: { attempt: number }) => error instanceof PythonError && dispatch(JUDGE, error.number, attempt) === true,
    })),
    dropPolicy: (number: number): void => policies.drop(number),
    delay: (number: number, index: number): number => policies.get(number).delayForAttempt(index),

    /** A promise that rejects with an Error whatever it is given rejects with. */
    sound: (promise: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(promise).catch(error => {
      throw isError(error) ? error : Object.assign(new Error(`a promise was rejected with ${show(error)}`), { cause: error });
    }),
  };
}
