const oneFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** How long a call took. The clock of a page goes by tenths of a millisecond, or by whole ones. */
export function latency(ms) {
  if (ms < 0.1) return 'under 0.1 ms';
  return ms < 100 ? `${oneFormat.format(ms)} ms` : `${twoFormat.format(ms / 1000)} s`;
}

export const times = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;
