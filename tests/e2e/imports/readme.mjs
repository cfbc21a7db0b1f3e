// The README's table of what each import weighs.

const START = '<!-- sizes: scripts/readme-sizes.mjs writes them -->\n';
const END = '<!-- /sizes -->';
const BETWEEN = new RegExp(`(?<=${START})[^]*?(?=${END})`);

/** `Map { name => kB }`, as the README says. */
export function readmeSizes(readme) {
  const rows = BETWEEN.exec(readme)?.[0].matchAll(/^\| (.+?) \| ([\d.]+) kB \|$/gm) ?? [];
  return new Map([...rows].map(([, name, size]) => [name.replaceAll('`', ''), Number(size)]));
}

/** The README with these sizes: `Map { name => kB }`. */
export function withSizes(readme, sizes) {
  if (!BETWEEN.test(readme)) throw new Error(`the README lacks its table of sizes, which begins with ${START}`);
  const shown = name => (name === 'everything' ? name : name.replaceAll(/\w+/g, '`$&`'));
  const rows = [...sizes].map(([name, size]) => `| ${shown(name)} | ${size.toFixed(1)} kB |\n`);
  return readme.replace(BETWEEN, `| import | gzip |\n|---|---|\n${rows.join('')}`);
}
