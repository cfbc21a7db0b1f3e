import { sharedState } from '../../taskloom-shared.js';
import { h } from '../../shell/dom.js';
import { failureNotice } from '../../shell/notice.js';
import { chat } from './chat.js';
import { counter } from './counter.js';
import { dial } from './dial.js';
import { nameOf } from './names.js';
import { presence } from './presence.js';
import { shuttle } from './shuttle.js';

const tab = document.getElementById('tab');
try {
  tab.append(...await parts());
} catch (error) {
  tab.replaceChildren(failureNotice({ title: 'This tab could not be opened', text: 'Reload the page to try again.', error, testid: 'tab-failed' }));
}

async function parts() {
  // #region open
  const shared = await sharedState('demo', { onError: say });
  // #endregion

  const log = h('p', { class: 'tab__problem', role: 'alert', 'data-testid': 'problem', hidden: true });
  function say(error) {
    log.hidden = false;
    log.textContent = `${error.code ?? error.name}: ${error.message}`;
  }

  const { name, hue } = nameOf(shared.id);
  document.title = `${name} · taskloom`;
  document.body.dataset.hue = hue;
  return [
    h('header', { class: 'tab__header' }, h('h1', { class: 'tab__name', 'data-testid': 'name' }, name), presence(shared)),
    log,
    h('div', { class: 'tab__pair' }, counter(shared, say), dial(shared, say)),
    chat(shared, say),
    shuttle(shared, say),
  ];
}
