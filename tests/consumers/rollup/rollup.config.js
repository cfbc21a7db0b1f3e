// `rollup --config --configApp FOLDER` builds main.js there into dist. What `new URL('./…', import.meta.url)` names is
// emitted by a plugin; a worker's file is an entry.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';

export default ({ configApp: app }) => {
  const input = ['main.js', 'jobs.js'].map(name => path.join(app, name)).filter(existsSync);
  return {
    input,
    output: { dir: path.join(app, 'dist') },
    plugins: [nodeResolve({ browser: true }), importMetaAssets({ exclude: '**/main.js' })],
  };
};
