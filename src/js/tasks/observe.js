// What happens to tasks, for loggers and for the DevTools performance panel. Costs nothing while nobody listens.

import { aside } from '../base/development.js';
import { invalid, report, show } from '../base/errors.js';

const listeners = new Set();
let queue = [];

/** Whether anybody listens: what the hot path looks at. */
export let observed = false;

export function onTask(listener) {
  if (typeof listener !== 'function') throw invalid('the listener of onTask()', listener, 'a function');
  const entry = { listener };
  listeners.add(entry);
  observed = true;
  return () => {
    listeners.delete(entry);
    observed = listeners.size > 0;
  };
}

/** Listeners are called in the next microtask: they are callers' code, and the engine may be half-way through a decision. */
export function emit(type, task) {
  if (queue.length === 0) queueMicrotask(flush);
  queue.push({ type, task, time: performance.now() });
}

function flush() {
  const events = queue;
  queue = [];
  for (const event of events) {
    for (const entry of [...listeners]) {
      if (!listeners.has(entry)) continue; // an earlier one has unsubscribed it
      try {
        entry.listener(event);
      } catch (error) {
        report(error);
      }
    }
  }
}

let stopTracing;

/** Turns the track "taskloom" of the performance panel on or off. */
export function trace(on) {
  if (!on) {
    stopTracing?.();
    stopTracing = undefined;
  } else {
    stopTracing ??= onTask(DEV ? event => aside(() => measure(event)) : measure);
  }
}

const starts = new WeakMap();
const COLORS = { done: 'primary', error: 'error', cancelled: 'tertiary' };

// https://developer.chrome.com/docs/devtools/performance/extension
function measure({ type, task, time }) {
  if (type === 'submitted' || type === 'started') {
    starts.set(task, { ...starts.get(task), [type]: time });
    return;
  }
  if (type !== 'settled') return;
  const { submitted = time, started } = starts.get(task) ?? {};
  const { state, error, attempt } = task;
  performance.measure(task.name || 'task', {
    start: started ?? submitted,
    end: time,
    detail: {
      devtools: {
        dataType: 'track-entry',
        track: 'tasks',
        trackGroup: 'taskloom',
        color: COLORS[state],
        tooltipText: `${task.name || 'task'}: ${state}`,
        properties: [
          ['state', state],
          ['attempts', String(attempt)],
          ['waited', `${((started ?? time) - submitted).toFixed(1)} ms`],
          ...(error ? [['error', show(error)]] : []),
        ],
      },
    },
  });
}
