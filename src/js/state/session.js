// Which session this tab is. A duplicated tab starts with a copy of its original's storage, and with it of the session's id; the one of the two that has
// not the lock on the id becomes a session of its own (src/core/state/session.rs).

import * as constants from '#constants';
import { statePart } from '#parts/state';
import * as wasm from '#wasm';
import { isReady, takeRoom } from '../base/engine.js';
import { tell } from '../base/errors.js';
import { locks } from '../base/host.js';
import { newId } from '../base/uuid.js';
import { areaOf } from './area.js';

const KEY = 'taskloom-session';

/** One for the page, however many copies of the library it has loaded: the first of them holds the lock. */
const session = /* @__PURE__ */ (() => globalThis[Symbol.for('taskloom.session')] ??= {
  id: undefined,
  original: undefined, // the id of the session that this one was forked from
  listeners: new Map(), // by namespace: a page that asks again and again is told once
})();
let release = () => {};

/** Calls back when the session forks, or soon if it has forked already. */
export function onFork(namespace, listener) {
  if (session.original !== undefined && !session.listeners.has(namespace)) queueMicrotask(() => tell(listener, session.id, session.original));
  session.listeners.set(namespace, listener);
}

/** The id, also after a fork. */
export function sessionId() {
  if (session.id !== undefined) return session.id;
  takeRoom();
  const { storage } = areaOf('session');
  use(storage?.getItem(KEY) || newId());
  // Frames share the storage of the page that they are in, and its session with it.
  if (storage && globalThis.top === globalThis && locks()) {
    hold();
    // A lock keeps a page out of the back/forward cache.
    addEventListener('pagehide', () => release());
    addEventListener('pageshow', ({ persisted }) => persisted && hold());
  }
  return session.id;
}

function use(id) {
  session.id = id;
  try {
    areaOf('session').storage?.setItem(KEY, id);
  } catch {
    // a full storage: the id lasts as long as the page
  }
}

async function hold(waited = false) {
  const granted = await ask(`${KEY}-${session.id}`, waited);
  if (!isReady(statePart)) return;
  let step;
  try {
    step = wasm.sessionStep(granted, waited);
  } catch {
    return; // the engine has stopped
  }
  if (step === constants.SESSION_WAIT) hold(true);
  if (step === constants.SESSION_FORK) fork();
}

function fork() {
  session.original = session.id;
  use(newId());
  hold();
  for (const listener of session.listeners.values()) tell(listener, session.id, session.original);
}

/** Asks for a lock, and holds it until the page goes away. Resolves to whether it was granted. */
const ask = (name, wait) => new Promise(resolve => {
  const options = wait ? { signal: AbortSignal.timeout(constants.SESSION_PATIENCE) } : { ifAvailable: true };
  locks().request(name, options, lock => {
    resolve(lock !== null);
    return lock && new Promise(end => { release = end; });
  }).catch(() => resolve(false));
});
