import { h } from '../../shell/dom.js';
import { celsius, seconds } from '../shared/format.js';
import { setText } from '../shared/set-text.js';

const MARKS = { empty: 'Not cached', made: 'Being made', fresh: 'Fresh', stale: 'Stale', refreshing: 'Stale, refreshing' };
const WHY_EMPTY = {
  never: 'Nobody has asked yet',
  evicted: 'Evicted: the others were used since',
  expired: 'Its time was over',
  cleared: 'Cleared',
};

/** One key of the cache: its value, how old that is, and what can be done with it. */
export class EntryCard {
  constructor(city, { call, clear }) {
    this.city = city;
    this.goneBy = 'never';
    this._last = null; // the value that was there when it was last drawn
    this._renewed = 0;
    const part = (tag, name) => h(tag, { class: `cached__${name}`, 'data-testid': name });
    this._parts = { mark: part('span', 'mark'), value: part('p', 'value'), run: part('p', 'run'), age: part('p', 'age') };
    this._bar = h('span');
    const of = h('span', { class: 'visually-hidden' }, ` ${city}`);
    const button = (text, testid, act) => h('button', {
      class: 'button button--small', type: 'button', 'data-testid': testid, onclick: act,
    }, text, of.cloneNode(true));
    const { mark, value, run, age } = this._parts;
    this.element = h('li', { class: 'cached', 'data-testid': 'entry', 'data-city': city },
      h('div', { class: 'cached__head' }, h('h3', { class: 'cached__city' }, city), mark),
      value,
      h('div', { class: 'cached__bar', 'aria-hidden': 'true' }, this._bar),
      age,
      run,
      h('div', { class: 'cached__buttons' },
        button('Call', 'call', () => call(city, 1)),
        button('50 at once', 'call-50', () => call(city, 50)),
        h('button', {
          class: 'cached__clear', type: 'button', title: 'Clear', 'aria-label': `Clear ${city}`, 'data-testid': 'clear', onclick: () => clear(city),
        }, '×')));
  }

  /** Draws what the cache has for the city now. Says whether it is going to look different soon. */
  render(forecast, backend) {
    const info = forecast.info(this.city);
    const state = stateOf(info);
    const value = forecast.peek(this.city) ?? (info && info.age !== null ? this._last : null);
    if (!value) this._renewed = 0;
    else if (this._last && this._last.run !== value.run) this._renewed++;
    this._last = value;

    const { dataset } = this.element;
    if (dataset.state !== state) dataset.state = state;
    const failed = backend.failed.has(this.city) && state !== 'fresh';
    if (dataset.failed !== String(failed)) dataset.failed = failed;
    setText(this._parts.mark, MARKS[state]);
    setText(this._parts.value, value ? celsius(value.degrees) : '–');
    setText(this._parts.run, value ? `Execution ${value.run}${this._renewed > 0 ? `, refreshed ${this._renewed}×` : ''}` : '');
    setText(this._parts.age, this._said(state, info, failed));
    this._bar.style.setProperty('--part', partOf(state, info, backend.progress(this.city)).toFixed(4));
    return state !== 'empty';
  }

  _said(state, info, failed) {
    if (state === 'empty') return failed ? 'The backend does not answer' : WHY_EMPTY[this.goneBy];
    if (state === 'made') return 'The slow function runs';
    const age = `${seconds(info.age)} old`;
    if (state === 'refreshing') return `${age}, a new one is made`;
    if (failed) return `${age}: refresh failed`;
    if (state === 'stale') return `${age}, over for ${seconds(-info.expiresIn)}`;
    return info.expiresIn === Infinity ? `${age}, fresh for ever` : `${age}, fresh for ${seconds(info.expiresIn)}`;
  }
}

// #region info
function stateOf(info) {
  if (!info) return 'empty';
  if (info.age === null) return 'made'; // for the first time
  if (info.running) return 'refreshing';
  return info.stale ? 'stale' : 'fresh';
}
// #endregion

/** How much of the bar is filled: the time that is left, or how far an execution has come. */
function partOf(state, info, progress) {
  if (state === 'made' || state === 'refreshing') return progress;
  if (state !== 'fresh') return 0;
  return info.expiresIn === Infinity ? 1 : info.expiresIn / (info.age + info.expiresIn);
}
