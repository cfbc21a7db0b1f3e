// The page's timers, counted from outside the library.

/**
 * To be called before the library is imported. Afterwards the page has `timers.live()`, how many wait, and `timers.delays`, what was asked for
 * so far.
 */
export const watchTimers = tab => tab.bare(() => {
  const waiting = new Set();
  const delays = [];
  const { setTimeout, clearTimeout } = window;
  window.setTimeout = (callback, delay, ...args) => {
    delays.push(delay);
    const id = setTimeout(() => {
      waiting.delete(id);
      callback(...args);
    }, delay);
    waiting.add(id);
    return id;
  };
  window.clearTimeout = id => {
    waiting.delete(id);
    clearTimeout(id);
  };
  window.timers = { delays, live: () => waiting.size };
});
