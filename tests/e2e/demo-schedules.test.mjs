// The demo's room of schedules: a timeline that moves, a cron editor, a page that is held, and several tabs. The tests of one tab move its clock; what no clock can fake
// goes by the machine's.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inRoom } from './support/demo.mjs';
import { patient } from './support/patience.mjs';

const STEP_MS = 200; // of a faked clock: no run in these tests is shorter

describe('the room of schedules', () => {
  let page, isFaked;

  const at = testid => page.getByTestId(testid);
  const click = testid => at(testid).click();
  const job = (id, opened = page) => opened.locator(`[data-testid=job][data-job=${id}]`);
  const press = (id, testid) => job(id).getByTestId(testid).click();
  const isIn = (id, state) => shows(page.locator(`[data-job=${id}][data-state=${state}]`));
  const stat = async (id, name) => Number((await job(id).getByTestId(`stat-${name}`).textContent()).replace(',', ''));
  const marks = (id, fate) => job(id).locator(`[data-testid=tick][data-fate=${fate}]`);
  const bars = (id, end) => job(id).locator(`[data-testid=run][data-end=${end}]`);
  const next = id => job(id).getByTestId('next').textContent();
  const runsFrom = (id, count) => until(async () => (await stat(id, 'runs')) >= count, `${count} runs of ${id}`);

  async function until(read, what) {
    for (const giveUpAt = Date.now() + patient(60_000); Date.now() < giveUpAt;) {
      if (await read()) return;
      if (isFaked) await page.clock.runFor(STEP_MS);
      else await new Promise(resolve => setTimeout(resolve, 50));
    }
    assert.fail(`waited in vain for ${what}`);
  }

  /** Waits until the page shows it, moving the clock if it is faked. */
  const shows = locator => until(() => locator.isVisible(), locator);

  const setRunTakes = (ms, opened = page) => opened.getByTestId('run-takes').evaluate((slider, ms) => {
    slider.value = ms;
    slider.dispatchEvent(new Event('input'));
  }, ms);

  /** Between two runs of the interval. */
  const betweenRuns = () => until(async () => (await bars('interval', 'running').count()) === 0 && /in [12]\.\d s$/.test(await next('interval')), 'a pause');

  /** The runs that the editor lists, `{ day, time, offset, at }` each. */
  const listed = () => at('upcoming').getByTestId('run-at').evaluateAll(rows => rows.map(row => {
    const [day, time, offset] = [...row.children].map(({ textContent }) => textContent);
    return { day, time, offset, at: row.dataset.time };
  }));

  const row = (opened, letter, leads) => opened.locator(`[data-testid=tab][data-letter="${letter}"]${leads === undefined ? '' : `[data-leads=${leads}]`}`);

  const held = id => page.locator(`[data-testid=absence-job][data-job=${id}]`);
  /** How many ticks of a job came due while the page was held, by what became of them. */
  const fates = id => held(id).locator('.absence__tick').evaluateAll(chips => {
    const counts = { all: chips.length };
    for (const { dataset: { fate } } of chips) counts[fate] = (counts[fate] ?? 0) + 1;
    return counts;
  });

  async function hold({ missed, grace = '1s' }) {
    await setRunTakes(200);
    await betweenRuns();
    await at('missed').selectOption(missed);
    await at('grace').selectOption(grace);
    await betweenRuns();
    assert.match(await at('absence').textContent(), /awake so far/);
    if (isFaked) {
      await page.clock.fastForward(10_000); // as after sleep: what came due in between is called once
      await shows(at('absence').filter({ hasText: /^The page could not run, or only now and then, for 1\d\.\d s, until / }));
    } else {
      await click('hold');
      await shows(at('absence').filter({ hasText: /^The page was held for 1\d\.\d s, until / }));
    }
    await until(async () => !('due' in (await fates('interval'))) && !('waiting' in (await fates('interval'))), 'the end of what is made up for');
    return fates('interval');
  }

  describe('by a clock that the test moves', () => {
    const test = inRoom('schedules', opened => { page = opened; isFaked = true; }, { own: true, fakesClock: true });

    // ---- jobs --------------------------------------------------------------------------------------------------------

    test('a job can be paused, resumed, run at once, cancelled and scheduled again', async () => {
      await press('interval', 'toggle');
      await isIn('interval', 'paused');
      assert.equal(await next('interval'), 'No ticks until it is resumed');
      assert.equal(await marks('interval', 'ahead').count(), 0);
      const runs = await stat('interval', 'runs');
      await press('interval', 'run-now');
      await shows(at('message').filter({ hasText: 'Every three seconds: runs now.' }));
      await shows(job('interval').locator('[data-testid=run][data-manual=true][data-end=done]'));
      assert.equal(await stat('interval', 'runs'), runs, 'a run that was asked for is not one of a tick');
      await press('interval', 'toggle');
      await isIn('interval', 'active');
      await runsFrom('interval', runs + 1);
      await press('interval', 'cancel');
      await isIn('interval', 'ended');
      assert.equal(await next('interval'), 'No more runs');
      assert.equal(await job('interval').getByTestId('run-now').getAttribute('aria-disabled'), 'true');
      assert.equal(await job('interval').getByTestId('cancel').textContent(), 'Schedule again');
      await press('interval', 'cancel');
      await isIn('interval', 'active');
      await runsFrom('interval', 1);
    });

    test('a cancel ends the run under way too', async () => {
      await setRunTakes(8000);
      await press('cron', 'run-now');
      await shows(bars('cron', 'running'));
      await press('cron', 'cancel');
      await shows(bars('cron', 'cancelled'));
    });

    // ---- policies ----------------------------------------------------------------------------------------------------

    test('while a slow run is under way a tick is skipped, and counted', async () => {
      await setRunTakes(4000);
      await shows(marks('interval', 'skipped').first());
      assert((await stat('interval', 'skipped')) >= 1);
    });

    test('or it waits for its turn', async () => {
      await at('overlap').selectOption('queue');
      await setRunTakes(5000);
      await shows(marks('interval', 'waiting').first());
      assert((await stat('interval', 'waiting')) >= 1);
      await shows(marks('interval', 'late').first());
      assert.equal(await stat('interval', 'skipped'), 0);
    });

    test('or it cancels the run before it', async () => {
      await at('overlap').selectOption('cancel-previous');
      await setRunTakes(5000);
      await shows(bars('interval', 'cancelled').first());
      assert.equal(await bars('interval', 'done').count(), 0);
    });

    test('policies may be changed while a run is under way: the job keeps its beat, and goes on when that run has ended', async () => {
      await setRunTakes(2000);
      await shows(bars('interval', 'running'));
      const runs = await stat('interval', 'runs');
      const due = (await next('interval')).split(',')[0];
      await at('missed').selectOption('all');
      await shows(at('message').filter({ hasText: 'Each has kept its beat' }));
      assert.equal((await next('interval')).split(',')[0], due);
      await runsFrom('interval', runs + 2);
    });

    // ---- the page is held --------------------------------------------------------------------------------------------

    test('or each by a run of its own, one after another', async () => {
      const { all, late = 0, ran = 0 } = await hold({ missed: 'all' });
      assert(all >= 3);
      assert.equal(late + ran, all);
      assert(late >= 2);
    });

    test('or they are left out, but for the newest one if it is not too late', async () => {
      const { all, left, late = 0, ran = 0 } = await hold({ missed: 'skip' });
      assert(all >= 3);
      assert(late + ran <= 1);
      assert.equal(left, all - late - ran);
      assert((await stat('interval', 'missed')) >= left);
    });

    test('how late the newest one may be is the grace', async () => {
      const { all, left, late = 0, ran = 0 } = await hold({ missed: 'skip', grace: '90s' });
      assert.deepEqual({ left, run: late + ran }, { left: all - 1, run: 1 });
    });

    // ---- the editor --------------------------------------------------------------------------------------------------

    const spelled = () => page.locator('[data-testid=field] dd').allTextContents();
    const invalid = () => page.locator('[data-testid=field][data-invalid=true]').evaluateAll(cells => cells.map(({ dataset }) => dataset.field));

    test('an expression lists its next runs as it is typed, and is the rhythm of the reader\'s job', async () => {
      assert.deepEqual(await spelled(), ['–', '0', '9', '*', '*', 'MON-FRI']);
      assert.equal((await listed()).length, 8);
      assert((await listed()).every(({ day, time }) => time === '09:00' && !/Sat|Sun/.test(day)));
      await at('cron').fill('*/20 * * * * *');
      assert.deepEqual(await spelled(), ['*/20', '*', '*', '*', '*', '*']);
      assert.equal(await job('yours').getByTestId('rhythm').textContent(), '*/20 * * * * *');
      const [first] = await listed();
      await runsFrom('yours', 1);
      await until(async () => (await listed())[0].at > first.at, 'the list to go on');
    });

    test('what is wrong with an expression is said, and its field marked; the job stays as it was', async () => {
      for (const [expression, field, message] of [
        ['0 25 * * MON-FRI', 'hour', /^cron\.hour is '25'; it must be 0 to 23/],
        ['60 * * * * *', 'second', /^cron\.second is '60'/],
        ['0 9 L-40 * *', 'dayOfMonth', /^cron\.dayOfMonth is 'L-40'/],
        ['0 9 * FOO *', 'month', /^cron\.month is 'FOO'/],
        ['0 9 * * 8', 'dayOfWeek', /^cron\.dayOfWeek is '8'/],
      ]) {
        await at('cron').fill(expression);
        assert.match(await at('cron-error').textContent(), message);
        assert.deepEqual(await invalid(), [field]);
        assert.equal(await at('cron').getAttribute('aria-invalid'), 'true');
      }
      await at('cron').fill('every day');
      assert.match(await at('cron-error').textContent(), /five fields/);
      assert.deepEqual(await invalid(), []);
      assert.equal(await job('yours').getByTestId('rhythm').textContent(), '0 9 * * MON-FRI');
      await at('cron').fill('@hourly');
      assert.equal(await at('cron-error').textContent(), '');
      assert.equal(await at('cron').getAttribute('aria-invalid'), 'false');
      assert.equal(await job('yours').getByTestId('rhythm').textContent(), '@hourly');
    });

    test('another zone is another plan, at once', async () => {
      await at('zone').selectOption('Asia/Tokyo');
      const tokyo = await listed();
      assert(tokyo.every(({ at, time, offset }) => at.includes('T00:00:00') && time === '09:00' && offset === 'GMT+9'), 'nine there is midnight in UTC');
      assert.match(await next('yours'), /09:00( in Asia\/Tokyo)?,/);
      await at('zone').selectOption('Asia/Kolkata');
      assert((await listed()).every(({ at }) => at.includes('T03:30:00')));
      assert.match(await next('yours'), /09:00( in Asia\/Kolkata)?,/);
      assert.equal(await at('near-gap').getAttribute('aria-disabled'), 'true', 'the clocks do not change there');
      assert.match(await at('change').textContent(), /do not change/);
    });

    test('the dialect says which day is 1', async () => {
      await at('cron').fill('0 9 * * 1');
      assert((await listed()).every(({ day }) => day.startsWith('Mon')));
      await at('dialect').selectOption('apscheduler');
      assert((await listed()).every(({ day }) => day.startsWith('Tue')));
    });

    const clocks = () => at('upcoming').getByTestId('clocks').textContent();
    const onDayOfChange = async () => {
      const rows = await listed();
      const offsets = rows.map(({ offset }) => offset);
      return rows.filter(({ day }) => day === rows[offsets.findIndex((offset, i) => i > 0 && offset !== offsets[i - 1])].day).map(({ time, offset }) => `${time} ${offset}`);
    };

    test('where the clocks go forward a fixed time runs at the first moment after the gap; a pace has no runs in it', async () => {
      await at('example').selectOption('30 2 * * *');
      await click('near-gap');
      assert.match(await clocks(), /forward: after 01:59 comes 03:00$/);
      assert.deepEqual(await onDayOfChange(), ['03:00 GMT+2']);
      assert.equal((await listed()).filter(({ time }) => time === '02:30').length, 7);
      await at('cron').fill('*/30 1-3 * * *');
      await click('near-gap');
      assert.deepEqual(await onDayOfChange(), ['01:00 GMT+1', '01:30 GMT+1', '03:00 GMT+2', '03:30 GMT+2']);
    });

    test('where they go back a fixed time runs the first time only; a pace runs in both passes', async () => {
      await at('zone').selectOption('America/New_York');
      await at('cron').fill('30 1 * * *');
      await click('near-fold');
      assert.match(await clocks(), /back: after 01:59 comes 01:00 again$/);
      assert.equal((await listed()).filter(({ time }) => time === '01:30').length, 8);
      const days = (await listed()).map(({ day }) => day);
      assert.equal(new Set(days).size, 8, 'once a day');
      await at('cron').fill('*/30 1 * * *');
      await click('near-fold');
      assert.deepEqual(await onDayOfChange(), ['01:00 GMT-4', '01:30 GMT-4', '01:00 GMT-5', '01:30 GMT-5']);
    });

    test('runs can be listed after any time, in the zone that is chosen', async () => {
      await at('zone').selectOption('Australia/Lord_Howe'); // half an hour forward
      await at('cron').fill('15 2 * * *');
      await at('after').fill('2026-10-03T12:00');
      await at('after').dispatchEvent('change');
      assert.match(await clocks(), /after 01:59 comes 02:30$/);
      const [first, second] = await listed();
      assert.deepEqual([first.day, first.time, first.at], ['Sun, 4 Oct 2026', '02:30', '2026-10-03T15:30:00.000Z']);
      assert.deepEqual([second.time, second.at], ['02:15', '2026-10-04T15:15:00.000Z']);
      await click('after-now');
      assert.equal(await at('after').inputValue(), '');
      assert(Date.parse((await listed())[0].at) > Date.now());
    });

    // ---- the page ----------------------------------------------------------------------------------------------------

    test('who leaves the room leaves no job behind, and finds fresh ones on return', async () => {
      await setRunTakes(8000);
      await press('interval', 'run-now');
      await shows(bars('interval', 'running'));
      const jobs = () => page.evaluate(async () => (await import('/taskloom.js')).getScheduler().jobs.length);
      assert.equal(await jobs(), 4);
      await page.getByRole('link', { name: 'State' }).click();
      await page.getByTestId('room-state').waitFor();
      assert.equal(await jobs(), 0);
      await page.getByRole('link', { name: 'Schedules' }).click();
      await isIn('interval', 'active');
      await shows(row(page, 'A', true));
      assert.equal(await stat('interval', 'runs'), 0);
    });

    for (const width of [360, 1280]) {
      test(`nothing has to be scrolled sideways at ${width} px`, async () => {
        await page.setViewportSize({ width, height: 740 });
        await page.getByText('Or suspend this tab').click();
        await shows(row(page, 'A', true));
        await click('near-gap');
        await at('cron').fill('0,15,30,45 8-18/2 1,15,LW JAN,MAR,MAY,JUL,SEP,NOV MON-FRI'); // all that fits
        await runsFrom('interval', 1);
        const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert((await tooWide()) <= 0, `${await tooWide()} px too wide`);
        await at('cron').fill(`0 9 * * ${'M'.repeat(60)}`);
        assert((await tooWide()) <= 0, `${await tooWide()} px too wide with an error`);
      });
    }

    test('a screen reader finds a name for whatever can be used, one main heading, and no level skipped', async () => {
      await shows(row(page, 'A', true));
      await runsFrom('interval', 1);
      const tree = await page.locator('body').ariaSnapshot();
      assert.doesNotMatch(tree, /- (button|link|textbox|combobox|slider|checkbox|img|tab|heading)( \[[^\]]*\])*:?$/m, 'something has no name');
      const found = await page.evaluate(() => {
        const levels = [...document.querySelectorAll('h1, h2, h3')].filter(element => element.checkVisibility()).map(({ tagName }) => Number(tagName[1]));
        const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
        return {
          mains: levels.filter(level => level === 1).length,
          skipped: levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1),
          duplicateIds: ids.filter((id, i) => ids.indexOf(id) !== i),
          unlabelled: [...document.querySelectorAll('#room :is(input, select)')].filter(({ labels }) => labels.length !== 1).map(({ outerHTML }) => outerHTML),
        };
      });
      assert.deepEqual(found, { mains: 1, skipped: [], duplicateIds: [], unlabelled: [] });
    });

    test('all can be done with the keyboard, and the focus stays', async () => {
      const focused = () => page.evaluate(() => document.activeElement.dataset.testid);
      await job('interval').getByTestId('toggle').focus();
      await page.keyboard.press('Enter');
      await isIn('interval', 'paused');
      for (const testid of ['run-now', 'cancel']) {
        await page.keyboard.press('Tab');
        assert.equal(await focused(), testid);
      }
      await page.keyboard.press('Space');
      await isIn('interval', 'ended');
      assert.equal(await focused(), 'cancel');
      await page.keyboard.press('Space');
      await isIn('interval', 'active');
      await at('cron').focus();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('0 25 * * *');
      assert.deepEqual(await invalid(), ['hour']);
      assert.equal(await focused(), 'cron');
    });
  });

  describe('by the machine\'s own clock', () => {
    const test = inRoom('schedules', opened => { page = opened; isFaked = false; }, { own: true });

    test('ticks that are ahead come, run on time, and are behind', async () => {
      await shows(marks('interval', 'ahead').first());
      assert((await marks('interval', 'ahead').count()) >= 10, 'the timeline shows what is to come');
      await runsFrom('interval', 2);
      await shows(bars('interval', 'done').first());
      await until(async () => (await marks('interval', 'ran').count()) + (await marks('interval', 'late').count()) >= 2, 'two ticks that ran');
      await runsFrom('cron', 1);
      assert.match(await job('cron').getByTestId('belt').getAttribute('aria-label'), /^Timeline: \d+ runs? in the last half minute, \d+ ticks? in the next 45 seconds$/);
    });

    test('the timeline moves; for who wants less motion, in steps of a second', async () => {
      const moves = () => page.evaluate(() => new Promise(resolve => {
        const belt = document.querySelector('[data-testid=belt] > div');
        const seen = new Set();
        const seconds = new Set();
        let frames = 40;
        requestAnimationFrame(function look() {
          seen.add(belt.style.transform);
          seconds.add(Math.floor(Date.now() / 1000));
          if (--frames > 0) requestAnimationFrame(look);
          else resolve({ positions: seen.size, seconds: seconds.size });
        });
      }));
      await shows(marks('interval', 'ahead').first());
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      assert((await moves()).positions > 5);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const { positions, seconds } = await moves();
      assert(positions <= seconds + 1, `${positions} positions in ${seconds} seconds`);
    });

    test('ticks that came due while the page was held are made up for by one run', async () => {
      const { all, folded, late = 0, ran = 0 } = await hold({ missed: 'once' });
      assert(all >= 3, `${all} ticks came due`);
      assert.deepEqual({ folded, run: late + ran }, { folded: all - 1, run: 1 });
      assert.match(await held('interval').getByTestId('absence-sum').textContent(), new RegExp(`^${all} ticks came due: .*${folded} were made up for by the run after them\\.$`));
      await until(async () => (await stat('interval', 'missed')) >= folded, 'the statistics');
      assert.match(await held('yours').textContent(), /No tick came due/);
    });

    // ---- several tabs ------------------------------------------------------------------------------------------------

    const ran = async (opened, letter) => Number(/(\d+) runs?/.exec(await row(opened, letter).getByTestId('ran').textContent())[1]);

    async function openTab() {
      await shows(row(page, 'A', true));
      const [opened] = await Promise.all([page.context().waitForEvent('page'), click('open-tab')]);
      await opened.getByTestId('room-schedules').waitFor();
      await shows(row(opened, 'B', false));
      await shows(row(page, 'B', false));
      return opened;
    }

    test('of two tabs one leads and runs the job; when it is closed the other leads', async () => {
      const second = await openTab();
      await shows(at('tabs-summary').filter({ hasText: '2 tabs. Tab A leads: this one.' }));
      const before = await ran(page, 'A');
      await until(async () => (await ran(second, 'A')) > before, 'a run of the tab that leads');
      assert.equal(await ran(second, 'B'), 0);
      assert.match(await job('origin', second).getByTestId('state').textContent(), /another tab leads/);
      await page.close();
      page = second;
      await shows(row(page, 'B', true));
      await until(async () => (await ran(page, 'B')) > 0, 'a run of the other tab');
      await shows(at('tabs-summary').filter({ hasText: '1 tab. Tab B leads: this one.' }));
    });

    test('a tab whose job is paused steps aside', async () => {
      const second = await openTab();
      await press('origin', 'toggle');
      await shows(row(page, 'B', true));
      await shows(row(page, 'A', false));
      const before = await ran(second, 'B');
      await until(async () => (await ran(second, 'B')) > before, 'a run of the other tab');
      await second.close();
      await shows(at('tabs-summary').filter({ hasText: '1 tab. None leads.' }));
      await press('origin', 'toggle');
      await shows(row(page, 'A', true));
    });
  });
});
