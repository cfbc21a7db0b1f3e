// What the tests of session state share.

import { Tab } from '../support/tab.mjs';

/** Tests that begin with storages that nobody has written to. */
export const onEmptyStorage = test => (name, body, options) => test(name, async (tab, site) => {
  await tab.bare(() => {
    sessionStorage.clear();
    localStorage.clear();
  });
  await body(tab, site);
}, options);

/** A browser whose tabs share localStorage: those that playwright opens by themselves don't. */
export const ofOneUser = browserType => browserType.name !== 'Chromium' ? browserType : {
  name: browserType.name,
  async launch() {
    const browser = await browserType.launch();
    const context = await browser.newContext();
    return { newPage: () => context.newPage(), close: () => browser.close() };
  },
};

/** Another tab of the same browser, with a sessionStorage of its own and the same localStorage. Closed by the caller. */
export async function sibling(tab, site) {
  const context = tab.page.context?.() ?? tab.page.browserContext();
  const other = new Tab(await context.newPage(), { url: tab.page.url(), entry: site.entry });
  tab.companions.push(other);
  await other.open();
  return other;
}

/** For `import(slim)` and `init(wasm)`: a second copy of the library in a page, which shares nothing with the first. */
export const copyOf = site => ({ slim: `${site.entry('taskloom/slim')}?copy`, wasm: site.entry('taskloom/wasm') });

/** The next life of the same page. */
export const reload = tab => tab.page.reload();

/** Fills sessionStorage with what is not ours, but for so many characters, by `window.fill` in the page. */
export const addFill = tab => tab.page.evaluate(`void (window.fill = leave => {
  let text = '';
  for (let piece = 2 ** 22; piece >= 1; piece /= 2) {
    try {
      sessionStorage.setItem('filler', text + 'x'.repeat(piece));
      text += 'x'.repeat(piece);
    } catch {}
  }
  sessionStorage.setItem('filler', text.slice(leave));
})`);
