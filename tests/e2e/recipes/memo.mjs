// Recipes of caches.

import assert from 'node:assert/strict';

export function memoRecipes(recipe) {
  const list = () => [...document.querySelectorAll('li')].map(item => item.textContent);
  const outputs = () => [...document.querySelectorAll('output')].map(output => output.value);
  const status = () => document.querySelector('[role=status]').textContent;

  recipe('A search that gives up what nobody waits for', 'a fetch is aborted by what is typed on, nothing of it is kept, and what has come is', async user => {
    const { api } = user;
    const starting = text => `GET /api/cities?starting=${text}`;
    api.answer = asked => ['Bergen', 'Berlin', 'Brest'].filter(city => city.toLowerCase().startsWith(asked.split('=')[1]));
    const release = api.hold();
    await user.openTab();
    await user.sees(() => document.querySelector('input').disabled, false);
    await user.type('input', 'b');
    await user.until(() => api.asked, [starting('b')]);
    await user.page.keyboard.type('e');
    await user.until(() => api.aborted, [starting('b')]);
    await user.until(() => api.asked, [starting('b'), starting('be')]);
    release();
    await user.sees(list, ['Bergen', 'Berlin']);
    await user.page.keyboard.press('Backspace');
    await user.sees(list, ['Bergen', 'Berlin', 'Brest']);
    await user.page.keyboard.type('e');
    await user.sees(list, ['Bergen', 'Berlin']);
    assert.deepEqual(api.asked, [starting('b'), starting('be'), starting('b')], 'what has come is not asked for again');
    assert.deepEqual(api.aborted, [starting('b')]);

    api.fail(503);
    await user.page.keyboard.type('l');
    await user.sees(status, 'The search has failed: 503');
    user.forgives(/503/);
    await user.page.keyboard.press('Backspace');
    await user.sees(status, '');
  });

  recipe('A dashboard that has its figures at once', 'the next visit shows the last figures until new ones are there, or while there are none', async user => {
    const { api } = user;
    let count = 1;
    api.answer = asked => (asked.endsWith('orders') ? count : 1000 + count);
    await user.openTab();
    await user.sees(outputs, ['1', '1001']);
    assert.equal(api.asked.length, 2);

    const release = api.hold();
    count = 2;
    while (api.asked.length === 2) { // until the figures are two seconds old
      await user.reload();
      await user.sees(outputs, ['1', '1001']);
    }
    release();
    await user.sees(outputs, ['2', '1002']);

    api.fail(503);
    await user.sees(() => document.querySelector('[role=status]').textContent.replace(/\w+$/, '…'), 'No newer figures: 503 for …');
    await user.sees(outputs, ['2', '1002']);
    api.answer = asked => (asked.endsWith('orders') ? 3 : 1003);
    await user.sees(outputs, ['3', '1003']);
    await user.sees(status, '');
    user.forgives(/503/);
  });

  recipe('One fetch for all tabs, also after a reload', 'two tabs ask once, a reload and a third tab do not; a newer value is shown in all', async user => {
    const { api } = user;
    const release = api.hold();
    api.answer = () => 1.1;
    const first = await user.openTab();
    await user.until(() => api.asked.length, 1);
    const second = await user.openTab();
    await user.sees(async () => (await navigator.locks.query()).pending.filter(({ name }) => name.startsWith('taskloom-cache')).length, 1);
    release();
    await user.sees(outputs, ['1.1']);
    user.page = first;
    await user.sees(outputs, ['1.1']);
    await user.reload();
    await user.sees(outputs, ['1.1']);
    await user.openTab();
    await user.sees(outputs, ['1.1']);
    assert.equal(api.asked.length, 1);

    api.answer = () => 1.2;
    await user.click('button');
    for (const page of [user.page, first, second]) {
      user.page = page;
      await user.sees(outputs, ['1.2']);
    }
    assert.equal(api.asked.length, 2);
  });

  recipe('A repository whose methods are cached', 'each repository has values of its own, and what is renamed is asked for again', async user => {
    const { api } = user;
    const names = { '/api/staff/users/1': 'Ada', '/api/guests/users/1': 'Guest' };
    api.answer = (asked, body) => {
      const [method, url] = asked.split(' ');
      if (method === 'PUT') names[url] = body.name;
      return { id: 1, name: names[url] };
    };
    await user.openTab();
    await user.sees(list, ['Ada', 'Guest', 'Ada']);
    await user.click('#again');
    await user.click('#rename');
    await user.sees(list, ['Grace', 'Guest', 'Grace']);
    assert.deepEqual(api.asked, ['GET /api/staff/users/1', 'GET /api/guests/users/1', 'PUT /api/staff/users/1', 'GET /api/staff/users/1']);
  });

  recipe('A database connection that is opened once', 'all share one, until it was closed by another tab or let go: then it is opened again', async user => {
    const opened = () => user.output.filter(line => line === 'opened').length;
    const add = async (note, expected) => {
      await user.type('input', note);
      await user.page.keyboard.press('Enter');
      await user.sees(list, expected);
    };
    await user.openTab();
    await user.until(opened, 1);
    await add('one', ['one']);
    await add('two', ['one', 'two']);
    assert.equal(opened(), 1);
    await user.click('#close');
    await add('three', ['one', 'two', 'three']);
    assert.equal(opened(), 2);

    // As another tab would; it waits until the connection is closed.
    await user.page.evaluate(() => new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('notes');
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    }));
    await add('four', ['four']);
    assert.equal(opened(), 3);
  });

  recipe('Work for a worker that is done once', 'a result is counted by a worker once, and remembered', async user => {
    const count = async limit => {
      await user.page.evaluate(limit => { document.querySelector('input').value = limit; }, limit);
      await user.click('button');
    };
    await user.openTab();
    await user.sees(() => document.querySelector('button').disabled, false);
    await count(200000);
    await user.sees(status, '17984 primes below 200000; counted 1×, remembered 0×');
    await count(200000);
    await user.sees(status, '17984 primes below 200000; counted 1×, remembered 1×');
    await count(100);
    await user.sees(status, '25 primes below 100; counted 2×, remembered 1×');
    await user.sees(() => document.querySelector('progress').value, 1);
  });

  recipe('Sizes of elements that are measured once', 'each element is measured once, also one that looks like another', async user => {
    await user.openTab();
    await user.sees(() => document.querySelector('#measure').disabled, false);
    for (const expected of ['2 sizes, measured 2×', '2 sizes, measured 2×']) {
      await user.click('#measure');
      await user.sees(status, expected);
    }
    await user.click('#add');
    await user.click('#add');
    await user.click('#measure');
    await user.sees(status, '4 sizes, measured 4×');
  });

  recipe('A job that asks the page', 'it waits for the answer, a cancel ends the wait, and the worker goes on; close() lets it come to its end', async user => {
    const question = () => document.querySelector('#question').textContent;
    await user.openTab();
    await user.sees(() => document.querySelector('#start').disabled, false);
    const merge = async () => {
      await user.page.evaluate(() => { document.querySelector('#question').textContent = ''; });
      await user.click('#start');
      await user.sees(question, 'There is another Ada.');
    };
    const answers = async () => {
      await user.click('#yes');
      await user.sees(question, 'There is another Grace.');
      await user.click('#no');
    };
    await merge();
    await answers();
    await user.sees(status, 'Ada, Grace, Ada, Edsger');
    await merge();
    await user.click('#cancel');
    await user.sees(status, 'Cancelled.');
    await merge();
    await user.click('#close');
    await answers();
    await user.sees(status, 'Ada, Grace, Ada, Edsger Closed.');
  });
}
