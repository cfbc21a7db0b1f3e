// The demo's queue room: a manager of flaky jobs, steered by its controls.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inRoom } from './support/demo.mjs';

describe('the queue room', () => {
  let page;
  const count = async name => Number(await page.getByTestId(`count-${name}`).textContent());
  const settled = async () => await count('done') + await count('failed') + await count('cancelled');
  const until = (name, value) => page.waitForFunction(
    ([name, value]) => Number(document.querySelector(`[data-testid="count-${name}"]`).textContent) === value, [name, value],
  );

  const test = inRoom('queue', opened => { page = opened; });

  test('runs no more jobs at once than it has places, and what waits can be cancelled', async () => {
    await page.getByTestId('add-20').click();
    await page.locator('[data-testid=place][data-state=running]').first().waitFor();
    const places = await page.locator('[data-testid=place]:not([data-state=free])').count();
    assert(places <= Number(await page.getByTestId('concurrency').inputValue()), `${places} at once`);
    await page.getByTestId('cancel-waiting').click();
    await until('waiting', 0);
    assert(await count('cancelled') >= 20 - places - 1);
    await page.getByTestId('cancel-all').click();
    await until('running', 0);
    assert.equal(await settled(), 20);
  });

  test('starts nothing while it is paused', async () => {
    await page.getByTestId('pause').click();
    await page.getByTestId('add-1').click();
    await until('waiting', 1);
    assert.equal(await count('running'), 0);
    await page.getByTestId('pause').click();
    await until('waiting', 0);
  });

  test('a job of the same key is not run a second time', async () => {
    await page.getByTestId('add-report').click();
    await page.getByTestId('add-report').click();
    await page.locator('[data-testid=place][data-state=running]').first().waitFor();
    assert.equal(await count('waiting') + await page.locator('[data-testid=place]:not([data-state=free])').count(), 1);
  });

  test('does not scroll sideways on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByTestId('add-20').click();
    await page.locator('[data-testid=place][data-state=running]').first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  });
});
