// What the harness makes of its samples. Pure, so that it is tested without a browser.

/**
 * The value below which the share `q` (0 to 1) of the values lies, interpolated linearly between
 * the two nearest (Hyndman and Fan's type 7, as in R and NumPy).
 */
export function quantile(values, q) {
  if (values.length === 0) throw new RangeError('quantile of no values');
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** The median and the quartiles around it: the middle half of the values lies in `[low, high]`. */
export function spread(values) {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * How `ours` compares with `theirs`, round by round. What slows a whole round (another process, a
 * lower clock) slows both and leaves their ratio alone, so the median of these is steadier than
 * the ratio of the medians.
 */
export function pairedRatio(ours, theirs) {
  if (ours.length !== theirs.length) {
    throw new RangeError(`${ours.length} samples cannot be paired with ${theirs.length}`);
  }
  return spread(ours.map((value, round) => value / theirs[round]));
}

/** A shuffled copy of `items` (Fisher and Yates); `random` gives numbers in [0, 1). */
export function shuffled(items, random = Math.random) {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
