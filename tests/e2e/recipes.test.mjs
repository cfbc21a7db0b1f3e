// The recipes of docs/recipes.md, and the README's examples of state, the cache and schedules: the files are cut out of the text, and used in a browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { memoRecipes } from './recipes/memo.mjs';
import { scheduleRecipes } from './recipes/schedule.mjs';
import { sharedRecipes } from './recipes/shared.mjs';
import { stateRecipes } from './recipes/state.mjs';
import { Api } from './support/api.mjs';
import { browsers } from './support/browsers.mjs';
import { exampleOf, serveExamples } from './support/examples.mjs';
import { patient } from './support/patience.mjs';
import { User } from './support/user.mjs';

const recipes = recipesOf(await readFile(fromRoot('docs/recipes.md'), 'utf8'));
const readme = await readFile(fromRoot('README.md'), 'utf8');

/** By title: the files of a recipe by name. */
function recipesOf(text) {
  return new Map(text.split(/^## /m).slice(1).map(section => {
    const files = [...section.matchAll(/^```\w+\n(?:<!--|\/\/) ([\w.-]+)(?: -->)?\n(.*?)^```$/gms)].map(([, name, content]) => [name, content]);
    assert.equal(files.length, section.match(/^```\w+$/gm).length, `each block of "${section.slice(0, 40)}" begins with its name`);
    return [/.*/.exec(section)[0], new Map(files)];
  }));
}

const folderOf = title => title.toLowerCase().replace(/\W+/g, '-');
const api = new Api();
let site;

before(async () => {
  const files = [...recipes].flatMap(([title, recipe]) => [...recipe].map(([name, text]) => [`${folderOf(title)}/${name}`, text]));
  for (const heading of ['State that survives', 'Memo cache', 'Schedules']) {
    files.push([`readme-${folderOf(heading)}/index.html`, '<script type="module" src="example.js"></script>']);
    files.push([`readme-${folderOf(heading)}/example.js`, exampleOf(readme, `\n## ${heading}\n`)]);
  }
  site = await serveExamples(files, { handle: api.handle });
}, { timeout: patient(60_000) });

after(() => site?.close());

for (const browserType of browsers) {
  describe(`in ${browserType.name}`, () => {
    const tested = new Set();
    let browser;

    before(async () => { browser = await browserType.launch(); }, { timeout: patient(60_000) });
    after(() => browser?.close());

    const test = (title, folder, body) => it(title, { timeout: patient(60_000) }, async () => {
      const context = await (browser.newContext?.() ?? browser.createBrowserContext());
      api.reset();
      try {
        const user = new User(context, `${site.url}${folder}/`, api);
        await body(user);
        assert.deepEqual(user.problems, [], 'the page reports errors');
      } finally {
        await context.close();
      }
    });

    const recipe = (title, promise, body) => {
      assert(recipes.has(title), `no recipe is called "${title}"`);
      tested.add(title);
      test(`${title}: ${promise}`, folderOf(title), body);
    };

    stateRecipes(recipe);
    sharedRecipes(recipe);
    memoRecipes(recipe);
    scheduleRecipes(recipe);

    it('no recipe is left out', () => {
      assert.deepEqual([...recipes.keys()].filter(title => !tested.has(title)), []);
    });

    test('The README\'s example of state counts the reloads of its tab', 'readme-state-that-survives', async user => {
      await user.openTab();
      for (const times of [1, 2, 3]) {
        const line = new RegExp(`^${times} so far, the first at .*\\d`);
        await user.until(() => user.output.some(text => line.test(text)), true);
        await user.reload();
      }
    });

    test('The README\'s example of the cache fetches once', 'readme-memo-cache', async user => {
      api.answer = () => 12.5;
      await user.openTab();
      await user.until(() => user.output, ['100 prices by 1 fetch']);
      assert.deepEqual(api.asked, ['GET /api/prices/ACME']);
    });

    test('The README\'s example of schedules fetches at once in one of two tabs, and knows when the next report is due', 'readme-schedules', async user => {
      api.answer = () => [1, 2, 3];
      const isDue = line => /^The next report is due 2\d\d\d-\d\d-\d\dT0[78]:00:00\.000Z$/.test(line);
      await user.openTab();
      await user.until(() => user.output.includes('3 prices') && user.output.some(isDue), true);
      await user.openTab();
      await user.until(() => user.output.filter(isDue).length, 2);
      assert.deepEqual(api.asked, ['GET /api/prices']);
    });
  });
}
