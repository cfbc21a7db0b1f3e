// The recipes of docs/recipes.md, and the README's example of state: the files are cut out of the text, and used in a browser.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve, strictCsp } from '../../scripts/serve.mjs';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { chromium, firefox } from './support/browsers.mjs';
import { installPackage } from './support/package.mjs';

const recipes = recipesOf(await readFile(fromRoot('docs/recipes.md'), 'utf8'));
const readme = await readFile(fromRoot('README.md'), 'utf8');
const readmeExample = /^## State that survives\n.*?^```js\n(.*?)^```$/ms.exec(readme)[1];

/** By title: the files of a recipe by name. */
function recipesOf(text) {
  return new Map(text.split(/^## /m).slice(1).map(section => {
    const files = [...section.matchAll(/^```\w+\n(?:<!--|\/\/) ([\w.-]+)(?: -->)?\n(.*?)^```$/gms)].map(([, name, content]) => [name, content]);
    assert.equal(files.length, section.match(/^```\w+$/gm).length, `each block of "${section.slice(0, 40)}" begins with its name`);
    return [/.*/.exec(section)[0], new Map(files)];
  }));
}

const folderOf = title => title.toLowerCase().replace(/\W+/g, '-');

let installed, server;

before(async () => {
  installed = await installPackage();
  const site = path.join(installed.folder, 'site');
  // A browser resolves a bare import by an import map only, and knows no other than an inline one: the CSP allows this text and no other.
  const map = JSON.stringify({ imports: { taskloom: installed.entry('taskloom') } });
  const hash = createHash('sha256').update(map).digest('base64');
  const page = body => `<!doctype html><meta charset="utf-8"><title>Recipe</title><link rel="icon" href="data:,">
<script type="importmap">${map}</script>
${body}`;
  for (const [title, files] of recipes) {
    const folder = path.join(site, folderOf(title));
    await mkdir(folder, { recursive: true });
    for (const [name, content] of files) await writeFile(path.join(folder, name), name.endsWith('.html') ? page(content) : content);
  }
  const folder = path.join(site, 'readme');
  await mkdir(folder);
  await writeFile(path.join(folder, 'index.html'), page('<script type="module" src="example.js"></script>'));
  await writeFile(path.join(folder, 'example.js'), readmeExample);
  server = await serve({
    roots: { '/': site, '/node_modules/': path.join(installed.folder, 'node_modules') },
    csp: strictCsp.replace('script-src', `script-src 'sha256-${hash}'`),
  });
}, { timeout: 60_000 });

after(async () => {
  await server?.close();
  await installed?.remove();
});

/** A user with a browser of their own, in one tab or several. Only what both drivers have is used. */
class User {
  problems = [];
  output = [];

  constructor(context, url) {
    this.context = context;
    this.url = url;
  }

  async openTab(file = '') {
    const page = await this.context.newPage();
    page.on('console', message => (message.type() === 'error' ? this.problems : this.output).push(message.text()));
    page.on('pageerror', error => this.problems.push(error.message));
    this.page = page;
    await page.goto(`${this.url}${file}`);
    return page;
  }

  /** Waits until a function in the page gives what is expected. */
  async sees(read, expected) {
    let last;
    for (const giveUpAt = Date.now() + 15_000; Date.now() < giveUpAt;) {
      try {
        last = await this.page.evaluate(read);
        assert.deepEqual(last, expected);
        return;
      } catch {
        await new Promise(resolve => setTimeout(resolve, 20)); // not yet, or another document is being loaded
      }
    }
    assert.deepEqual(last, expected);
  }

  frames(count) {
    return this.page.evaluate(count => new Promise(resolve => {
      const frame = () => (count-- > 0 ? requestAnimationFrame(frame) : resolve());
      frame();
    }), count);
  }

  click(selector) {
    return this.page.click(selector);
  }

  async type(selector, text) {
    await this.page.focus(selector);
    await this.page.keyboard.type(text);
  }

  choose(selector, value) {
    return this.page.selectOption ? this.page.selectOption(selector, value) : this.page.select(selector, value);
  }

  reload() {
    return this.page.reload();
  }
}

for (const browserType of [chromium, firefox]) {
  describe(`in ${browserType.name}`, () => {
    const tested = new Set();
    let browser;

    before(async () => { browser = await browserType.launch(); }, { timeout: 60_000 });
    after(() => browser?.close());

    const test = (title, folder, body) => it(title, { timeout: 60_000 }, async () => {
      const context = await (browser.newContext?.() ?? browser.createBrowserContext());
      try {
        const user = new User(context, `${server.url}${folder}/`);
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

    recipe('A text area that saves itself', 'text, caret and scroll position are back after a reload', async user => {
      const read = () => {
        const { value, selectionStart: start, selectionEnd: end, scrollTop: top, disabled } = document.querySelector('#notes');
        return { value, start, end, top, disabled };
      };
      await user.openTab();
      await user.sees(() => document.querySelector('#notes').disabled, false);
      const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
      await user.type('#notes', lines.slice(0, 20).join('\n'));
      await user.sees(() => document.querySelector('#saved').textContent, 'Saved');
      await user.page.evaluate(() => document.querySelector('#notes').setSelectionRange(7, 11));
      await user.frames(5); // Firefox scrolls to the selection in one of them
      await user.page.evaluate(() => { document.querySelector('#notes').scrollTop = 33; });
      await user.sees(() => /"start":7,"end":11,"top":33/.test(sessionStorage.getItem('taskloom:notes:place')), true);
      const left = await user.page.evaluate(read);
      assert.equal(left.value, lines.slice(0, 20).join('\n'));
      await user.reload();
      await user.sees(read, left);
      await user.frames(5);
      await user.sees(read, left);
      await user.page.focus('#notes');
      await user.page.keyboard.type('HERE');
      await user.sees(() => document.querySelector('#notes').value.slice(0, 20), `${left.value.slice(0, 7)}HERE${left.value.slice(11, 20)}`);
    });

    recipe('A text area that saves itself', 'it says that it is not saved when the storage is full, and shows what was typed all the same', async user => {
      await user.openTab();
      await user.sees(() => document.querySelector('#notes').disabled, false);
      await user.type('#notes', 'kept');
      await user.sees(() => document.querySelector('#saved').textContent, 'Saved');
      await user.page.evaluate(() => {
        for (let text = 'x'.repeat(2 ** 20), i = 0; text.length > 0; i++) {
          try {
            sessionStorage.setItem(`filler ${i}`, text);
          } catch {
            text = text.slice(text.length / 2 + 1);
          }
        }
      });
      await user.type('#notes', ', and this is more than there is room for');
      await user.sees(() => document.querySelector('#saved').textContent, 'Not saved: the storage is full');
      await user.sees(() => document.querySelector('#notes').value, 'kept, and this is more than there is room for');
      assert(user.output.some(line => line.startsWith('quota-exceeded')), user.output.join('\n'));
      await user.page.evaluate(() => Object.keys(sessionStorage).forEach(key => key.startsWith('filler') && sessionStorage.removeItem(key)));
      await user.type('#notes', '!');
      await user.sees(() => document.querySelector('#saved').textContent, 'Saved');
    });

    recipe('A form over several pages', 'each page finds the answers, also by back and forward, and none is left when they are sent', async user => {
      const ready = () => user.sees(() => sessionStorage.getItem('taskloom:order:answers') !== null, true);
      await user.openTab('step-1.html');
      await ready();
      await user.type('[name=name]', 'Ada');
      await user.click('[name=news]');
      await user.click('a');
      await user.sees(() => document.querySelector('[name=size]')?.value, 'S');
      await user.sees(() => document.readyState, 'complete');
      await user.choose('[name=size]', 'L');
      await user.sees(() => sessionStorage.getItem('taskloom:order:answers').includes('"size":"L"'), true);
      await user.page.goBack();
      await user.sees(() => [document.querySelector('[name=name]')?.value, document.querySelector('[name=news]')?.checked], ['Ada', true]);
      await user.type('[name=name]', '!');
      await user.sees(() => /"name":"(Ada!|!Ada)"/.test(sessionStorage.getItem('taskloom:order:answers')), true);
      await user.click('a');
      await user.sees(() => document.querySelector('[name=size]')?.value, 'L');
      await user.click('button');
      await user.sees(() => {
        const sent = /^Sent: (.*)/.exec(document.querySelector('output').textContent);
        return sent && Object.keys(JSON.parse(sent[1])).sort();
      }, ['name', 'news', 'size']);
      await user.sees(() => sessionStorage.getItem('taskloom:order:answers'), null);
    });

    recipe('A value that is kept while its widget is gone', 'the slider comes back with its value, also after a reload', async user => {
      const slider = () => document.querySelector('[type=range]')?.valueAsNumber ?? 'gone';
      await user.openTab();
      await user.sees(() => document.querySelector('#smoothing').value, '5');
      await user.sees(slider, 'gone');
      await user.click('#advanced');
      await user.sees(slider, 5);
      await user.page.focus('[type=range]');
      for (let i = 0; i < 3; i++) await user.page.keyboard.press('ArrowRight');
      await user.sees(() => document.querySelector('#smoothing').value, '8');
      await user.click('#advanced');
      await user.sees(slider, 'gone');
      await user.sees(() => document.querySelector('#smoothing').value, '8');
      await user.reload();
      await user.sees(() => document.querySelector('#smoothing').value, '8');
      await user.sees(slider, 'gone');
      await user.click('#advanced');
      await user.sees(slider, 8);
      await user.reload();
      await user.sees(slider, 8);
    });

    recipe('A history that no event is added to twice', 'an event that is handled twice adds one entry; undo and redo go on after a reload', async user => {
      const list = () => [...document.querySelectorAll('li')].map(entry => entry.textContent);
      await user.openTab();
      await user.sees(() => sessionStorage.getItem('taskloom::history') !== null, true);
      await user.type('input', 'one');
      await user.page.keyboard.press('Enter');
      await user.sees(list, ['one']);
      // The same event comes again with another text in the field, as when two handlers listen.
      await user.page.evaluate(() => {
        const event = new Event('submit', { cancelable: true });
        const form = document.querySelector('form');
        for (const entry of ['two', 'two again', 'and again']) {
          form.elements.entry.value = entry;
          form.dispatchEvent(event);
        }
      });
      await user.sees(list, ['one', 'two']);
      await user.click('#undo');
      await user.click('#undo');
      await user.click('#undo');
      await user.sees(list, []);
      await user.click('#redo');
      await user.sees(list, ['one']);
      await user.sees(() => sessionStorage.getItem('taskloom::history') !== null, true);
      await user.reload();
      await user.sees(list, ['one']);
      await user.click('#redo');
      await user.click('#redo');
      await user.sees(list, ['one', 'two']);
      await user.click('#undo');
      await user.type('input', 'three');
      await user.page.keyboard.press('Enter');
      await user.sees(list, ['one', 'three']);
      await user.click('#redo');
      await user.sees(list, ['one', 'three']);
    });

    recipe('A counter for each page, and one for the session', 'each page finds its own count, and both the session\'s', async user => {
      const counts = () => [location.pathname.split('/').at(-1), document.querySelector('#here').value, document.querySelector('#everywhere').value];
      await user.openTab('one.html');
      await user.sees(counts, ['one.html', '0', '0']);
      for (let i = 0; i < 3; i++) await user.click('button');
      await user.sees(counts, ['one.html', '3', '3']);
      await user.click('a');
      await user.sees(counts, ['two.html', '0', '3']);
      await user.click('button');
      await user.sees(counts, ['two.html', '1', '4']);
      await user.click('a');
      await user.sees(counts, ['one.html', '3', '4']);
      await user.reload();
      await user.sees(counts, ['one.html', '3', '4']);
      await user.openTab('one.html');
      await user.sees(counts, ['one.html', '0', '0']); // another tab is another session
    });

    recipe('A setting that all tabs follow', 'a change is seen in the other tab, and in one that is opened later', async user => {
      const theme = () => [document.documentElement.dataset.theme, document.querySelector('select').value];
      const first = await user.openTab();
      await user.sees(theme, ['light', 'light']);
      const second = await user.openTab();
      await user.sees(theme, ['light', 'light']);
      await user.choose('select', 'dark');
      await user.sees(theme, ['dark', 'dark']);
      user.page = first;
      await user.sees(theme, ['dark', 'dark']);
      await user.choose('select', 'light');
      user.page = second;
      await user.sees(theme, ['light', 'light']);
      await user.choose('select', 'dark');
      await user.openTab();
      await user.sees(theme, ['dark', 'dark']);
    });

    it('no recipe is left out', () => {
      assert.deepEqual([...recipes.keys()].filter(title => !tested.has(title)), []);
    });

    test('The README\'s example of state counts the reloads of its tab', 'readme', async user => {
      await user.openTab();
      for (const times of [1, 2, 3]) {
        const line = new RegExp(`^${times} so far, the first at .*\\d`);
        for (const giveUpAt = Date.now() + 15_000; !user.output.some(text => line.test(text)) && Date.now() < giveUpAt;) {
          await new Promise(resolve => setTimeout(resolve, 20));
        }
        assert.match(user.output.join('\n'), new RegExp(line, 'm'));
        await user.reload();
      }
    });
  });
}
