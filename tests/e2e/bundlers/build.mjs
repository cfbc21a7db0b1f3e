// Production builds of the app in a folder, as each bundler does them when told no more than it must be: into its folder dist. They resolve to the warnings.

import { cp, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';

export const bundlers = {
  async Vite(app) {
    const warnings = [];
    const customLogger = { ...vite.createLogger('silent'), warn: message => warnings.push(message) };
    await vite.build({ root: app, configFile: false, customLogger, logLevel: 'warn' });
    return warnings;
  },

  async webpack(app) {
    const compiler = webpack({ mode: 'production', context: app, entry: './main.js', output: { path: path.join(app, 'dist') } });
    const stats = await promisify(compiler.run).call(compiler);
    await promisify(compiler.close).call(compiler);
    await copyPage(app);
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    return [...errors, ...warnings].map(({ message }) => message);
  },

  /** It leaves each `new URL('./…', import.meta.url)` as it is: what they name are entries of their own, and files beside them. */
  async esbuild(app) {
    const entryPoints = (await readdir(app)).filter(name => name.endsWith('.js'));
    const { warnings } = await esbuild.build({
      absWorkingDir: app, entryPoints, outdir: 'dist', bundle: true, splitting: true, format: 'esm', minify: true, logLevel: 'silent',
    });
    const library = packageFolder(app);
    for (const name of await readdir(library)) if (name.endsWith('.wasm')) await cp(path.join(library, name), path.join(app, 'dist', name));
    await copyPage(app);
    return warnings.map(({ text }) => text);
  },
};

/** Where the package is that a file in a folder imports. */
export const packageFolder = folder => path.dirname(createRequire(path.join(folder, 'index.js')).resolve('taskloom/package.json'));

const copyPage = app => cp(path.join(app, 'index.html'), path.join(app, 'dist/index.html'));
