import { h } from '../../shell/dom.js';
import { nameOf } from './names.js';

/** Who has the page open. */
export function presence(shared) {
  const list = h('ul', { class: 'presence', 'aria-label': 'Tabs that are open', 'data-testid': 'presence' });

  // #region presence
  const here = shared.presence();

  function render() {
    list.replaceChildren(...here.tabs.map(({ id, self }) => {
      const { name, hue } = nameOf(id);
      return h('li', { class: 'presence__tab', 'data-hue': hue, 'data-self': self }, self ? `${name}, this tab` : name);
    }));
  }

  here.subscribe(render); // also when a tab is killed
  // #endregion

  render();
  return list;
}
