import { h } from '../../shell/dom.js';
import { whole } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { toolbarButton } from '../shared/toolbar-button.js';
import { nameOf } from './names.js';

/** A counter of all tabs: no increment is lost, whichever tabs count at once. */
export function counter(shared, say) {
  const value = h('output', { class: 'counter__value', 'data-testid': 'count', 'aria-labelledby': 'counter' });
  const by = h('p', { class: 'muted', 'data-testid': 'count-by' });

  // #region counter
  const add = () => shared.update('count', n => (n ?? 0) + 1); // one transaction: no other tab's write comes between
  const addMany = () => Promise.all(Array.from({ length: 100 }, add));
  const reset = () => shared.set('count', 0);

  function render(change) {
    setText(value, whole(shared.get('count') ?? 0));
    if (change) setText(by, change.self ? 'This tab has counted last.' : `${nameOf(change.by).name} has counted last.`);
  }

  shared.subscribe('count', render);
  // #endregion

  render();
  const act = fn => () => fn().catch(say);
  return h('section', { class: 'panel', 'aria-labelledby': 'counter' },
    h('h2', { id: 'counter' }, 'Counter'), value, by,
    h('div', { class: 'button-row' },
      toolbarButton('Count', 'add', act(add), { primary: true }), toolbarButton('100 at once', 'add-many', act(addMany)), toolbarButton('Back to 0', 'reset', act(reset))));
}
