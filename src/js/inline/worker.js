// What a worker of an inline pool runs: functions that come as their source text.

import { expose, job } from '../worker/index.js';

/** Compiled functions by their source. */
const functions = new Map();

function compile(source) {
  if (!functions.has(source)) functions.set(source, load(source));
  return functions.get(source);
}

/** As a module of its own: no eval, and the same rules as for any code of the page. */
async function load(source) {
  const url = URL.createObjectURL(new Blob([`export default ${source}`], { type: 'text/javascript' }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

expose({
  run: async (source, args) => (await compile(source))(...args),
  runWithContext: job(async (context, source, args) => (await compile(source))(context, ...args)),
});
