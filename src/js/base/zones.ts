// The offsets of time zones, as the wasm asks for them. Schedules bring them along (src/platform/zones.js); who imports none goes without.

let offsetOf: ((zone: number, seconds: number) => number) | undefined;

export const useZones = (offset: (zone: number, seconds: number) => number): void => { offsetOf = offset; };

/** Called by the glue. */
export const zoneOffset = (zone: number, seconds: number): number => offsetOf!(zone, seconds);
