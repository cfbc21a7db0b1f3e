import { sessionStore } from '../../taskloom.js';
import { h } from '../../shell/dom.js';
import { OpenTabs } from '../shared/open-tabs.js';
import { setText } from '../shared/set-text.js';
import { LEASE_SECONDS } from './jobs.js';
import { times } from './words.js';

const TOLD_MS = 40_000; // of its runs

const hueOf = letter => `var(--worker-${1 + (letter.charCodeAt(0) - 65) % 8})`;

/** Which tab runs the job of the origin. The tabs tell each other by session state in `storage: 'local'`; the job itself needs none of this. */
export function tabs() {
  let shown = '', told = '';

  const list = h('ol', { class: 'tabs__list', 'aria-label': 'Open tabs of this room', 'data-testid': 'tabs' });
  const summary = h('p', { class: 'tabs__summary', role: 'status', 'data-testid': 'tabs-summary' });
  const element = h('section', { class: 'panel tabs', 'aria-labelledby': 'schedules-tabs' },
    h('h2', { id: 'schedules-tabs' }, 'One job for all tabs'),
    h('p', {}, 'Each open tab of this room has scheduled the last job of the list with ', h('code', {}, "scope: 'origin'"),
      '. One of them leads and runs it. Close that one and another leads at once; pause the job there, and that tab steps aside. '
      + `Hold the one that leads, and a tab that is awake takes over when a tick is ${LEASE_SECONDS} s late. No tick runs in two tabs. `
      + 'Browsers hold back the timers of hidden tabs, and tabs that share a process are held together.'),
    h('div', { class: 'button-row' },
      h('a', { class: 'button button--link', href: '?tabs#/schedules', target: '_blank', rel: 'noopener', 'data-testid': 'open-tab' }, 'Open a second tab')),
    list, summary);

  const open = new OpenTabs(sessionStore({ namespace: 'schedules-room', storage: 'local' }), {
    onEnter: () => { told = ''; },
    onProblem: error => setText(summary, `The tabs of this browser can’t be told apart: ${error.message}.`),
  });
  const { id } = open;

  /** Tells the others what this tab does, and gives what they have run. */
  function share({ job, ledger }, now) {
    const { letter } = open;
    if (letter) {
      const runs = ledger.runs.filter(({ startedAt }) => startedAt > now - TOLD_MS);
      const skipped = ledger.ticks.filter(({ at, fate }) => fate === 'skipped' && at > now - TOLD_MS).map(({ at }) => at);
      for (const run of ledger.runs) run.hue = hueOf(letter);
      const mine = { leads: job.isLeader, state: job.state, ran: job.stats().runs, runs: runs.map(({ isJudged, hue, ...run }) => run), skipped };
      const text = JSON.stringify(mine);
      if (text !== told) open.say(mine);
      told = text;
    }
    const judged = new Set(ledger.others.filter(({ isJudged }) => isJudged).map(({ at }) => at));
    const others = open.all.filter(tab => tab.id !== id);
    ledger.skippedByOthers = others.flatMap(({ skipped }) => skipped);
    ledger.others = others.flatMap(tab => tab.runs.map(run => ({ ...run, by: tab.letter, hue: hueOf(tab.letter), isJudged: judged.has(run.at) })));
  }

  function render() {
    const { all } = open;
    const rows = JSON.stringify(all.map(({ runs, skipped, ...tab }) => tab));
    if (rows === shown) return;
    shown = rows;
    list.replaceChildren(...all.map(tab => tabRow(tab, tab.id === id)));
    const leader = all.find(({ leads }) => leads);
    if (open.letter) setText(summary, `${times(all.length, 'tab')}. ${leader ? `Tab ${leader.letter} leads${leader.id === id ? ': this one' : ''}.` : 'None leads.'}`);
  }

  return { element, share, render, dispose: () => open.dispose() };
}

function tabRow({ letter, leads, state, ran }, isThis) {
  const doing = state === 'ended' ? 'Has cancelled the job' : state === 'paused' ? 'Has paused the job, and stepped aside' : leads ? 'Leads, and runs the job' : 'Waits for its turn to lead';
  const row = h('li', { class: 'tabs__row', 'data-testid': 'tab', 'data-letter': letter, 'data-leads': String(leads) },
    h('span', { class: 'tabs__letter' }, h('span', { class: 'visually-hidden' }, 'Tab '), letter),
    h('span', { class: 'tabs__doing' }, doing),
    h('span', { class: 'tabs__ran', 'data-testid': 'ran' }, `${isThis ? 'this tab, ' : ''}${times(ran, 'run')}`));
  row.style.setProperty('--hue', hueOf(letter));
  return row;
}
