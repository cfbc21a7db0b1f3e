// The demo's state room, used as a stranger would: two pages, reloads, a crash, a full storage, a damaged entry, a duplicated tab.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import puppeteer from 'puppeteer-core';
import { serve } from '../../scripts/serve.mjs';
import * as browsers from '../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../scripts/setup/webdriver.mjs';
import { inRoom } from './support/demo.mjs';
import { patient } from './support/patience.mjs';

describe('the state room', () => {
  let page;

  const see = (testid, text) => page.waitForFunction(
    ([testid, text]) => document.querySelector(`[data-testid="${testid}"]`)?.textContent.includes(text), [testid, text],
  );
  const told = code => page.getByTestId('journal').locator(`[data-code="${code}"]`).first();
  const opened = () => page.getByTestId('room-state').waitFor();
  const click = testid => page.getByTestId(testid).click();
  const rows = () => page.locator('[data-testid=entries] tbody tr').evaluateAll(all =>
    all.map(({ dataset: { key, kind, bytes } }) => ({ key, kind, bytes: Number(bytes) })));
  const row = async key => (await rows()).find(each => each.key === key);
  const waitForRow = (key, kind) => page.locator(`tr[data-key="${key}"][data-kind="${kind}"]`).waitFor();
  const draft = () => page.getByTestId('draft').evaluate(({ value, selectionStart: start, selectionEnd: end, scrollTop: top }) => ({ value, start, end, top }));

  /** Waits for what a click or a key leads to, which is another document. */
  const anotherDocument = async act => {
    await page.evaluate(() => { window.isOld = true; });
    await act();
    await page.waitForFunction(() => !window.isOld && document.querySelector('[data-testid=room-state]'));
  };

  const test = inRoom('state', opened => { page = opened; }, { own: true }); // a session of its own

  test('each of two pages keeps its own count, and both count for the session', async () => {
    for (let i = 0; i < 3; i++) await click('count');
    await see('page-count', '3');
    await anotherDocument(() => click('page-2'));
    await see('page-count', '0');
    await see('session-count', '3');
    await see('other-count', 'Page one stands at 3.');
    for (let i = 0; i < 2; i++) await click('count');
    await anotherDocument(() => click('page-1'));
    await see('page-count', '3');
    await see('session-count', '5');
    await see('other-count', 'Page two stands at 2.');
    await anotherDocument(() => page.goBack());
    await see('page-count', '2');
    await anotherDocument(() => page.reload());
    await see('page-count', '2');
    await see('session-count', '5');
    assert.deepEqual(await page.locator('.visit').evaluateAll(all => all.map(visit => visit.querySelector('.visit__page').textContent)),
      ['Page two', 'Page two', 'Page one', 'Page two', 'Page one']);
    await click('reset');
    await see('page-count', '0');
    await see('session-count', '3');
  });

  test('other rooms can be visited, and all is there on return', async () => {
    await click('count');
    await page.getByRole('link', { name: 'Tasks' }).click();
    await page.getByTestId('room-tasks').waitFor();
    await page.getByRole('link', { name: 'State' }).click();
    await see('page-count', '1');
    await click('count');
    await see('page-count', '2');
    assert.equal(await page.locator('.visit').count(), 1, 'it is the same document');
  });

  test('the draft is back after a reload: its text, the caret, the selection, and how far it was scrolled', async () => {
    await page.getByTestId('draft').fill(Array.from({ length: 60 }, (_, i) => `line ${i}`).join('\n'));
    await page.getByTestId('draft').press('Control+Home');
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.type('Here ');
    for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+ArrowRight');
    await page.getByTestId('draft').evaluate(area => { area.scrollTop = 400; });
    await page.waitForFunction(() => sessionStorage.getItem('taskloom:draft:place').includes('"top":400'));
    await see('draft-state', 'Saved');
    const left = await draft();
    assert.match(left.value, /Here line 30/);
    assert.equal(left.end - left.start, 4);

    await anotherDocument(() => click('reload'));
    assert.deepEqual(await draft(), left);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'draft', 'whoever was writing goes on');
    await page.keyboard.type('There');
    assert.match((await draft()).value, /Here There 30/);

    await click('start-over');
    assert.match((await draft()).value, /^Notes on a loom/);
  });

  test('a full storage is told once for each value, harms nothing, and what had no room is stored when there is some', async () => {
    await page.getByTestId('draft').fill('Short.');
    await see('draft-state', 'Saved');
    await click('fill');
    await told('full').waitFor();
    await see('used', '10.00 MiB');
    assert.match(await told('quota-exceeded').textContent(), /no room/);

    await page.getByTestId('draft').press('End');
    await page.keyboard.type(' And then some more than there is room for.');
    await see('draft-state', 'Not saved');
    await page.getByTestId('journal').getByText('“text” of draft has no room').waitFor();
    assert.equal(await page.getByTestId('journal').getByText('“text” of draft').count(), 1, 'not for each key that was pressed');
    assert.match(await page.evaluate(() => sessionStorage.getItem('taskloom:draft:text')), /"Short\.( An?)?/, 'the old text is there still');

    await click('make-room');
    await see('draft-state', 'Saved');
    await anotherDocument(() => page.reload());
    assert.equal((await draft()).value, 'Short. And then some more than there is room for.');
  });

  test('a reload while the storage is full goes back to what was stored', async () => {
    await page.getByTestId('draft').fill('Kept.');
    await see('draft-state', 'Saved');
    await click('fill');
    await told('full').waitFor();
    await page.getByTestId('draft').fill('This is far longer than the storage has room for.');
    await see('draft-state', 'Not saved');
    await anotherDocument(() => page.reload());
    assert.equal((await draft()).value, 'Kept.');
  });

  test('a damaged entry is kept aside and told, the rest is unharmed', async () => {
    for (let i = 0; i < 4; i++) await click('count');
    await see('session-count', '4');
    await anotherDocument(() => click('damage-taskloom::count'));
    await see('session-count', '0');
    await see('page-count', '4');
    await told('corrupt').waitFor();
    assert.match(await told('corrupt').textContent(), /“count” could not be read.*kept under taskloom~:count/);
    await waitForRow('taskloom~:count', 'aside');
    assert.match(await page.evaluate(() => sessionStorage.getItem('taskloom~:count')), /¿$/);
    await click('remove-taskloom~:count');
    await page.locator('tr[data-kind=aside]').waitFor({ state: 'detached' });
  });

  test('every entry that can be damaged is survived', async () => {
    await click('count');
    await anotherDocument(() => click('page-2'));
    await waitForRow('taskloom:page-2:count', 'json');
    const keys = (await rows()).filter(({ kind }) => kind === 'json' || kind === 'shape').map(({ key }) => key);
    assert.equal(keys.length, 6);
    for (const key of keys) {
      await anotherDocument(() => click(`damage-${key}`));
      await waitForRow(key.replace('taskloom:', 'taskloom~'), 'aside');
      await see('draft-state', 'Saved');
    }
  });

  test('the view has every entry with its kind and its size, and follows changes, from DevTools too', async () => {
    await waitForRow('taskloom:page-1:count', 'json');
    const all = await rows();
    assert.deepEqual(Object.fromEntries(all.map(({ key, kind }) => [key, kind])), {
      'taskloom-session': 'id', 'taskloom::count': 'json', 'taskloom::visits': 'shape', 'taskloom:draft:place': 'json', 'taskloom:draft:text': 'json',
      'taskloom:page-1:count': 'json',
    });
    const total = await page.evaluate(() => Object.entries({ ...sessionStorage }).reduce((sum, [key, text]) => sum + 2 * (key.length + text.length), 0));
    assert.equal(all.reduce((sum, { bytes }) => sum + bytes, 0), total);
    assert.equal(await page.getByTestId('storage-bar').getAttribute('aria-valuenow'), String(total));

    const { bytes } = await row('taskloom:draft:text');
    await page.getByTestId('draft').fill('12345');
    await page.waitForFunction(before => Number(document.querySelector('tr[data-key="taskloom:draft:text"]').dataset.bytes) < before, bytes);
    assert.equal((await row('taskloom:draft:text')).bytes, 2 * 'taskloom:draft:textt1:"12345"'.length);

    await page.evaluate(() => sessionStorage.setItem('somebody', 'else'));
    await waitForRow('somebody', 'foreign');
  });

  test('a duplicate of the tab finds out, goes on as a session of its own, and neither writes into the other', async () => {
    await click('count');
    const id = await page.getByTestId('session-id').textContent();
    const original = page;
    [page] = await Promise.all([page.context().waitForEvent('page'), click('duplicate')]);
    await opened();
    await see('page-count', '1');
    await told('fork').waitFor();
    assert.match(await told('fork').textContent(), new RegExp(`copy of session ${id}`));
    assert.notEqual(await page.getByTestId('session-id').textContent(), id);
    await click('count');
    await see('page-count', '2');
    page = original;
    assert.equal(await page.getByTestId('session-id').textContent(), id);
    await anotherDocument(() => page.reload());
    await see('page-count', '1');
    assert.equal(await page.getByTestId('session-id').textContent(), id, 'a reload is no duplicate');
  });

  test('all can be done with the keyboard', async () => {
    const tabTo = async testid => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement.dataset.testid) === testid) return;
      }
      assert.fail(`${testid} is not reached by the Tab key`);
    };
    await tabTo('count');
    await page.keyboard.press('Enter');
    await see('page-count', '1');
    await tabTo('draft');
    await page.keyboard.type('Typed ');
    await tabTo('damage-taskloom:page-1:count');
    await anotherDocument(() => page.keyboard.press('Space'));
    await told('corrupt').waitFor();
    await tabTo('remove-taskloom~page-1:count');
    await page.keyboard.press('Enter');
    await page.locator('tr[data-kind=aside]').waitFor({ state: 'detached' });
    await page.locator('body').press('Home');
    await tabTo('page-2');
    await anotherDocument(() => page.keyboard.press('Enter'));
    assert.match((await draft()).value, /Typed /);
  });

  test('a focused button keeps the focus while the table around it is drawn anew', async () => {
    await page.getByTestId('damage-taskloom:draft:text').focus();
    await page.evaluate(() => sessionStorage.setItem('somebody', 'else'));
    await waitForRow('somebody', 'foreign');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'damage-taskloom:draft:text');
  });

  for (const width of [360, 1280]) {
    test(`nothing has to be scrolled sideways at ${width} px, full and damaged`, async () => {
      await page.setViewportSize({ width, height: 740 });
      await anotherDocument(() => click('damage-taskloom:draft:text'));
      await click('fill');
      await told('full').waitFor();
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert(beyond <= 0, `${beyond} px too wide`);
    });
  }

  test('a screen reader finds a name for whatever can be used, one main heading, and no level skipped', async () => {
    await anotherDocument(() => click('damage-taskloom::visits'));
    const tree = await page.locator('body').ariaSnapshot();
    assert.doesNotMatch(tree, /- (button|link|textbox|combobox|img|meter|tab|heading|table)( \[[^\]]*\])*:?$/m, 'something has no name');
    const found = await page.evaluate(() => {
      const levels = [...document.querySelectorAll('h1, h2, h3')].filter(element => element.checkVisibility()).map(({ tagName }) => Number(tagName[1]));
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      return {
        mains: levels.filter(level => level === 1).length,
        skipped: levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1),
        duplicateIds: ids.filter((id, i) => ids.indexOf(id) !== i),
      };
    });
    assert.deepEqual(found, { mains: 1, skipped: [], duplicateIds: [] });
  });
});

/**
 * What an expression gives as soon as it gives something. By the protocol, since neither driver has a page for a tab that has crashed; what is asked
 * while the tab has no process is never answered, and is asked again.
 */
async function answered(tab, expression) {
  for (;;) {
    const asked = tab.send('Runtime.evaluate', { expression, returnByValue: true }).catch(() => undefined);
    const answer = await Promise.race([asked, new Promise(resolve => setTimeout(resolve, 500))]);
    if (answer?.result.value !== undefined) return answer.result;
  }
}

describe('the state room when its tab crashes', () => {
  it('the draft and the counts are there again', { timeout: patient(90_000) }, async () => {
    const server = await serve({ roots: { '/': 'www', '/taskloom/': 'pkg' } });
    const { chromium: executablePath } = await browsers.chromium();
    const browser = await puppeteer.launch({ browser: 'chrome', executablePath, args: chromiumArguments(), headless: true });
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}#/state`);
      const draft = await page.waitForSelector('[data-testid=draft]');
      await draft.click();
      await page.keyboard.type('Typed up to the crash. ');
      await page.click('[data-testid=count]');
      await page.keyboard.type(' '); // the button, again
      const tab = await page.createCDPSession();
      const crashed = new Promise(resolve => page.once('error', resolve));
      await page.goto('chrome://crash').catch(() => {});
      await crashed;
      await tab.send('Page.reload');
      const { value } = await answered(tab, `(() => {
        const text = testid => document.querySelector('[data-testid=' + testid + ']')?.textContent;
        if (!text('session-count')) return undefined;
        return { draft: document.querySelector('[data-testid=draft]').value, page: text('page-count'), session: text('session-count'), state: text('draft-state') };
      })()`);
      assert.match(value.draft, /Typed up to the crash\. /);
      assert.deepEqual({ ...value, draft: '' }, { draft: '', page: '2', session: '2', state: 'Saved' });
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
