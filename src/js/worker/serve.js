// A worker's life between its page and its runner.

import * as protocol from './protocol.js';
import { Runner } from './runner.js';

/** Answers the page's calls with these functions; `withContext` says which of them get the context. */
export function serve(jobs, names, withContext, cleanUp) {
  const port = self; // what a job does to `self` later is its own affair
  const runner = new Runner({ postMessage: port.postMessage.bind(port) }, jobs, names, withContext);
  addEventListener('message', event => runner.receive(event.data));
  addEventListener('messageerror', () => runner.missed());

  const { close } = self;
  self.close = () => {
    runner.close();
    close.call(self);
  };
  runner.end = async () => {
    try {
      await cleanUp?.();
    } catch (error) {
      reportError(error);
    }
    runner.close();
    close.call(port);
  };
  sayReady(runner.outbox, cleanUp ? [names, true] : [names]);
  return runner;
}

/** The page notices the end of the worker by a lock that it holds as long as it lives. */
function sayReady(outbox, fields) {
  const ready = lock => outbox.post(protocol.READY, lock, ...fields);
  const { locks } = navigator;
  if (!locks) return ready(null);
  const name = `taskloom-worker-${crypto.randomUUID()}`;
  locks.request(name, () => {
    ready(name);
    return new Promise(() => {});
  }).catch(() => ready(null)); // an opaque origin has no locks
}
