// What the workers of every contender do: the same functions, called in different ways.

/** As little as a call can be for. */
export const add = (a, b) => a + b;

/** The same with an object. */
export const area = ({ size: [width, height], scale }) => width * height * scale;

/** Keeps a thread busy for so many steps of a computation that depends on itself. */
export function compute(iterations) {
  let value = iterations;
  for (let i = 0; i < iterations; i++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  return value;
}

/** Shows that the bytes were there to be read and written. */
export function touch(buffer) {
  new Uint8Array(buffer)[0]++;
  return buffer;
}
