// Recipes of state that tabs share.

export function sharedRecipes(recipe) {
  recipe('A counter of all tabs', 'two tabs that count at once lose nothing, and a late one begins with all', async user => {
    const count = () => document.querySelector('#count').value;
    const tabs = [await user.openTab(), await user.openTab()];
    const inEach = async check => {
      for (const tab of tabs) {
        user.page = tab;
        await check();
      }
    };
    await inEach(() => user.sees(count, '0'));
    await Promise.all(tabs.map(tab => tab.evaluate(() => { for (let i = 0; i < 20; i++) document.querySelector('#add').click(); })));
    await inEach(() => user.sees(count, '40'));
    await user.openTab();
    await user.sees(count, '40');
  });

  recipe('Work that one tab does for all', 'one tab fetches, all show it; when it is closed the other leads', async user => {
    user.api.answer = () => 12.5;
    const shown = () => [document.querySelector('#role').textContent, document.querySelector('#price').value];
    const leader = await user.openTab();
    await user.sees(shown, ['leads', '12.5']);
    const other = await user.openTab();
    await user.sees(shown, ['follows', '12.5']);
    user.api.answer = () => 13;
    await user.sees(shown, ['follows', '13']);
    await leader.close();
    user.page = other;
    await user.sees(() => document.querySelector('#role').textContent, 'leads');
    user.api.answer = () => 14;
    await user.sees(shown, ['leads', '14']);
  });

  recipe('A form that two tabs may have open', 'who would write over another\'s change is told, and may do so then', async user => {
    const said = () => document.querySelector('#said').textContent;
    const save = async text => {
      await user.page.evaluate(text => { document.querySelector('[name=title]').value = text; }, text);
      await user.click('button');
    };
    const ready = () => user.sees(() => document.querySelector('form').onsubmit !== null, true);
    const first = await user.openTab();
    await ready();
    const second = await user.openTab();
    await ready();
    await save('theirs');
    await user.sees(said, 'Saved');
    user.page = first;
    await save('ours');
    await user.sees(said, 'Another tab has saved “theirs” meanwhile. Save again to replace it.');
    await user.click('button');
    await user.sees(said, 'Saved');
    await second.reload();
    user.page = second;
    await user.sees(() => document.querySelector('[name=title]').value, 'ours');
  });

  recipe('A chat of all tabs', 'messages of both tabs are there in both, as text, and after a reload', async user => {
    const lines = () => [...document.querySelectorAll('#lines li')].map(({ textContent }) => textContent.replace(/^\d+:\d+:\d+( [AP]M)? /, ''));
    const send = async text => {
      await user.type('[name=text]', text);
      await user.page.keyboard.press('Enter');
    };
    const ready = count => user.sees(() => document.querySelector('#here').textContent, `${count} here`);
    const first = await user.openTab();
    await ready(1);
    const second = await user.openTab();
    await ready(2);
    await send('<b>hello</b>');
    user.page = first;
    await user.sees(lines, ['<b>hello</b>']);
    await send('good morning');
    await user.sees(lines, ['<b>hello</b>', 'good morning']);
    user.page = second;
    await user.sees(lines, ['<b>hello</b>', 'good morning']);
    await first.close();
    await ready(1);
    await user.reload();
    await user.sees(lines, ['<b>hello</b>', 'good morning']);
  });
}
