// The demo's cache room: a slow function whose values grow old before one's eyes, a backend that fails, and several tabs.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inRoom } from './support/demo.mjs';

describe('the cache room', () => {
  let page;
  const test = inRoom('memo', opened => { page = opened; }, { own: true });

  const click = testid => page.getByTestId(testid).click();
  const card = city => page.locator(`[data-testid=entry][data-city="${city}"]`);
  const press = (city, testid) => card(city).getByTestId(testid).click();
  const isIn = (city, state) => page.locator(`[data-testid=entry][data-city="${city}"][data-state="${state}"]`).waitFor();
  const read = (city, part) => card(city).getByTestId(part).textContent();
  const stat = async name => Number(await page.getByTestId(`stat-${name}`).textContent());
  const until = (testid, pattern, opened = page) => opened.waitForFunction(
    ([testid, source]) => new RegExp(source).test(document.querySelector(`[data-testid="${testid}"]`)?.textContent), [testid, pattern.source],
  );
  const counts = (name, value) => until(`stat-${name}`, new RegExp(`^${value}$`));
  const lines = () => page.getByTestId('calls').locator('li').allTextContents();
  const logged = text => page.getByTestId('calls').locator('li', { hasText: text }).first().waitFor();

  const untilCard = (city, part, text) => card(city).getByTestId(part).filter({ hasText: text }).waitFor();

  /** The slow function need not be slow everywhere, and is very slow somewhere. */
  const setDelay = (ms, opened = page) => opened.getByTestId('delay').evaluate((slider, ms) => {
    slider.max = Math.max(slider.max, ms);
    slider.value = ms;
    slider.dispatchEvent(new Event('input'));
  }, ms);
  const hurry = () => setDelay(200);
  const setFreshFor = ttl => page.getByTestId('ttl').selectOption(ttl);

  test('the first call waits for the function, the next one is a hit, and the hit rate goes up', async () => {
    await setFreshFor('for ever');
    assert.equal(await page.getByTestId('hit-rate').textContent(), '–');
    await press('Lagos', 'call');
    await isIn('Lagos', 'made');
    await isIn('Lagos', 'fresh');
    assert.equal(await page.getByTestId('hit-rate').textContent(), '0%');
    const first = await read('Lagos', 'value');
    for (let hits = 1; hits <= 3; hits++) {
      await press('Lagos', 'call');
      await counts('hits', hits);
    }
    await until('hit-rate', /^75%$/);
    assert.equal(await page.getByTestId('summary').textContent(), '4 calls, 1 execution');
    assert.equal(await read('Lagos', 'value'), first);
    const [latest] = await lines();
    assert.match(latest, /hit.* ms.*Lagos/);
  });

  test('50 calls at once are one execution', async () => {
    await setFreshFor('for ever');
    await press('Quito', 'call-50');
    await until('message', /^50 calls of Quito at once: 1 execution/);
    await counts('misses', 1);
    await counts('shared', 49);
    await until('summary', /^50 calls, 1 execution$/);
    await press('Quito', 'call-50');
    await until('message', /^50 calls of Quito at once: no execution/);
    await until('summary', /^100 calls, 1 execution$/);
  });

  test('a value grows old and stale; who calls then gets it at once, and a new one is made behind', async () => {
    await card('Riga').evaluate(element => {
      window.states = [];
      new MutationObserver(() => window.states.push(element.dataset.state)).observe(element, { attributeFilter: ['data-state'] });
    });
    await setFreshFor('2s');
    await press('Riga', 'call');
    await untilCard('Riga', 'age', /^\d\.\d s old, fresh for [012]\.\d s$/);
    assert.equal(await read('Riga', 'run'), 'Execution 1');
    await isIn('Riga', 'stale');
    assert.match(await read('Riga', 'age'), /^\d+\.\d s old, over for/);
    assert.equal(await read('Riga', 'mark'), 'Stale');
    await press('Riga', 'call');
    await untilCard('Riga', 'run', /^Execution 2, refreshed 1×$/);
    assert.deepEqual((await page.evaluate(() => window.states)).slice(0, 5), ['made', 'fresh', 'stale', 'refreshing', 'fresh']);
    assert.deepEqual([await stat('misses'), await stat('stale'), await stat('refreshes')], [1, 1, 1]);
    assert.match((await lines())[0], /stale.* ms.*Riga/);
  });

  test('in the foreground the caller of a stale value waits for the new one', async () => {
    await hurry();
    await page.getByTestId('refresh').selectOption('foreground');
    await setFreshFor('2s');
    await press('Riga', 'call');
    await isIn('Riga', 'stale');
    await press('Riga', 'call');
    await untilCard('Riga', 'run', /^Execution 2/);
    await counts('misses', 2);
    assert.deepEqual([await stat('stale'), await stat('refreshes')], [0, 0]);
  });

  for (const refresh of ['background', 'foreground']) {
    test(`a backend that fails is outlasted by the stale value, refreshed in the ${refresh}`, async () => {
      await hurry();
      await page.getByTestId('refresh').selectOption(refresh);
      await setFreshFor('2s');
      await press('Dakar', 'call');
      await isIn('Dakar', 'stale');
      const value = await read('Dakar', 'value');
      await page.getByTestId('failing').check();
      await press('Dakar', 'call');
      await page.locator('[data-city=Dakar][data-failed=true]').waitFor();
      await logged(refresh === 'background' ? 'The refresh has failed' : 'since the backend fails');
      assert.equal(await read('Dakar', 'value'), value);
      assert.match(await read('Dakar', 'age'), /: refresh failed$/);

      await press('Hanoi', 'call');
      await logged('Hanoi the backend does not answer');
      await untilCard('Hanoi', 'age', /^The backend does not answer$/);
      await counts('failures', 2);

      await page.getByTestId('failing').uncheck();
      await press('Dakar', 'call');
      await untilCard('Dakar', 'run', /^Execution 4, refreshed 1×$/);
    });
  }

  test('all are warmed a few at a time, and one or all can be cleared', async () => {
    await hurry();
    await setFreshFor('for ever');
    await click('warm');
    await until('message', /^Warm/);
    await page.locator('[data-testid=entry][data-state=fresh]').nth(8).waitFor();
    await counts('misses', 9);
    assert.match(await read('Suva', 'age'), /fresh for ever$/);
    await press('Suva', 'clear');
    await isIn('Suva', 'empty');
    assert.equal(await read('Suva', 'age'), 'Cleared');
    assert.equal(await page.locator('[data-testid=entry][data-state=fresh]').count(), 8);
    await click('clear-all');
    await isIn('Bergen', 'empty');
    assert.equal(await page.locator('[data-testid=entry][data-state=empty]').count(), 9);
    await press('Suva', 'call');
    await isIn('Suva', 'fresh');
    await counts('misses', 10);
  });

  test('a value that arrives after it was cleared is not kept', async () => {
    await press('Suva', 'call');
    await isIn('Suva', 'made');
    await press('Suva', 'clear');
    await isIn('Suva', 'empty');
    await logged('Suva');
    assert.equal(await card('Suva').getAttribute('data-state'), 'empty');
  });

  test('a city of one\'s own takes the place of the one that was not used for longest', async () => {
    await hurry();
    await setFreshFor('for ever');
    await click('warm');
    await until('message', /^Warm/);
    await press('Bergen', 'call');
    await logged('Bergen');
    await page.getByTestId('other-city').fill('Oslo');
    await page.keyboard.press('Enter');
    await isIn('Oslo', 'fresh');
    await isIn('Cusco', 'empty');
    assert.equal(await read('Cusco', 'age'), 'Evicted: the others were used since');
    assert.equal(await card('Bergen').getAttribute('data-state'), 'fresh');
    await counts('evictions', 1);
  });

  // ---- several tabs ------------------------------------------------------------------------------------------------

  const row = (opened, letter, doing) => opened.locator(`[data-testid=tab][data-letter="${letter}"]${doing ? `[data-doing="${doing}"]` : ''}`);
  const waitForRow = (opened, letter, doing) => row(opened, letter, doing).waitFor();

  async function openTab(letter) {
    const [opened] = await Promise.all([page.context().waitForEvent('page'), click('open-tab')]);
    await opened.getByTestId('room-memo').waitFor();
    await waitForRow(opened, letter);
    await waitForRow(page, letter);
    return opened;
  }

  test('two tabs that call at once: one runs the function, the other takes its value; a tab that comes later finds it stored', async () => {
    await waitForRow(page, 'A', 'nothing');
    const second = await openTab('B');
    await click('shared-call-all');
    const ran = page.locator('[data-testid=tab][data-doing=computed]');
    const took = page.locator('[data-testid=tab][data-doing=taken]');
    await ran.waitFor();
    await took.waitFor();
    await until('tabs-summary', /^2 tabs, 2 calls, 1 execution\.$/);
    const maker = await ran.getAttribute('data-letter');
    assert.match(await took.textContent(), new RegExp(`Took the value that tab ${maker} has made`));
    const value = await page.getByTestId('shared-value').textContent();
    await until('shared-value', new RegExp(`^${value}$`), second);

    const third = await openTab('C');
    await third.getByTestId('shared-call').click();
    await waitForRow(third, 'C', 'taken');
    assert.equal(await third.getByTestId('shared-value').textContent(), value);
    assert.equal(await third.getByTestId('shared-by').textContent(), `Made in tab ${maker}`);
    await until('tabs-summary', /^3 tabs, 3 calls, 1 execution\.$/);

    await third.getByTestId('shared-call').click();
    await waitForRow(third, 'C', 'remembered');
    await until('tabs-summary', /^3 tabs, 4 calls, 1 execution\.$/);
    await third.close();
    await until('tabs-summary', /^2 tabs/);
  });

  test('a tab that is closed while it runs the function is replaced by the other', async () => {
    const second = await openTab('B');
    await setDelay(600_000, second);
    await second.getByTestId('shared-call').click();
    await waitForRow(page, 'B', 'computing');
    await hurry();
    await click('shared-call');
    await waitForRow(page, 'A', 'waiting');
    await second.close();
    await waitForRow(page, 'A', 'computed');
    assert.equal(await page.getByTestId('shared-by').textContent(), 'Made in this tab');
  });

  test('what is cleared in one tab is cleared in all, and made once more', async () => {
    await hurry();
    const second = await openTab('B');
    await click('shared-call');
    await waitForRow(page, 'A', 'computed');
    await second.getByTestId('shared-call').click();
    await waitForRow(page, 'B', 'taken');
    await second.getByTestId('shared-clear').click();
    await until('shared-value', /^–$/);
    await until('shared-value', /^–$/, second);
    await click('shared-call');
    await until('shared-by', /this tab/);
    await until('tabs-summary', /2 executions/);
  });

  // ---- the page ----------------------------------------------------------------------------------------------------

  test('other rooms can be visited with values in the caches, and while the function runs', async () => {
    await press('Lagos', 'call');
    await click('shared-call');
    await waitForRow(page, 'A', 'computed');
    await press('Bergen', 'call');
    await click('shared-clear');
    await click('shared-call');
    await page.getByRole('link', { name: 'State' }).click();
    await page.getByTestId('room-state').waitFor();
    await page.getByRole('link', { name: 'Cache' }).click();
    await waitForRow(page, 'A', 'nothing');
    assert.equal(await card('Bergen').getAttribute('data-state'), 'empty', 'each visit begins with a new cache');
  });

  for (const width of [360, 1280]) {
    test(`nothing has to be scrolled sideways at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 740 });
      await hurry();
      await page.getByTestId('other-city').fill('A'.repeat(24));
      await click('call-other');
      await logged('A'.repeat(24));
      await press('Bergen', 'call-50');
      await logged('50 calls');
      await click('shared-call');
      await waitForRow(page, 'A', 'computed');
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert(beyond <= 0, `${beyond} px too wide`);
    });
  }

  test('a screen reader finds a name for whatever can be used, one main heading, and no level skipped', async () => {
    await hurry();
    await press('Bergen', 'call');
    await logged('Bergen');
    const tree = await page.locator('body').ariaSnapshot();
    assert.doesNotMatch(tree, /- (button|link|textbox|combobox|slider|checkbox|img|tab|heading)( \[[^\]]*\])*:?$/m, 'something has no name');
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

  test('all can be done with the keyboard', async () => {
    await hurry();
    await card('Bergen').getByTestId('call').focus();
    await page.keyboard.press('Enter');
    await logged('Bergen');
    for (const testid of ['call-50', 'clear']) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), testid);
    }
    await page.keyboard.press('Space');
    await isIn('Bergen', 'empty');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'clear', 'the focus stays');
  });
});
