// What set-up prints: a line for each step that has something to do, with the time to expect. Steps already done print nothing.

/** Runs one step of set-up, saying what it is and about how long it takes. */
export async function step(what, expected, body) {
  console.log(`• ${what} (about ${expected}) …`);
  const started = performance.now();
  const result = await body();
  const seconds = (performance.now() - started) / 1000;
  if (seconds >= 1) console.log(`  done in ${duration(seconds)}`);
  return result;
}

/** Seconds in words: `0.4 s`, `12 s`, `2 min 5 s`. */
export function duration(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Makes a function that does its work once, however many parts of a command ask for it. A failure is remembered too. */
export function once(body) {
  let outcome;
  return () => (outcome ??= body());
}
