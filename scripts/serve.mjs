// A small static file server for the demo, the tests and the benchmarks. It sends the strictest Content-Security-Policy that the
// library promises to work under, so that whatever runs on it shows that it does.

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { fromRoot } from './setup/root.mjs';

/** The default Content-Security-Policy: no eval, no blob: or data: scripts, no inline code. */
export const strictCsp = [
  "default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "style-src 'self'", "img-src 'self' data:",
  "connect-src 'self'", "base-uri 'none'", "object-src 'none'",
].join('; ');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.rs': 'text/plain; charset=utf-8',
  '.py': 'text/plain; charset=utf-8',
  '.whl': 'application/zip',
  '.zip': 'application/zip',
};

/**
 * Serves folders on 127.0.0.1, and resolves once it listens, to `{ url, port, close() }`.
 *
 * - `roots`: folders by the URL path they appear under, as in `{ '/': 'www', '/taskloom/': 'pkg' }`; the longest prefix wins. Relative
 *   folders are the repository's.
 * - `port`: 0, the default, takes any free one. Rejects with an error of code `EADDRINUSE` if the port is taken.
 * - `isolated`: sends the headers that make a page cross-origin isolated.
 * - `csp`: another Content-Security-Policy, or null for none.
 * - `handle`: a function of request and response that sees each request first, may answer it by itself, and returns true then.
 */
export async function serve({ roots, port = 0, isolated = false, csp = strictCsp, handle }) {
  const mounts = Object.entries(roots)
    .map(([prefix, folder]) => ({ prefix: prefix.endsWith('/') ? prefix : `${prefix}/`, folder: path.resolve(fromRoot(), folder) }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const headers = {
    'X-Content-Type-Options': 'nosniff',
    // The browser keeps files but asks each time whether they are still the same: a rebuild shows at once.
    'Cache-Control': 'no-cache',
    ...(csp ? { 'Content-Security-Policy': csp } : {}),
    ...(isolated ? {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
    } : {}),
  };

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (handle?.(request, response)) return;
    answer(mounts, request, response).catch(error => {
      if (response.headersSent) return response.destroy();
      console.error(error);
      say(response, 500, 'Internal error');
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise(resolve => {
      server.close(resolve);
      // A browser keeps its connections open, and close() alone would wait for it.
      server.closeAllConnections();
    }),
  };
}

async function answer(mounts, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return say(response, 405, 'Only GET and HEAD are answered');
  }
  const [rawPath, query] = request.url.split(/\?(.*)/s);
  let pathname;
  try {
    pathname = decodeURIComponent(rawPath);
  } catch {
    return say(response, 400, 'Malformed URL');
  }
  const file = await locate(mounts, pathname);
  if (!file) return say(response, 404, 'Not found');
  if (file.redirect) {
    // Relative, so that a path such as //host/folder can't lead to another host.
    response.setHeader('Location', `./${path.posix.basename(rawPath)}/${query ? `?${query}` : ''}`);
    return say(response, 301, 'A folder');
  }

  // Enough to tell builds apart without reading the file.
  const etag = `"${file.size.toString(16)}-${Math.round(file.mtimeMs * 1000).toString(16)}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Content-Type', types[path.extname(file.name).toLowerCase()] ?? 'application/octet-stream');
  if (etagsIn(request.headers['if-none-match']).some(known => known === etag || known === '*')) {
    response.writeHead(304);
    return response.end();
  }
  response.setHeader('Content-Length', file.size);
  response.writeHead(200);
  if (request.method === 'HEAD') return response.end();
  pipeline(createReadStream(file.name), response, () => {});
}

/** The file that a URL path means; undefined if there is none, or if it isn't under the folder served. */
async function locate(mounts, pathname) {
  const mount = mounts.find(({ prefix }) => `${pathname}/`.startsWith(prefix));
  if (!mount || pathname.includes('\0')) return undefined;
  const inside = pathname.slice(mount.prefix.length);
  if (inside.split(/[/\\]/).includes('..')) return undefined;
  const wanted = path.join(mount.folder, inside);
  try {
    let info = await stat(wanted);
    if (info.isDirectory() && !pathname.endsWith('/')) return { redirect: true };
    if (!info.isDirectory() && pathname.endsWith('/')) return undefined;
    let name = wanted;
    if (info.isDirectory()) {
      name = path.join(wanted, 'index.html');
      info = await stat(name);
    }
    if (!info.isFile()) return undefined;
    // A symbolic link may lead anywhere inside the folder, not out of it.
    const [real, folder] = await Promise.all([realpath(name), realpath(mount.folder)]);
    if (!real.startsWith(folder + path.sep)) return undefined;
    return { name, size: info.size, mtimeMs: info.mtimeMs };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP'].includes(error.code)) return undefined;
    throw error;
  }
}

function etagsIn(header) {
  return (header ?? '').split(',').map(tag => tag.trim().replace(/^W\//, ''));
}

function say(response, status, text) {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.writeHead(status);
  // A HEAD's body is dropped by Node.
  response.end(`${text}\n`);
}
