// The README as it is in the npm package. Its page at the registry has none of the repository's other files.

const SKIPPED = /<!-- not in the package -->\n[^]*?<!-- \/not in the package -->\n+/g;
const COMMENTS = /<!--[^]*?-->\n/g;
const LINKS = /\[([^\]]*)\]\((?!https?:|#)([^)]*)\)/g;

/**
 * Leaves out what is of use in the repository only. A link to another file of it becomes an absolute one where `repository`, the address of
 * package.json, is given, else its text.
 */
export function packagedReadme(text, repository) {
  const home = repository?.replace(/^git\+|\.git$/g, '').replace(/\/$/, '');
  return text
    .replaceAll(SKIPPED, '')
    .replaceAll(COMMENTS, '')
    .replaceAll(LINKS, (_, label, file) => (home ? `[${label}](${home}/blob/main/${file})` : label));
}

/** The links of a README that lead nowhere on a page of its own. */
export function relativeLinks(text) {
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]*)/g), ...text.matchAll(/\b(?:href|src)=["']?([^"'\s>]*)/g), ...text.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm)];
  return inline.map(([, target]) => target).filter(target => !/^(https?:|mailto:|#)/.test(target));
}
