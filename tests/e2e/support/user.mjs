// Somebody who uses a page of the examples.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { patient } from './patience.mjs';

/** A user with a browser of their own, in one tab or several. Only what both drivers have is used. */
export class User {
  problems = [];
  output = [];

  /** `api` is what the pages fetch from. */
  constructor(context, url, api) {
    this.context = context;
    this.url = url;
    this.api = api;
  }

  async openTab(file = '') {
    const page = await this.context.newPage();
    page.on('console', message => (message.type() === 'error' ? this.problems : this.output).push(message.text()));
    page.on('pageerror', error => this.problems.push(error.message));
    this.page = page;
    await page.goto(`${this.url}${file}`);
    return page;
  }

  /** Waits until a function in the page gives what is expected. */
  async sees(read, expected) {
    let last;
    for (const giveUpAt = Date.now() + patient(60_000); Date.now() < giveUpAt;) {
      try {
        last = await this.page.evaluate(read);
        assert.deepEqual(last, expected);
        return;
      } catch {
        await new Promise(resolve => setTimeout(resolve, 20)); // not yet, or another document is being loaded
      }
    }
    assert.deepEqual(last, expected);
  }

  /** Waits until something outside the page is as expected. */
  async until(read, expected) {
    for (const giveUpAt = Date.now() + patient(60_000); Date.now() < giveUpAt;) {
      if (isDeepStrictEqual(read(), expected)) return;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    assert.deepEqual(read(), expected);
  }

  /** Says that the page has reason to report errors like these. */
  forgives(pattern) {
    this.problems = this.problems.filter(problem => !pattern.test(problem));
  }

  frames(count) {
    return this.page.evaluate(count => new Promise(resolve => {
      const frame = () => (count-- > 0 ? requestAnimationFrame(frame) : resolve());
      frame();
    }), count);
  }

  click(selector) {
    return this.page.click(selector);
  }

  async type(selector, text) {
    await this.page.focus(selector);
    await this.page.keyboard.type(text);
  }

  choose(selector, value) {
    return this.page.selectOption ? this.page.selectOption(selector, value) : this.page.select(selector, value);
  }

  reload() {
    return this.page.reload();
  }
}
