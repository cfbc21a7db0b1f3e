// The demo's workers room: one picture, computed on the page and on workers, some of which are killed.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inRoom } from './support/demo.mjs';
import { patient } from './support/patience.mjs';

const TILES = 64;
const SKETCH = '1';
const DRAFT = '4';
const FINE = '25'; // takes longer than whatever the test does meanwhile, on a busy machine too; it is cancelled then

describe('the workers room', () => {
  let page;

  const lanes = () => page.getByTestId('lane').evaluateAll(all => all.map(({ dataset: { tiles, lost } }) => ({ tiles: Number(tiles), lost: Number(lost) })));
  const sum = (all, key) => all.reduce((total, lane) => total + lane[key], 0);
  const message = () => page.getByTestId('message').textContent();
  /** Until the browser has told of as many workers. */
  const untilWorkers = async count => {
    for (const giveUpAt = Date.now() + patient(60_000); page.workers().length !== count && Date.now() < giveUpAt;) {
      await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 20)));
    }
    assert.equal(page.workers().length, count);
  };
  const stats = async name => Number(await page.getByTestId(`stats-${name}`).textContent());
  const canUse = testid => page.getByTestId(testid).and(page.locator('[aria-disabled=false]')).waitFor();
  const choose = async ({ where = 'workers', workers = 2, quality = SKETCH } = {}) => {
    await page.getByTestId('workers').fill(String(workers));
    await page.getByTestId(`where-${where}`).check();
    await page.getByTestId('quality').selectOption(quality);
  };

  /** Waits until the picture is done, or something else has come of it. */
  const untilOver = async () => {
    await page.waitForFunction(
      () => /^(Done|Cancelled|It failed)/.test(document.querySelector('[data-testid=message]').textContent), null,
    );
    await canUse('render');
    return message();
  };
  const untilTiles = count => page.waitForFunction(
    count => [...document.querySelectorAll('[data-testid=lane]')].reduce((sum, { dataset }) => sum + Number(dataset.tiles), 0) >= count,
    count,
  );
  /** The page itself clicks as soon as so many tiles are there, since the picture goes on meanwhile; resolves to what it says then. */
  const clickAtTiles = (count, testid) => page.evaluate(async ({ count, testid }) => {
    const find = id => document.querySelector(`[data-testid=${id}]`);
    const tiles = () => [...document.querySelectorAll('[data-testid=lane]')].reduce((sum, { dataset }) => sum + Number(dataset.tiles), 0);
    while (tiles() < count || find(testid).ariaDisabled === 'true') await new Promise(resolve => setTimeout(resolve));
    find(testid).click();
    return find('message').textContent;
  }, { count, testid });
  /** The share of the picture's pixels that are there: each is opaque once its tile is done. */
  const painted = () => page.locator('.picture canvas').first().evaluate(canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return { opaque: data.every((value, i) => i % 4 < 3 || value === 255), colours: colours.size };
  });
  const seePicture = async () => {
    const { opaque, colours } = await painted();
    assert(opaque, 'a tile is missing');
    assert(colours > 1000, `${colours} colours`);
  };

  const test = inRoom('workers', opened => { page = opened; }, { timeout: 120_000 });

  test('two workers complete the picture, and the timeline shows what each has done', async () => {
    await choose();
    // A worker that takes long to start may find nothing left to do; it is there for the next picture.
    for (let pictures = 1, shared = false; !shared; pictures++) {
      await page.getByTestId('render').click();
      assert.match(await untilOver(), /^Done in [\d.]+ s on 2 workers/);
      await seePicture();
      const all = await lanes();
      assert.equal(all.length, 2);
      assert.equal(sum(all, 'tiles'), TILES);
      assert.equal(sum(all, 'lost'), 0);
      assert.equal(await stats('started'), 2);
      shared = all.every(({ tiles }) => tiles > 0);
      assert(shared || pictures < 5, JSON.stringify(all));
    }
    assert.equal(await stats('waiting') + await stats('running'), 0);
    await page.getByTestId('run-workers-2').waitFor();
  });

  test('a picture is completed though workers are killed while it is made; what they were at is shown as lost', async () => {
    await choose({ quality: '9' });
    await page.getByTestId('render').click();
    assert.match(await clickAtTiles(4, 'kill'), /^Worker \d was killed/);
    assert.match(await clickAtTiles(10, 'kill-1'), /^Worker \d was killed/);
    const said = await untilOver();
    await seePicture();
    const all = await lanes();
    assert.equal(sum(all, 'tiles'), TILES);
    const lost = Number(await page.getByTestId('lost').textContent());
    // A kill may fall between two tiles, or on a call whose worker has said nothing of it yet: no lane shows that one.
    assert(sum(all, 'lost') <= lost && lost <= 2, `${lost} lost: ${JSON.stringify(all)}`);
    if (lost > 0) assert.match(said, /lost with (its|their) workers? and made again/);
    assert.equal(await stats('lost'), lost);
    assert.equal(await stats('started'), 4);
  });

  test('cancel stops all workers at their tiles, and the same ones do the next picture', async () => {
    await choose({ quality: FINE });
    await page.getByTestId('render').click();
    await untilTiles(2);
    await page.getByTestId('cancel').click();
    assert.match(await untilOver(), /^Cancelled after/);
    const before = sum(await lanes(), 'tiles');
    assert(before < TILES);
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 300)));
    assert.equal(sum(await lanes(), 'tiles'), before, 'nothing goes on');
    await choose();
    await page.getByTestId('render').click();
    assert.match(await untilOver(), /^Done/);
    await seePicture();
  });

  for (const where of ['stretch', 'sliced']) {
    test(`the page computes the same picture itself (${where})`, async () => {
      await choose({ where });
      await page.getByTestId('render').click();
      assert.match(await untilOver(), /^Done in [\d.]+ s on the page/);
      await seePicture();
      assert.deepEqual(await lanes(), [{ tiles: TILES, lost: 0 }]);
      assert.match(await page.getByTestId(`run-${where}`).textContent(), /\d ms$/);
    });
  }

  test('another number of workers is another pool', async () => {
    await choose({ workers: 1 });
    await page.getByTestId('render').click();
    await untilOver();
    await choose({ workers: 3 });
    await page.getByTestId('render').click();
    assert.match(await untilOver(), /on 3 workers/);
    assert.equal((await lanes()).length, 3);
    assert.equal(await stats('started'), 3);
    assert.match(await page.getByTestId('run-workers-1').textContent(), /1\.00×/);
  });

  test('leaving the room in the middle ends its workers', async () => {
    await choose({ quality: FINE });
    await page.getByTestId('render').click();
    await untilTiles(1);
    await untilWorkers(2);
    await page.getByRole('link', { name: 'Tasks' }).click();
    await page.getByTestId('room-tasks').waitFor();
    await untilWorkers(0);
  });

  test('it is used by keyboard alone, and whatever can be used has a name', async () => {
    await choose({ quality: FINE });
    const focused = () => page.evaluate(() => document.activeElement.dataset.testid);
    const tabTo = async (testid, key = 'Tab') => {
      for (let presses = 0; presses < 40 && await focused() !== testid; presses++) await page.keyboard.press(key);
      assert.equal(await focused(), testid, `is reached by ${key}`);
    };
    await tabTo('render');
    await page.keyboard.press('Enter');
    await canUse('kill-2');
    await tabTo('kill-2');
    await page.keyboard.press('Space');
    assert.match(await message(), /^Worker 2 was killed/);
    assert.equal(await focused(), 'kill-2', 'the focus stays');
    await tabTo('cancel', 'Shift+Tab');
    await page.keyboard.press('Enter');
    assert.match(await untilOver(), /^Cancelled after/);
    const tree = await page.locator('main').ariaSnapshot();
    assert.doesNotMatch(tree, /- (button|link|slider|radio|combobox|img|progressbar|tab|heading|table)( \[[^\]]*\])*:?$/m, 'something has no name');
  });

  test('does not scroll sideways on a phone, at rest and at work', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await width(), 360);
    await choose({ workers: 4, quality: DRAFT });
    await page.getByTestId('render').click();
    await untilTiles(3);
    assert.equal(await width(), 360);
    await untilOver();
    assert.equal(await width(), 360);
  });
});
