// What the pool's tests ask of their server beyond files. Workers can ask synchronously, so that what they say has been heard even if they
// are killed in the next moment, and a gate can hold up a worker's thread for as long as a test needs it.

const opened = new Set();
const waiting = new Map(); // by gate: what to call when it opens
const reached = new Set();
const counts = new Map();
const broken = new Set();

/** Routes by path; each is called with what stands behind the question mark. The answer is JSON unless it says otherwise. */
const routes = {
  '/count': id => void counts.set(id, (counts.get(id) ?? 0) + 1),
  '/counted': id => counts.get(id) ?? 0,
  /** How often each call of a run was counted, by its number: ids are RUN:NUMBER. */
  '/counted-all': run => Object.fromEntries([...counts].filter(([id]) => id.startsWith(`${run}:`)).map(([id, count]) => [id.slice(run.length + 1), count])),
  '/reached': id => reached.has(id),
  '/open': id => {
    opened.add(id);
    for (const open of waiting.get(id) ?? []) open();
    waiting.delete(id);
  },
  '/gate': (id, response) => {
    reached.add(id);
    const open = () => say(response, 'open');
    if (opened.has(id)) return open();
    waiting.set(id, [...(waiting.get(id) ?? []), open]);
    response.on('close', () => waiting.delete(id));
  },
  /** A worker's file that can't be had until `/mend`. */
  '/break': id => void broken.add(id),
  '/mend': id => void broken.delete(id),
  '/flaky.js': (id, response) => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    if (broken.has(id)) response.writeHead(503).end();
    else script(response, "import '/workers/jobs.js';");
  },
  /** A worker's file without the headers that an isolated page asks for. */
  '/bare.js': (_, response) => {
    for (const name of ['Cross-Origin-Embedder-Policy', 'Cross-Origin-Resource-Policy']) response.removeHeader(name);
    script(response, "import '/workers/jobs.js';");
  },
  '/redirected.js': (_, response) => response.writeHead(302, { Location: '/workers/jobs.js' }).end(),
};

function script(response, source) {
  response.setHeader('Content-Type', 'text/javascript');
  response.end(source);
}

function say(response, value = null) {
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-store');
  response.end(JSON.stringify(value));
}

/** The `handle` of scripts/serve.mjs. */
export function handle(request, response) {
  const [path, query = ''] = request.url.split('?');
  const route = routes[path];
  if (!route) return false;
  if (route.length === 2) route(query, response);
  else say(response, route(query));
  return true;
}
