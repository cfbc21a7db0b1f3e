// The examples of the documents, as files of a reader's own: they import the installed package by its bare name.

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import { serve, strictCsp } from '../../../scripts/serve.mjs';
import { emptyFolder, installPackage } from './package.mjs';

/** The first block of JavaScript under a heading of a text, or in the whole text. */
export function exampleOf(text, heading = '') {
  const [example] = text.slice(text.indexOf(heading)).match(/(?<=^```js\n).*?(?=^```$)/ms);
  return example;
}

/**
 * Serves files, `[path, text]` each, beside the installed package. Pages need no head, and TypeScript is compiled. Resolves to `{ url, close() }`; `handle` is
 * that of `serve`.
 */
export async function serveExamples(files, { handle } = {}) {
  const installed = await installPackage();
  const site = await emptyFolder('taskloom-site-');
  // A browser resolves a bare import by an import map only, and knows no other than an inline one: the CSP allows this text and no other.
  const map = JSON.stringify({ imports: Object.fromEntries(['taskloom', 'taskloom/shared'].map(name => [name, installed.entry(name)])) });
  const hash = createHash('sha256').update(map).digest('base64');
  const head = `<!doctype html><meta charset="utf-8"><title>Example</title><link rel="icon" href="data:,">\n<script type="importmap">${map}</script>\n`;

  const write = async (name, text) => {
    const file = path.join(site, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  for (const [name, text] of files) {
    if (name.endsWith('.html')) await write(name, head + text);
    else if (name.endsWith('.ts')) await write(name.replace(/ts$/, 'js'), (await transform(text, { loader: 'ts', target: 'es2022' })).code);
    else await write(name, text.replace("'taskloom/worker'", `'${installed.entry('taskloom/worker')}'`)); // a worker has no import map
  }
  const server = await serve({
    roots: { '/': site, '/node_modules/': path.join(installed.folder, 'node_modules') },
    csp: strictCsp.replace('script-src', `script-src 'sha256-${hash}'`),
    handle,
  });
  return {
    url: server.url,
    close: () => server.close(),
  };
}
