// A server's side of the examples that fetch: below `/api/`.

const STATUS = Symbol('status');

/** A test says what is answered, and when, and sees what was asked for. */
export class Api {
  constructor() {
    this.reset();
  }

  reset() {
    this.asked = []; // 'GET /api/…' each
    this.aborted = [];
    /** Given what was asked for and the body, returns what is answered as JSON. */
    this.answer = undefined;
    this.fail(404);
    this._gate = Promise.resolve();
  }

  /** From now on nothing is answered but a status. */
  fail(status) {
    this.answer = () => ({ [STATUS]: status });
  }

  /** Keeps all answers back until the function is called that it returns. */
  hold() {
    let release;
    this._gate = new Promise(resolve => { release = resolve; });
    return release;
  }

  /** For `serve`. */
  handle = (request, response) => {
    if (!request.url.startsWith('/api/')) return false;
    const asked = `${request.method} ${request.url}`;
    this.asked.push(asked);
    response.on('close', () => { if (!response.writableEnded) this.aborted.push(asked); });
    this._respond(asked, request, response).catch(() => response.destroy()); // the request was aborted while it was read
    return true;
  };

  async _respond(asked, request, response) {
    let body = '';
    for await (const part of request) body += part;
    await this._gate;
    const answer = this.answer(asked, body && JSON.parse(body));
    response.setHeader('Content-Type', 'application/json');
    response.writeHead(answer[STATUS] ?? 200);
    response.end(JSON.stringify(answer));
  }
}
