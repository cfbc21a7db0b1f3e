import { sessionStore } from '../../taskloom.js';
import { h } from '../../shell/dom.js';
import { celsius, seconds } from '../shared/format.js';
import { OpenTabs } from '../shared/open-tabs.js';
import { setText } from '../shared/set-text.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { Backend } from './backend.js';
import { forecastForAllTabs, TTL } from './shared-forecast.js';
import { tabRow } from './tab-row.js';
import { times } from './words.js';

const PLACE = 'Lisbon';

/** One execution for all tabs, and what each of the open tabs has done. The tabs tell each other by session state in `storage: 'local'`. */
export function allTabs(settings) {
  const backend = new Backend(settings);
  const store = sessionStore({ namespace: 'cache-room', storage: 'local' });
  const round = store.ref('round', { factory: () => 0 }); // counts the calls of all tabs at once
  let mine = { doing: 'nothing', asked: 0, computed: 0, taken: 0, by: null, ms: 0, message: '' };
  let frame = 0, rows = '';

  const forecast = forecastForAllTabs(async place => {
    tell({ doing: 'computing', computed: mine.computed + 1 });
    const { degrees } = await backend.ask(place);
    return { degrees, letter: open.letter, id };
  });

  async function call() {
    const { hits } = forecast.stats();
    const began = performance.now();
    tell({ doing: mine.doing === 'computing' ? 'computing' : 'waiting', asked: mine.asked + 1 });
    try {
      const answer = forecast(PLACE);
      const wasThere = forecast.stats().hits > hits;
      const value = await answer;
      const doing = wasThere ? 'remembered' : value.id === id ? 'computed' : 'taken';
      tell({ doing, by: value.letter, ms: performance.now() - began, taken: mine.taken + (doing === 'taken' ? 1 : 0) });
    } catch (error) {
      if (error.code !== 'disposed') tell({ doing: 'failed', message: error.message });
    }
  }

  const tell = change => {
    mine = { ...mine, ...change };
    open.say(mine);
  };

  const value = h('p', { class: 'origin__value', 'data-testid': 'shared-value' });
  const by = h('p', { class: 'origin__by', 'data-testid': 'shared-by' });
  const age = h('p', { class: 'muted', 'data-testid': 'shared-age' });
  const bar = h('span');
  const summary = h('p', { class: 'muted', role: 'status', 'data-testid': 'tabs-summary' });
  const list = h('ol', { class: 'origin__tabs', 'aria-label': 'Open tabs of this room', 'data-testid': 'tabs' });
  const callButton = toolbarButton('Call in this tab', 'shared-call', call, { primary: true });
  const roundButton = toolbarButton('Call in all tabs at once', 'shared-call-all', () => round.reduce(count => count + 1));
  const card = h('div', { class: 'origin__card' },
    h('h3', { class: 'field__label' }, `${PLACE}, as this tab has it`),
    value, by,
    h('div', { class: 'cached__bar', 'aria-hidden': 'true' }, bar),
    age);
  const element = h('section', { class: 'panel origin', 'aria-labelledby': 'memo-origin' },
    h('h2', { id: 'memo-origin' }, 'One execution for all tabs'),
    h('p', {}, 'The same slow function with ', h('code', {}, "scope: 'origin'"),
      '. Open a second tab and call in all of them at once: one runs it, the others get its value. '
      + 'A tab that comes later takes what is stored, for a minute. Close the one that runs it, and another takes over.'),
    h('div', { class: 'button-row' },
      h('a', { class: 'button button--link', href: '?tabs#/memo', target: '_blank', rel: 'noopener', 'data-testid': 'open-tab' }, 'Open a second tab'),
      callButton, roundButton,
      toolbarButton('Clear in all tabs', 'shared-clear', () => { forecast.clear(); changed(); })),
    h('div', { class: 'origin__state' }, card, h('div', { class: 'origin__right' }, list, summary)));

  const open = new OpenTabs(store, {
    onEnter: () => {
      tell({});
      changed();
    },
    onProblem: error => setText(summary, `The tabs of this browser can’t be told apart: ${error.message}.`),
  });
  const { id } = open;

  function changed() { frame ||= requestAnimationFrame(render); }
  function render() {
    frame = 0;
    for (const button of [callButton, roundButton]) setEnabled(button, open.letter !== null);
    drawTabs(open.all);
    if (drawValue()) changed();
  }

  function drawTabs(tabs) {
    const now = JSON.stringify(tabs);
    if (now === rows) return;
    rows = now;
    list.replaceChildren(...tabs.map(tab => tabRow(tab, tab.id === id)));
    const sum = name => tabs.reduce((all, tab) => all + tab[name], 0);
    if (open.letter) setText(summary, `${times(tabs.length, 'tab')}, ${times(sum('asked'), 'call')}, ${times(sum('computed'), 'execution')}.`);
  }

  /** Says whether it will look different soon. */
  function drawValue() {
    const info = forecast.info(PLACE);
    const there = info && forecast.peek(PLACE);
    const isComputing = mine.doing === 'computing';
    element.dataset.state = there ? 'fresh' : isComputing ? 'made' : mine.doing === 'waiting' ? 'waiting' : 'empty';
    setText(value, there ? celsius(there.degrees) : '–');
    setText(by, there ? (there.id === id ? 'Made in this tab' : `Made in tab ${there.letter}`) : 'Nothing in the memory of this tab');
    setText(age, there ? `${seconds(info.age)} old, fresh for ${seconds(info.expiresIn)}`
      : isComputing ? 'The slow function runs in this tab'
        : mine.doing === 'waiting' ? 'Waiting for the tab that runs it' : 'Call, and see where it comes from');
    bar.style.setProperty('--part', (there ? info.expiresIn / TTL : backend.progress(PLACE)).toFixed(4));
    return Boolean(there) || isComputing;
  }

  const stops = [store.subscribe(changed), round.subscribe(call), forecast.subscribe(changed)];
  changed();
  return {
    element,
    dispose() {
      for (const stop of stops) stop();
      open.dispose();
      cancelAnimationFrame(frame);
      forecast[Symbol.dispose]();
    },
  };
}
