// Recipes of schedules.

import assert from 'node:assert/strict';

export function scheduleRecipes(recipe) {
  const status = () => document.querySelector('[role=status]').textContent;
  const who = () => document.querySelector('small').textContent;
  const output = () => document.querySelector('output').value;
  const list = () => [...document.querySelectorAll('li')].map(item => item.textContent);

  /** As after sleep: the wall clock of the page is ahead, and the page is looked at. */
  const wakeLater = async (user, ms, page = user.page) => {
    await page.bringToFront();
    await page.evaluate(ms => {
      const now = Date.now;
      Date.now = () => now() + ms;
      dispatchEvent(new Event('focus'));
    }, ms);
  };

  /** The job of all tabs is in the database, from when on nothing is forgotten. */
  const isStored = async () => {
    const { version } = (await indexedDB.databases()).find(({ name }) => name === 'taskloom') ?? {};
    if (version === undefined) return 0;
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open('taskloom', version);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const counting = opening.result.transaction('jobs').objectStore('jobs').count();
        counting.onsuccess = () => {
          opening.result.close();
          resolve(counting.result);
        };
      };
    });
  };

  recipe('A poll every minute, in one of all tabs', 'one of two tabs polls, both show it; after sleep it polls once; when it is closed the other does', async user => {
    const { api } = user;
    api.answer = () => 10;
    const first = await user.openTab();
    await user.sees(output, '10');
    await user.sees(who, '(this tab polls)');
    const second = await user.openTab();
    await user.sees(output, '10');
    await user.sees(who, '(another tab polls)');
    assert.deepEqual(api.asked, ['GET /api/orders']);

    api.answer = () => 20;
    await wakeLater(user, 10 * 60_000, first); // ten minutes
    await user.sees(output, '20');
    user.page = first;
    await user.sees(output, '20');
    assert.equal(api.asked.length, 2, 'one poll for all that were missed');

    api.answer = () => 30;
    await first.close();
    user.page = second;
    await user.sees(who, '(this tab polls)');
    await wakeLater(user, 20 * 60_000);
    await user.sees(output, '30');
    assert.equal(api.asked.length, 3);
  });

  recipe('A poll every minute, in one of all tabs', 'a poll that fails is told of, and the next one goes on', async user => {
    const { api } = user;
    api.fail(503);
    await user.openTab();
    await user.sees(status, 'The poll has failed: 503');
    user.forgives(/503/);
    api.answer = () => 10;
    await wakeLater(user, 60_000);
    await user.sees(output, '10');
    await user.sees(status, '');
  });

  recipe('A daily report at nine, also after sleep', 'after three days of sleep one report is sent, for the newest of them', async user => {
    const { api } = user;
    const sent = [];
    api.answer = (_, body) => sent.push(body);
    await user.openTab();
    await user.sees(() => /day.* 20\d\d.* at 09:00$/.test(document.querySelector('output').value), true);
    assert.deepEqual(sent, []);
    await user.sees(isStored, 1);
    const before = await user.page.evaluate(output);

    const DAYS = 3 * 86_400_000;
    const wokeAt = Date.now() + DAYS;
    await wakeLater(user, DAYS);
    await user.sees(() => /^Sent the report for .* at 09:00, and [123] before it were missed$/.test(document.querySelector('[role=status]').textContent), true);
    assert.equal(sent.length, 1);
    const due = Date.parse(sent[0].due);
    assert(due <= wokeAt + 60_000 && due > wokeAt - 25 * 3_600_000, `${sent[0].due} is the newest one`);
    assert.match(sent[0].due, /T0[78]:00:00\.000Z$/);
    assert.notEqual(await user.page.evaluate(output), before);
    await user.page.evaluate(() => dispatchEvent(new Event('focus')));
    await user.frames(5);
    assert.equal(sent.length, 1, 'and no other');
  });

  recipe('A daily report at nine, also after sleep', 'it can be sent at once, and is tried again when that fails', async user => {
    const { api } = user;
    const sent = [];
    api.fail(503);
    await user.openTab();
    await user.sees(() => document.querySelector('output').value.endsWith('09:00'), true);
    await user.click('button');
    await user.until(() => api.asked.length, 1);
    api.answer = (_, body) => sent.push(body);
    await user.sees(() => document.querySelector('[role=status]').textContent.startsWith('Sent the report for '), true);
    assert.deepEqual(api.asked, ['POST /api/reports', 'POST /api/reports']);
    assert.equal(sent[0].missed, 0);
    user.forgives(/503/);
  });

  recipe('Never two at once, and only the newest', 'a slow save is left to end while its ticks are skipped; a slow preview is given up for the next', async user => {
    const { api } = user;
    const count = (calls, url) => calls.filter(asked => asked === `POST ${url}`).length;
    const read = id => user.page.evaluate(id => Number(document.getElementById(id).value), id);
    api.answer = (asked, body) => (asked.endsWith('previews') ? `A preview of ${body}` : true);
    const release = api.hold();
    await user.openTab();
    await user.sees(() => document.querySelector('textarea').disabled, false);
    await user.type('textarea', 'text');
    await user.until(() => count(api.aborted, '/api/previews') >= 2, true);
    assert.equal(count(api.asked, '/api/drafts'), 1);
    assert.equal(count(api.aborted, '/api/drafts'), 0);
    assert.equal(await read('saved'), 0);
    release();
    await user.sees(() => document.querySelector('#preview').value, 'A preview of text');
    await user.sees(() => Number(document.querySelector('#saved').value) >= 2, true);
    await user.sees(() => Number(document.querySelector('#skipped').value) >= 1, true);
  });

  recipe('Never two at once, and only the newest', 'what is skipped is counted while the save hangs', async user => {
    const release = user.api.hold();
    user.api.answer = () => true;
    await user.openTab();
    await user.sees(() => Number(document.querySelector('#skipped').value) >= 2, true);
    release();
  });

  recipe('A cron expression that users type', 'the next runs are those of the zone; what is wrong names its field', async user => {
    await user.openTab();
    await user.sees(() => document.querySelectorAll('li').length, 5);
    await user.choose('select', 'Asia/Tokyo');
    await user.sees(() => [...document.querySelectorAll('li')].every(({ textContent }) => /^(Mon|Tues|Wednes|Thurs|Fri)day.* at 09:00:00 (GMT\+9|JST)$/.test(textContent)), true);

    const typed = async text => {
      await user.page.evaluate(() => document.querySelector('input').select());
      await user.type('input', text);
    };
    const problem = () => document.querySelector('#problem').textContent;
    await typed('0 25 * * *');
    await user.sees(problem, "cron.hour is '25'; it must be 0 to 23, or a list, range or step of these, such as '9-17/2'");
    await user.sees(list, []);
    await user.sees(() => document.querySelector('input').getAttribute('aria-invalid'), 'true');
    await typed('0 0 30 2 *');
    await user.sees(() => /^cron\.dayOfMonth is '30'/.test(document.querySelector('#problem').textContent), true);
    await typed('0 0 29 FEB *');
    await user.sees(problem, '');
    await user.sees(() => [...document.querySelectorAll('li')].map(({ textContent }) => /29 February/.test(textContent)), Array(5).fill(true));
  });

  recipe('Moving from setInterval, or from croner', 'both jobs run; one ends after its two runs, the other when it is stopped', async user => {
    await user.openTab();
    await user.sees(() => Number(document.querySelector('#polled').value) >= 3, true);
    await user.sees(() => document.querySelector('#tidied').value, '2');
    await user.sees(status, 'poll: active, tidy: ended');
    await user.click('button');
    await user.sees(status, 'poll: ended, tidy: ended');
    assert.equal(await user.page.evaluate(() => document.querySelector('#tidied').value), '2');
  });
}
