const BASE = 1_000_000_000;
const SIZE = 65_536; // odd numbers in a segment: a fraction of a millisecond of work

const marks = new Uint8Array(SIZE);
const SEGMENTS = 4096; // then they begin again
const smallPrimes = oddPrimesBelow(40_000); // the square of the last is beyond the last segment

/** How many primes there are in a segment of 131,072 numbers above a billion. */
export function primesInSegment(segment) {
  const first = BASE + 1 + (segment % SEGMENTS) * SIZE * 2;
  marks.fill(0);
  for (const prime of smallPrimes) {
    let multiple = Math.ceil(first / prime) * prime;
    if (multiple % 2 === 0) multiple += prime;
    for (let i = (multiple - first) / 2; i < SIZE; i += prime) marks[i] = 1;
  }
  let count = SIZE;
  for (let i = 0; i < SIZE; i++) count -= marks[i];
  return count;
}

function oddPrimesBelow(limit) {
  const composite = new Uint8Array(limit);
  const primes = [];
  for (let n = 3; n < limit; n += 2) {
    if (composite[n]) continue;
    primes.push(n);
    for (let multiple = n * n; multiple < limit; multiple += 2 * n) composite[multiple] = 1;
  }
  return primes;
}
