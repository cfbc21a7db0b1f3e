// Reading and comparing versions.

/** The first `1.2.3`-like version in a text such as the output of `--version`, or undefined. */
export function versionIn(text) {
  return /\d+\.\d+(?:\.\d+)*/.exec(text)?.[0];
}

/** Negative, 0 or positive, as `a` is older than, the same as, or newer than `b`. Missing parts count as 0. */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map(version => version.split('.').map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The version of a crate in the text of a Cargo.lock, or undefined. */
export function lockedVersion(cargoLock, crate) {
  for (const block of cargoLock.split('[[package]]')) {
    if (field(block, 'name') === crate) return field(block, 'version');
  }
  return undefined;
}

function field(block, name) {
  return new RegExp(`^${name} = "([^"]*)"`, 'm').exec(block)?.[1];
}
