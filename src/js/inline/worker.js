// What a worker of an inline pool runs: functions that come as their source text, after their arguments.

import { NonRetryableError, TaskloomError, expose, job } from '../worker/index.js';

/** Compiled functions by their source. */
const functions = new Map();

function compile(text) {
  if (!functions.has(text)) functions.set(text, load(text));
  return functions.get(text);
}

/**
 * The function of a source text. A method is written without the word `function`, under any name: the text alone does not tell it from
 * an expression, the parser does. In parentheses neither is ever valid as the other with another meaning.
 */
async function load(text) {
  try {
    return await evaluate(`(${text})`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    try {
      const holder = await evaluate(`{${text}}`);
      const { value, get, set } = Object.getOwnPropertyDescriptor(holder, Reflect.ownKeys(holder)[0]);
      return value ?? get ?? set;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw final('invalid-argument', `the function's source text does not compile by itself: ${error.message}, or as a method: ${cause.message}; ` +
        'it can use neither super nor private names, nor what only sloppy mode has', error);
    }
  }
}

/** As a module of its own: no eval, and the same rules as for any code of the page. */
async function evaluate(expression) {
  try {
    return self.origin === 'null' ? runText(expression) : await importText(`export default ${expression}`);
  } catch (error) {
    // A blocked import is a TypeError that does not say so.
    if (error instanceof TypeError && await isBlocked()) {
      throw final('worker-load-failed', 'the function could not be loaded in the worker: the Content-Security-Policy forbids it: script-src does not ' +
        'allow blob:; use a WorkerPool with a file of its own', error);
    }
    throw error;
  }
}

/** In a classic worker, which can't import what it has made itself. */
function runText(expression) {
  const url = urlOf(`'use strict';self.taskloomFunction=${expression}`);
  try {
    importScripts(url);
    return self.taskloomFunction;
  } finally {
    delete self.taskloomFunction;
    URL.revokeObjectURL(url);
  }
}

const urlOf = text => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));

const isBlocked = () => importText('').then(() => false, () => true);

async function importText(text) {
  const url = urlOf(text);
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Another attempt would fare no better. */
const final = (code, message, cause) => new NonRetryableError(new TaskloomError(code, message, { cause }));

expose({
  run: async (...args) => (await compile(args.pop()))(...args),
  runWithContext: job(async (context, ...args) => (await compile(args.pop()))(context, ...args)),
});
