// Whether `init({ trace })` has asked for a track in the performance panel. Tasks have it, if they are imported.

let wanted = false;
let tracer: ((on: boolean) => void) | undefined;

export function setTracing(on: boolean): void {
  wanted = on;
  tracer?.(on);
}

/** Who can trace is told whether to. */
export function onTracing(listener: (on: boolean) => void): void {
  tracer = listener;
  if (wanted) listener(true);
}
