// Production builds of the app in a folder, as each bundler does them when told no more than it must be: into its folder dist. They resolve to the warnings.

import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';

export const bundlers = {
  async Vite(app) {
    const warnings = [];
    const customLogger = { ...vite.createLogger('silent'), warn: message => warnings.push(message) };
    await vite.build({ root: app, configFile: false, customLogger });
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

  /** It leaves each `new URL('./…', import.meta.url)` as it is: what they name are entries of their own. */
  async esbuild(app) {
    const entryPoints = [
      { in: 'main.js', out: 'main' }, { in: 'jobs.js', out: 'jobs' }, { in: 'taskloom/wasm', out: 'taskloom_bg' },
    ];
    const { warnings } = await esbuild.build({
      absWorkingDir: app, entryPoints, outdir: 'dist', loader: { '.wasm': 'copy' }, bundle: true, format: 'esm', minify: true, logLevel: 'silent',
    });
    await copyPage(app);
    return warnings.map(({ text }) => text);
  },
};

const copyPage = app => cp(path.join(app, 'index.html'), path.join(app, 'dist/index.html'));
