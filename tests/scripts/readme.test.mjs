// The README of the npm package, made from the repository's.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { packagedReadme, relativeLinks } from '../../pkg-config/readme.mjs';
import { fromRoot } from '../../scripts/setup/root.mjs';

describe('the README of the npm package', () => {
  const readme = readFileSync(fromRoot('README.md'), 'utf8');

  it('begins with how to install it, has no link to another file, and nothing for who works on the library', () => {
    const text = packagedReadme(readme);
    assert.match(text, /^# taskloom\n\n```sh\nnpm install taskloom\n```\n/);
    assert.deepEqual(relativeLinks(text), []);
    assert.doesNotMatch(text, /<!--|npm test|scripts\//);
  });

  it('keeps what a link says, and the links of a page', () => {
    assert.equal(packagedReadme('[a](docs/a.md), [`b`](b.d.ts) and [c](https://c.org) of [above](#above)'),
      'a, `b` and [c](https://c.org) of [above](#above)');
  });

  it('links to the repository where package.json names one', () => {
    const linked = '[a](https://git.example/we/taskloom/blob/main/docs/a.md#b)';
    for (const address of ['https://git.example/we/taskloom', 'git+https://git.example/we/taskloom.git', 'https://git.example/we/taskloom/']) {
      assert.equal(packagedReadme('[a](docs/a.md#b)', address), linked);
    }
    assert.deepEqual(relativeLinks(packagedReadme(readme, 'https://git.example/we/taskloom')), []);
  });

  it('leaves out what is marked as not in the package', () => {
    assert.equal(packagedReadme('a\n\n<!-- not in the package -->\n## b\n<!-- /not in the package -->\n\nc\n'), 'a\n\nc\n');
  });
});

describe('relativeLinks', () => {
  it('finds links, images, references and HTML', () => {
    const text = '[a](a.md "title") ![b](./b.png) <img src="c.png"> <a href=\'/d\'>d</a>\n[e]: ../e.md\n[f](https://f.org) [g](#g) [h](mailto:h@h.org)';
    assert.deepEqual(relativeLinks(text).sort(), ['../e.md', './b.png', '/d', 'a.md', 'c.png']);
  });
});

describe('the documents of the repository', () => {
  const files = ['.', 'docs', 'tests', 'benches'].flatMap(folder => readdirSync(fromRoot(folder)).filter(name => name.endsWith('.md')).map(name => path.join(folder, name)));

  it('link to files that are there', () => {
    assert(files.includes('README.md'));
    const textOf = file => readFileSync(fromRoot(file), 'utf8').replace(/^```[^]*?^```/gm, ''); // without examples
    const broken = files.flatMap(file => relativeLinks(textOf(file))
      .filter(link => !existsSync(fromRoot(path.dirname(file), link.replace(/#.*/, ''))))
      .map(link => `${file}: ${link}`));
    assert.deepEqual(broken, []);
  });
});
