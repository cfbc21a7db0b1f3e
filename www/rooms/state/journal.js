import { h } from '../../shell/dom.js';
import { clockTime } from '../shared/format.js';

const LINES = 12;

/** What has happened, newest first: each error by its code and in plain words. */
export class Journal {
  constructor() {
    this.onChange = () => {};
    this._entries = []; // not yet shown, newest first
    this._tellNext = true;
    this._empty = h('p', { class: 'muted' }, 'Nothing has gone wrong yet. Fill the storage, damage an entry, or duplicate the tab.');
    this._list = h('ol', { class: 'journal__lines', 'data-testid': 'journal' });
    this.element = h('section', { class: 'panel journal', 'aria-labelledby': 'state-journal' },
      h('h2', { id: 'state-journal' }, 'What has happened'), this._empty,
      h('div', { role: 'log', 'aria-label': 'What has happened, newest first' }, this._list)); // with the role of a log a list would be none
  }

  // #region errors
  addError(error) {
    const { code, namespace, key, aside, message } = error;
    const slot = `“${key}”${namespace ? ` of ${namespace}` : ''}`;
    const text = {
      'quota-exceeded': `${slot} has no room: the storage is full. The page has the new value, the storage still has the old one.`,
      corrupt: `${slot} could not be read: its stored text is damaged. It begins afresh, and the text is kept under ${aside}.`,
      'version-mismatch': `${slot} was stored by another version of this page. It begins afresh, and the text is kept under ${aside}.`,
      'storage-blocked': 'This browser gives the page no storage. Everything works, and is gone when the page is.',
      'not-serializable': `${slot} can’t be text. It stays in memory as long as the page.`,
    }[code];
    this.add(code, text ?? message);
  }

  addFork(sessionId, originalId) {
    this.add('fork', `This tab is a copy of session ${originalId.slice(0, 8)}, which is still open. `
      + `It goes on as session ${sessionId.slice(0, 8)}, with a copy of everything.`);
  }
  // #endregion

  /** The filler meets many errors on its way; one of them is news. */
  addFirstError(error) {
    if (this._tellNext) this.addError(error);
    this._tellNext = false;
  }

  armFirstError() {
    this._tellNext = true;
  }

  add(code, text) {
    this._entries.unshift({ at: new Date(), code, text });
    this._entries.length = Math.min(this._entries.length, LINES);
    this.onChange();
  }

  render() {
    if (this._entries.length === 0) return;
    this._empty.hidden = true;
    // Those that stand already are left alone, or they would be read out again.
    this._list.prepend(...this._entries.splice(0).map(({ at, code, text }) => h('li', { class: 'journal__line', 'data-code': code },
      h('time', { class: 'journal__time', datetime: at.toISOString() }, clockTime(at)),
      h('code', { class: 'journal__code' }, code),
      h('p', { class: 'journal__text' }, text))));
    while (this._list.children.length > LINES) this._list.lastChild.remove();
  }
}
