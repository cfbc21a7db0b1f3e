// An interpreter with the wheel, and the tests in it.

let runner;

/** What was printed as an error, or reported: a test that causes such a thing fails. */
const problems = [];

export async function boot({ pyodide: indexURL, wheel, files, withoutJspi }) {
  // What Pyodide looks for.
  if (withoutJspi) delete WebAssembly.Suspending;
  self.addEventListener('error', event => problems.push(`uncaught: ${event.message}`));
  self.addEventListener('unhandledrejection', event => problems.push(`unhandled rejection: ${event.reason}`));
  const { loadPyodide } = await import(new URL('pyodide.mjs', indexURL));
  const python = await loadPyodide({ indexURL, stderr: line => problems.push(line) });
  const read = async url => (await fetch(url)).arrayBuffer();
  python.unpackArchive(await read(wheel), 'wheel');
  python.FS.mkdir('/tests');
  for (const [name, url] of Object.entries(files)) python.FS.writeFile(`/tests/${name}`, new Uint8Array(await read(url)));
  python.registerJsModule('cell', { problems, plain: (callback, argument) => callback(argument) });
  python.runPython('import sys; sys.path.insert(0, "/tests")');
  runner = python.pyimport('runner');
  return JSON.parse(runner.collect());
}

export async function run(name) {
  problems.length = 0;
  const text = await runner.run(name);
  return [text, ...problems].filter(Boolean).join('\n');
}
