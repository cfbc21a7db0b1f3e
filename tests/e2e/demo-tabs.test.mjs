// The demo's room of tabs, used as a stranger would: its two frames, which are two tabs, and further tabs that come and go.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inRoom } from './support/demo.mjs';

describe('the room of tabs', () => {
  let page;
  const test = inRoom('tabs', opened => { page = opened; }, { own: true });

  /** A tab, in a frame or a page of its own, by what is seen and done in it. */
  const tabIn = root => {
    const at = testid => root.getByTestId(testid);
    return {
      at,
      click: testid => at(testid).click(),
      sees: async (testid, text) => at(testid).filter({ hasText: text }).waitFor(),
      name: () => at('name').textContent(),
      say: async text => {
        await at('chat-field').fill(text);
        await at('chat-field').press('Enter');
      },
      lines: () => at('chat-lines').locator('.chat__text').allTextContents(),
    };
  };
  const frames = () => ['first', 'second'].map(name => tabIn(page.frameLocator(`[data-testid=tab-${name}]`)));

  async function oneMore() {
    const [opened] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('open-tab').click()]);
    const tab = tabIn(opened);
    await tab.at('name').waitFor();
    return { ...tab, page: opened };
  }

  test('two tabs count together, each hundred at once, and each says who was last', async () => {
    const [first, second] = frames();
    await first.click('add');
    await second.sees('count', /^1$/);
    await second.sees('count-by', `${await first.name()} has counted last.`);
    await Promise.all([first.click('add-many'), second.click('add-many')]);
    for (const tab of [first, second]) await tab.sees('count', /^201$/);
    await second.click('reset');
    for (const tab of [first, second]) await tab.sees('count', /^0$/);
    await second.sees('count-by', 'This tab has counted last.');
  });

  test('a slider that is moved in one moves in the other, and the last one has it', async () => {
    const [first, second] = frames();
    await first.at('dial').focus();
    for (let i = 0; i < 15; i++) await page.keyboard.press('ArrowRight');
    await second.sees('dial-value', '65 %');
    await second.at('dial').focus();
    await page.keyboard.press('Home');
    await first.sees('dial-value', '0 %');
    assert.equal(await first.at('dial').inputValue(), '0');
  });

  test('what is said is there in all tabs, as text, in its room alone, and after a reload', async () => {
    const [first, second] = frames();
    await first.say('<img src=x onerror=alert(1)>');
    await second.sees('chat-lines', '<img src=x');
    await second.say('Good morning');
    await first.sees('chat-lines', 'Good morning');
    await second.click('chat-dyers');
    await second.sees('chat-lines', 'Nobody has said anything');
    await second.say('Madder for red');
    await first.sees('chat-dyers', 'new');
    assert.deepEqual(await first.lines(), ['<img src=x onerror=alert(1)>', 'Good morning']);
    await first.at('chat-all').press('ArrowLeft'); // round to the last
    assert.deepEqual(await first.lines(), ['Madder for red']);
    assert(!(await first.at('chat-dyers').textContent()).includes('new'));
    await Promise.all([first, second].map(async (tab, i) => {
      for (let n = 0; n < 5; n++) { // without the keyboard, of which there is one
        await tab.at('chat-field').evaluate((field, text) => {
          field.value = text;
          field.form.requestSubmit();
        }, `${i} says ${n}`);
      }
    }));
    for (const text of ['0 says 4', '1 says 4']) await first.sees('chat-lines', text);
    await page.reload();
    const [again] = frames();
    await again.click('chat-dyers');
    await again.sees('chat-lines', '1 says 4');
    assert.deepEqual((await again.lines()).sort(), ['Madder for red', ...[0, 1].flatMap(i => [0, 1, 2, 3, 4].map(n => `${i} says ${n}`))].sort(), 'nobody has lost a word');
  });

  test('each tab sees who is there, and a tab that comes late begins with what is shared', async () => {
    const [first, second] = frames();
    await first.click('add');
    await second.sees('count', /^1$/);
    const third = await oneMore();
    await third.sees('count', /^1$/);
    for (const tab of [first, second, third]) await tab.sees('presence', await third.name());
    await third.click('add');
    await first.sees('count', /^2$/);
    await third.page.close();
    for (const tab of [first, second]) await tab.at('presence').locator('li').nth(1).waitFor();
    await first.at('presence').locator('li').nth(2).waitFor({ state: 'detached' });
  });

  test('one tab has the shuttle, the other waits, and has it when the first gives it back', async () => {
    const [first, second] = frames();
    await first.click('shuttle-take');
    await first.sees('shuttle-state', 'This tab has it');
    await second.sees('shuttle-state', `${await first.name()} has it.`);
    await second.click('shuttle-take');
    await second.sees('shuttle-state', 'waits for its turn');
    await second.sees('shuttle-give', 'Stop waiting');
    await second.click('shuttle-give');
    await second.sees('shuttle-state', `${await first.name()} has it.`);
    await second.click('shuttle-take');
    await first.click('shuttle-give');
    await second.sees('shuttle-state', 'This tab has it');
    await second.click('shuttle-give');
    for (const tab of [first, second]) await tab.sees('shuttle-state', 'It lies on the bench.');
  });

  test('when the tab that has the shuttle is closed the next has it', async () => {
    const [first] = frames();
    const third = await oneMore();
    await third.click('shuttle-take');
    await third.sees('shuttle-state', 'This tab has it');
    await first.click('shuttle-take');
    await first.sees('shuttle-state', 'waits for its turn');
    await third.page.close();
    await first.sees('shuttle-state', 'This tab has it');
  });

  test('in a narrow window the tabs stand below each other, and nothing is cut off; the theme is that of the page', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const [first, second] = frames();
    await second.at('shuttle-take').waitFor();
    const boxes = await Promise.all(['tab-first', 'tab-second'].map(id => page.getByTestId(id).boundingBox()));
    assert(boxes[1].y >= boxes[0].y + boxes[0].height);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    for (const tab of [first, second]) assert.equal(await tab.at('name').evaluate(({ ownerDocument: { documentElement } }) => documentElement.scrollWidth <= documentElement.clientWidth), true);
    const theme = () => first.at('name').evaluate(({ ownerDocument }) => ownerDocument.documentElement.dataset.theme ?? 'none');
    await page.getByTestId('theme-toggle').click();
    const shown = await page.evaluate(() => document.documentElement.dataset.theme);
    await first.at('name').evaluate(({ ownerDocument }, shown) => new Promise(resolve => {
      const look = () => (ownerDocument.documentElement.dataset.theme === shown ? resolve() : setTimeout(look, 10));
      look();
    }), shown);
    assert.equal(await theme(), shown);
  });
});
