// Apps with one import each, built by each bundler, and what a page fetches of them.

import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { serve } from '../../../scripts/serve.mjs';
import { fromRoot } from '../../../scripts/setup/root.mjs';
import { bundlers, packageFolder } from '../bundlers/build.mjs';
import { patient } from '../support/patience.mjs';

const page = head => `<!doctype html>
<title>An app</title>
<link rel="icon" href="data:,">
${head}<script type="module" src="./main.js"></script>
`;

/** Makes a folder for apps, with a built package in its node_modules. */
export async function workshop(library) {
  const folder = fromRoot('target/imports');
  await rm(folder, { recursive: true, force: true });
  await cp(library, path.join(folder, 'node_modules/taskloom'), { recursive: true });
  return folder;
}

/**
 * Builds the app of an import in a folder below one that has the package in its node_modules; resolves to what it
 * fetches, as `fetchedBy()` does.
 */
export async function buildAndFetch(browser, build, folder, entry) {
  // With `splitting`, esbuild gives each file of `taskloom` that any import() may reach to whoever imports from there: see the README.
  await writeApp(folder, entry, { from: build === bundlers.esbuild || entry.isApart ? entry.from : 'taskloom' });
  const warnings = await build(folder);
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  return fetchedBy(browser, { folder, roots: { '/': path.join(folder, 'dist') } });
}

/** Writes the app of an import into a new folder. */
export async function writeApp(folder, { app, jobs, from: own, isApart }, { from = isApart ? own : 'taskloom', head = '' } = {}) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  await writeFile(path.join(folder, 'index.html'), page(head));
  await writeFile(path.join(folder, 'main.js'), app(from));
  if (jobs) await writeFile(path.join(folder, 'jobs.js'), jobs('taskloom/worker'));
  return folder;
}

/**
 * Opens an app in a new page and waits until it works; resolves to the JavaScript and wasm that the page and its
 * workers have fetched, `[{ name, bytes, part }]`. `part` is the package's own name of the wasm, 'base' of
 * `taskloom_base.wasm`: bundlers give others.
 *
 * `roots` are the server's; `folder` has the package in its node_modules, or is below one that has; `where` is the
 * page's address.
 */
export async function fetchedBy(browser, { folder, roots, csp, where = '' }) {
  const answers = [];
  // Not when they finish: a page may have a file before its server has seen the end of it.
  const handle = ({ url }, response) => void answers.push({ url, response });
  const server = await serve({ roots, csp, handle });
  const page = await browser.newPage();
  try {
    const errors = [];
    page.on('pageerror', error => errors.push(error));
    await page.goto(server.url + where);
    const end = Date.now() + patient(30_000);
    // waitForFunction() would need eval.
    while (!await page.evaluate('Boolean(window.app)') && errors.length === 0 && Date.now() < end) await sleep(20);
    const outcome = errors[0] ?? await page.evaluate('window.app?.catch(error => `${error}`)');
    if (outcome !== 'works') throw new Error(`the app says: ${outcome}`);
  } finally {
    await page.close();
    await server.close();
  }
  return filesOf(answers, roots, await partNames(folder));
}

/** A worker may ask again for what the page has. It is answered 304, which is no second download. */
async function filesOf(answers, roots, names) {
  const mounts = Object.entries(roots).sort(([a], [b]) => b.length - a.length);
  const files = [];
  for (const { url, response: { headersSent, statusCode: status } } of answers) {
    const name = decodeURIComponent(url.replace(/\?.*/, ''));
    if (!headersSent || !/\.(js|mjs|wasm)$/.test(name) || status === 304) continue;
    if (status !== 200) throw new Error(`${name} was answered ${status}`);
    const [prefix, root] = mounts.find(([prefix]) => name.startsWith(prefix));
    const bytes = await readFile(path.join(root, name.slice(prefix.length)));
    files.push({ name, bytes, part: names.get(hash(bytes)) });
  }
  return files;
}

/** The names of the package's wasm files, by what is in them. */
async function partNames(folder) {
  const library = packageFolder(folder);
  const names = new Map();
  for (const file of await readdir(library)) {
    const [, name] = /^taskloom_(\w+)\.wasm$/.exec(file) ?? [];
    if (name) names.set(hash(await readFile(path.join(library, file))), name);
  }
  return names;
}

const hash = bytes => createHash('sha256').update(bytes).digest('hex');

/** The name of an app's folder. */
export const folderOf = ({ name }) => name.replace(/\W+/g, '-');

/** In kB: each file compressed by itself, as a server sends it. */
export const weightOf = (files, compress = gzip) =>
  files.reduce((sum, { bytes }) => sum + compress(bytes).length, 0) / 1000;

const gzip = bytes => gzipSync(bytes, { level: 9 });

/** The parts of the wasm, sorted; one that was fetched twice is there twice. */
export const partsIn = files => files.map(({ part }) => part).filter(Boolean).sort();
