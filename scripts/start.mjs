// `npm start`: gets what a build needs, builds the package, and serves the demo.

import { parseArgs } from 'node:util';
import { serve } from './serve.mjs';
import { Failure, main } from './setup/failure.mjs';
import { builtPackage } from './setup/package.mjs';

const usage = `Usage: npm start -- [--port N] [--isolated]
  --port N     the port to serve on; without it 8080, or the next one that is free
  --isolated   make the page cross-origin isolated, so that workers can share memory`;

await main(async () => {
  const options = readOptions();
  if (options.help) return console.log(usage);
  await builtPackage();
  const server = await open(options);
  console.log(`\nThe demo is at ${server.url} (Ctrl-C ends it)`);
});

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: { port: { type: 'string' }, isolated: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    throw new Failure(`${error.message}\n${usage}`, { exitCode: 2 });
  }
  if (values.port === undefined) return values;
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535) throw new Failure(`--port must be a number from 0 to 65535, not ${values.port}.`, { exitCode: 2 });
  return { ...values, port };
}

/** Serves on the port asked for; without one, on the first that is free from 8080 on. */
async function open({ port, isolated }) {
  const roots = { '/': 'www', '/taskloom/': 'pkg' };
  for (let next = port ?? 8080; ; next++) {
    try {
      return await serve({ port: next, isolated, roots });
    } catch (error) {
      if (error.code === 'EACCES') throw new Failure(`Port ${next} is not for ordinary users; choose one above 1023 by --port.`);
      if (error.code !== 'EADDRINUSE') throw error;
      if (port !== undefined) throw new Failure(`Port ${port} is taken; choose another by --port, or none for the next one that is free.`);
      if (next >= 8180) throw new Failure('Ports 8080 to 8180 are all taken; choose another by --port.');
    }
  }
}
