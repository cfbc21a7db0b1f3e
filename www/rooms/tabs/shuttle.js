import { h } from '../../shell/dom.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { setText } from '../shared/set-text.js';
import { nameOf } from './names.js';

const WORDS = { free: 'It lies on the bench.', waits: 'This tab waits for its turn.', has: 'This tab has it, and no other.' };

/** A lock of all tabs: whoever has the shuttle has it alone, and when its tab is closed or crashes the next has it. */
export function shuttle(shared, say) {
  let letGo = null;
  let state = 'free';
  const here = shared.presence();
  const status = h('p', { class: 'shuttle__state', role: 'status', 'data-testid': 'shuttle-state' });
  const take = toolbarButton('Take the shuttle', 'shuttle-take', () => { takeIt().catch(told); }, { primary: true });
  const give = toolbarButton('Give it back', 'shuttle-give', () => letGo());

  // #region shuttle
  async function takeIt() {
    const leaving = new AbortController();
    become('waits', () => leaving.abort());
    await shared.lock('shuttle', async ({ set, delete: remove }) => {
      await set(shared.id); // under the lock's token: too late a write is refused
      await new Promise(resolve => become('has', resolve));
      await remove();
    }, { signal: leaving.signal });
    become('free', null);
  }
  // #endregion

  function become(next, how) {
    state = next;
    letGo = how;
    render();
  }

  function told(error) {
    become('free', null);
    if (error.name !== 'AbortError') say(error);
  }

  function render() {
    const holder = shared.get('shuttle');
    const isOther = holder !== undefined && holder !== shared.id && here.tabs.some(({ id }) => id === holder);
    setText(status, state === 'free' && isOther ? `${nameOf(holder).name} has it.` : WORDS[state] + (state === 'waits' && isOther ? ` ${nameOf(holder).name} has it.` : ''));
    status.dataset.state = state === 'free' && isOther ? 'other' : state;
    setEnabled(take, state === 'free');
    setEnabled(give, state !== 'free');
    setText(give, state === 'waits' ? 'Stop waiting' : 'Give it back');
  }

  shared.subscribe('shuttle', render);
  here.subscribe(render);
  render();
  return h('section', { class: 'panel shuttle', 'aria-labelledby': 'shuttle' },
    h('h2', { id: 'shuttle' }, 'Shuttle'), status, h('div', { class: 'button-row' }, take, give),
    h('p', { class: 'muted' }, 'Take it in one tab, ask for it in the other, then give it back, or close the tab that has it.'));
}
