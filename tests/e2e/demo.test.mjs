// The demo as `npm start` serves it, used by mouse and by keyboard.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { chromium } from './support/browsers.mjs';
import { inRoom } from './support/demo.mjs';
import { patient } from './support/patience.mjs';

let page;
const ready = opened => { page = opened; };

const KINDS = ['mandelbrot', 'sensors', 'failing'];
const newest = kind => page.locator(`[data-testid="card"][data-kind="${kind}"]`).first(); // they are put before the others
const part = (kind, name) => newest(kind).getByTestId(name);
const fraction = kind => part(kind, 'progress').evaluate(bar => bar.value);
const stateOf = kind => newest(kind).getAttribute('data-state');

/** Waits until `read()` says so; playwright's own waiting is for what a page shows, not for two readings that differ. */
async function until(read, what) {
  for (const giveUpAt = Date.now() + patient(60_000); Date.now() < giveUpAt;) {
    if (await read()) return;
    await page.evaluate(() => new Promise(resolve => requestAnimationFrame(resolve)));
  }
  assert.fail(`waited in vain for ${what}`);
}

const waitForState = (kind, state) => newest(kind).and(page.locator(`[data-state="${state}"]`)).waitFor();

async function startAndSeeItMove(kind) {
  await page.getByTestId(`start-${kind}`).click();
  await seeItMove(kind);
}

/** Waits until a running job's progress was seen at three values: at the start and at two later moments. */
async function seeItMove(kind) {
  const seen = new Set();
  await until(async () => seen.add(await fraction(kind)).size >= 3, `progress of ${kind}`);
  assert.equal(await stateOf(kind), 'running');
}

async function frames(count) {
  await page.evaluate(count => new Promise(resolve => {
    const frame = () => (count-- > 0 ? requestAnimationFrame(frame) : resolve());
    frame();
  }), count);
}

describe('the demo', () => {
  const test = inRoom('tasks', ready);

  for (const kind of KINDS) {
    test(`the ${kind} job's progress is seen moving while the page keeps drawing`, async () => {
      await startAndSeeItMove(kind);
      await frames(5);
    });
  }

  test('cancel stops a job: its state says so at once, and its progress moves no more', async () => {
    await startAndSeeItMove('mandelbrot');
    await part('mandelbrot', 'cancel').click();
    assert.equal(await stateOf('mandelbrot'), 'cancelled');
    assert.equal(await part('mandelbrot', 'state').textContent(), 'Cancelled');
    assert.match(await part('mandelbrot', 'note').textContent(), /Stopped at \d+%/);
    const stoppedAt = await fraction('mandelbrot');
    assert(stoppedAt < 1);
    await frames(10);
    assert.equal(await fraction('mandelbrot'), stoppedAt);
    assert.equal(await page.getByTestId('count').textContent(), '0 running, 1 finished');
  });

  test('cancel all stops every job', async () => {
    await page.getByTestId('start-several').click();
    for (const kind of KINDS) await seeItMove(kind);
    await page.getByTestId('cancel-all').click();
    assert.deepEqual(await Promise.all(KINDS.map(stateOf)), Array(3).fill('cancelled'));
  });

  test('a job is started, cancelled and removed with the keyboard alone', async () => {
    const focused = () => page.evaluate(() => document.activeElement.dataset.testid);
    const tabTo = async testid => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if (await focused() === testid) return;
      }
      assert.fail(`${testid} is not reached by the Tab key`);
    };
    await tabTo('start-mandelbrot');
    await page.keyboard.press('Enter');
    await seeItMove('mandelbrot');
    await tabTo('cancel');
    await page.keyboard.press('Space');
    assert.equal(await stateOf('mandelbrot'), 'cancelled');
    assert.equal(await focused(), 'remove', 'the focus goes on to what has taken the button\'s place');
    await page.keyboard.press('Enter');
    assert.equal(await page.getByTestId('card').count(), 0);
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY');
  });

  test('a reload during a job starts over, and all works again', async () => {
    await startAndSeeItMove('sensors');
    await page.reload();
    await page.getByTestId('room-tasks').waitFor();
    assert.equal(await page.getByTestId('card').count(), 0);
    await startAndSeeItMove('sensors');
  });

  test('the theme can be switched, and is remembered', async () => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    await page.getByTestId('theme-toggle').click();
    const chosen = await theme();
    assert.match(chosen, /light|dark/);
    await page.reload();
    assert.equal(await theme(), chosen);
  });
});

describe('the demo when jobs of every kind have come to an end', () => {
  const test = inRoom('tasks', ready, { once: true });

  before(async () => {
    await startAndSeeItMove('mandelbrot');
    await part('mandelbrot', 'cancel').click();
  });

  test('several jobs at once all move, let keys through meanwhile, and each comes to its own end', async () => {
    await page.getByTestId('start-several').click();
    assert.equal(await page.getByTestId('count').textContent(), '3 running, 1 finished');
    for (const kind of KINDS) await seeItMove(kind);
    await page.getByTestId('try-input').click();
    await page.keyboard.type('still here');
    assert.equal(await page.getByTestId('try-input').inputValue(), 'still here');
    assert.equal(await stateOf('mandelbrot'), 'running');
    await waitForState('failing', 'error');
    await waitForState('sensors', 'done');
    await waitForState('mandelbrot', 'done');
    assert.equal(await page.getByTestId('count').textContent(), '0 running, 4 finished');
  });

  test('a job that is done shows its result', async () => {
    for (const kind of ['sensors', 'mandelbrot']) {
      assert.equal(await part(kind, 'state').textContent(), 'Done');
      assert.equal(await fraction(kind), 1);
      assert.match(await part(kind, 'result').textContent(), /\d/);
      assert.doesNotMatch(await part(kind, 'result').textContent(), /NaN|undefined|Infinity/);
    }
  });

  test('the job that fails shows its error with its code and cause', async () => {
    assert.equal(await part('failing', 'state').textContent(), 'Failed');
    assert.match(await part('failing', 'error').textContent(), /CorruptRecordError.*corrupt-record.*cut off.*Cause: SyntaxError/s);
    assert((await fraction('failing')) < 1);
  });

  for (const width of [360, 1280]) {
    test(`nothing has to be scrolled sideways at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 740 });
      await frames(2);
      const { beyond, wide } = await page.evaluate(() => {
        const room = document.documentElement.clientWidth;
        const wide = [...document.body.querySelectorAll('*')].filter(element => element.getBoundingClientRect().right > room + 1);
        return { beyond: document.documentElement.scrollWidth - room, wide: wide.map(element => element.outerHTML.slice(0, 80)) };
      });
      assert(beyond <= 0, `${beyond} px too wide; look among ${wide.join('\n')}`);
    });
  }

  test('a screen reader finds landmarks, one main heading, and a name for whatever can be used', async () => {
    const tree = await page.locator('body').ariaSnapshot();
    for (const landmark of ['banner', 'navigation', 'main']) assert.match(tree, new RegExp(`- ${landmark}`), tree);
    assert.doesNotMatch(tree, /- (button|link|textbox|combobox|img|progressbar|tab|heading)( \[[^\]]*\])*:?$/m, 'something has no name');
    const found = await page.evaluate(() => {
      const all = selector => [...document.querySelectorAll(selector)];
      const visible = element => element.checkVisibility();
      const levels = all('h1, h2, h3, h4, h5, h6').filter(visible).map(({ tagName }) => Number(tagName[1]));
      const ids = all('[id]').map(({ id }) => id);
      return {
        lang: document.documentElement.lang,
        title: document.title,
        mains: all('h1').filter(visible).length,
        skipped: levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1),
        duplicateIds: ids.filter((id, i) => ids.indexOf(id) !== i),
        dangling: all('[aria-labelledby], [aria-describedby], [aria-controls]').flatMap(element =>
          ['aria-labelledby', 'aria-describedby', 'aria-controls'].flatMap(name => (element.getAttribute(name) ?? '').split(' '))
            .filter(id => id && !document.getElementById(id))),
        unlabelled: all('input, select, textarea').filter(field => field.labels.length === 0 && !field.ariaLabel).map(field => field.outerHTML),
      };
    });
    assert.match(found.title, /taskloom/);
    assert.deepEqual({ ...found, title: '' }, { lang: 'en', title: '', mains: 1, skipped: [], duplicateIds: [], dangling: [], unlabelled: [] });
  });

  test('what is finished can be removed', async () => {
    await page.getByTestId('remove-finished').click();
    assert.equal(await page.getByTestId('card').count(), 0);
  });
});

describe('whatever room one comes from', () => {
  const test = inRoom('tasks', ready, { own: true });
  const ROOMS = ['queue', 'workers', 'schedules', 'memo', 'state', 'tasks'];

  /** Goes to each room by its link. */
  async function eachRoom(body = () => {}) {
    for (const room of ROOMS) {
      await page.locator(`#rooms a[href="#/${room}"]`).evaluate(link => link.click());
      await page.getByTestId(`room-${room}`).waitFor();
      await body(room);
    }
  }

  test('a room looks as it did when it was the first: no other room\'s styles apply to it', async () => {
    const look = () => page.evaluate(() => [...document.querySelectorAll('.room, .room *')].map(element => {
      const { display, position, color, backgroundColor, font, padding, margin, border, gap, width } = getComputedStyle(element);
      return [element.tagName, element.className, display, position, color, backgroundColor, font, padding, margin, border, gap, width].join('; ');
    }));
    const first = await look();
    await eachRoom(async room => {
      const sheets = await page.evaluate(() => [...document.styleSheets].filter(({ href, media }) => href.includes('/rooms/') && media.mediaText !== 'not all').map(({ href }) => href));
      assert.deepEqual(sheets.map(href => /rooms\/(\w+)\//.exec(href)[1]), [room]);
    });
    // What a room shows while it starts is as wide as its words.
    for (const end = Date.now() + patient(20_000); Date.now() < end && `${await look()}` !== `${first}`;) await page.waitForTimeout(100);
    assert.deepEqual(await look(), first);
  });

  test('at 390 px the link of the room that is open can be seen, and the page has not moved', async () => {
    await page.setViewportSize({ width: 390, height: 740 });
    await eachRoom(async room => {
      const { left, right } = await page.locator('#rooms a[aria-current]').evaluate(link => link.getBoundingClientRect());
      assert(left >= 0 && right <= 390, `${room}: from ${left} to ${right}`);
      assert.equal(await page.evaluate(() => scrollX), 0);
    });
  });

  test('lists and tables are such to a screen reader: none has another role', async () => {
    await eachRoom(async room => {
      assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('ol[role], ul[role], table[role], dl[role]')].map(element => element.outerHTML.slice(0, 80))), [], room);
    });
  });
});

describe('the frame meter', () => {
  const test = inRoom('tasks', ready, { own: true, fakesClock: true });
  const isRed = () => page.getByTestId('longest-gap').evaluate(element => element.classList.contains('meter__value--late'));
  const gap = async () => Number((await page.getByTestId('longest-gap').textContent()).replace(',', ''));

  test('is not red while the browser draws nothing and the page is free, and is red once the page was blocked', async () => {
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
    await page.clock.runFor(12_000); // what loading took is no longer looked at
    assert.equal(await isRed(), false);
    // Frames are held back while timers go on.
    await page.evaluate(() => {
      const { requestAnimationFrame } = window;
      const held = [];
      window.requestAnimationFrame = callback => held.push(callback);
      window.goOn = () => {
        window.requestAnimationFrame = requestAnimationFrame;
        for (const callback of held) requestAnimationFrame(callback);
      };
    });
    await page.clock.runFor(600);
    await page.evaluate(() => window.goOn());
    await page.clock.runFor(400);
    assert(await gap() >= 500, await gap());
    assert.equal(await isRed(), false);
    await page.clock.fastForward(700); // all at once: nothing runs in between, as in a page that is blocked
    await page.clock.runFor(400);
    assert.equal(await isRed(), true);
    await page.clock.resume();
  });
});

/** Opens the address alone, in a browser of its own. `body(page, problems)` is called at once. */
async function onFirstVisit(roots, body) {
  const server = await serve({ roots });
  const browser = await chromium.launch();
  try {
    const opened = await browser.newPage();
    const problems = [];
    opened.on('console', message => { if (message.type() === 'error') problems.push(message.text()); });
    opened.on('pageerror', error => problems.push(error.message));
    await opened.goto(server.url);
    await body(opened, problems);
  } finally {
    await browser.close();
    await server.close();
  }
}

describe('the demo at its address alone', () => {
  it('opens the first room', { timeout: patient(60_000) }, () => onFirstVisit({ '/': 'www', '/taskloom/': 'pkg' }, async (opened, problems) => {
    await opened.getByTestId('room-tasks').waitFor();
    assert.deepEqual(problems, []);
  }));

  it('says on the page what went wrong if its library is missing', { timeout: patient(60_000) }, () => onFirstVisit({ '/': 'www' }, async (opened, problems) => {
    const notice = opened.getByTestId('init-failed');
    await notice.waitFor();
    assert.match(await notice.textContent(), /could not start/);
    assert(problems.every(problem => /404|MIME/.test(problem)), problems.join('\n'));
  }));
});
