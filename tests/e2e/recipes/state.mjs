// Recipes of state that outlives a page.

import assert from 'node:assert/strict';

export function stateRecipes(recipe) {
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
}
