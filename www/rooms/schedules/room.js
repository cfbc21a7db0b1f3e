import { h } from '../../shell/dom.js';
import { Absences } from './absences.js';
import { AHEAD_MS, BEHIND_MS } from './belt.js';
import { cronEditor } from './cron-editor.js';
import { byTheReader, everyThreeSeconds, fourTimesAMinute, inOneTab, slowRun } from './jobs.js';
import { JobLane } from './job-lane.js';
import { Ledger } from './ledger.js';
import { nextRuns } from './next-runs.js';
import { absenceReport } from './report.js';
import { HOLD_MS, steering } from './steering.js';
import { tabs } from './tabs.js';
import { FATES } from './words.js';

export const title = 'Schedules';
export const blurb = 'Jobs that run every so often, or at the times of a cron expression in a zone whose clocks change. '
  + 'Make their runs slow, hold the page, close the tab that leads, and see which ticks run, are made up for or left out.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'Interval', url: file('./jobs.js'), region: 'interval' },
  { label: 'Cron', url: file('./jobs.js'), region: 'cron' },
  { label: 'One tab of all', url: file('./jobs.js'), region: 'origin' },
  { label: 'Job', url: file('./jobs.js'), region: 'run' },
  { label: 'Tick', url: file('./ledger.js'), region: 'tick' },
  { label: 'Errors', url: file('./cron-editor.js'), region: 'preview' },
  { label: 'Next runs', url: file('./next-runs.js'), region: 'next' },
  { label: 'Steering', url: file('./room.js'), region: 'steer' },
  { label: 'Hold', url: file('./absences.js'), region: 'hold' },
];

const SETTLES_MS = 5000; // what is left of the timeline is kept for as long
const STEP_MS = 1000; // of a timeline that must not move
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether this tab was opened from the panel of all tabs. */
const isForTabs = new URLSearchParams(location.search).has('tabs');

export function mount(element) {
  const settings = { runTakes: 800, overlap: 'skip', missed: 'once', grace: '1s' };
  const policies = () => ({ overlap: settings.overlap, missed: settings.missed, grace: settings.grace, maxQueue: 20 });
  const work = slowRun(settings);
  const all = tabs();
  let cron = null;
  let frame = 0;

  const entries = [
    { id: 'interval', name: 'Every three seconds', rhythm: "every: '3s'", begin: fn => everyThreeSeconds(fn, policies()) },
    { id: 'cron', name: 'Four times a minute', rhythm: '*/15 * * * * *', begin: fn => fourTimesAMinute(fn, policies()) },
    { id: 'yours', name: 'Yours', rhythm: '', begin: fn => byTheReader(fn, { ...policies(), cron }) },
    { id: 'origin', name: 'In one tab of all', rhythm: '*/10 * * * * *', begin: inOneTab, isShared: true },
  ];
  for (const entry of entries) {
    entry.ledger = new Ledger();
    entry.lane = new JobLane(entry, { toggle: () => toggle(entry), runNow: () => runNow(entry), endOrBegin: () => endOrBegin(entry) });
  }

  const steer = steering(settings, { reschedule, hold });
  const report = absenceReport();
  const upcoming = nextRuns();
  const editor = cronEditor({ onChange: replan });
  const absences = new Absences(render);

  function schedule(entry) {
    const policyOf = () => (entry.isShared ? 'once' : settings.missed);
    entry.job = entry.begin(entry.ledger.noting(work, { policyOf, onChange: () => render() }));
  }

  /** With the policies of now. A job of the same id and rhythm keeps its beat. */
  function reschedule() {
    for (const entry of entries) if (!entry.isShared && entry.job.state !== 'ended') schedule(entry);
    render();
  }

  /** The reader's job follows the expression and the zone. */
  function replan(next) {
    cron = next;
    const yours = entries.find(({ id }) => id === 'yours');
    yours.zone = cron.timeZone;
    yours.rhythm = String(cron);
    upcoming.use(cron);
    if (yours.job?.state === 'ended') return;
    const wasPaused = yours.job?.state === 'paused';
    yours.ledger.begin();
    schedule(yours);
    if (wasPaused) yours.job.pause();
    render();
  }

  // #region steer
  function toggle({ job, name }) {
    if (job.state === 'paused') job.resume(); // ticks in between are not made up for
    else job.pause(); // what runs goes on
    steer.say(`${name}: ${job.state === 'paused' ? 'paused. No ticks until it is resumed' : 'goes on with its next tick'}.`);
    render();
  }

  function runNow({ job, name }) {
    const before = job.latestTask;
    const task = job.runNow(); // also while it is paused
    steer.say(`${name}: ${task === before ? 'a run is under way, and will do' : task.state === 'pending' && job.stats().waiting > 0 ? 'waits for the run under way' : 'runs now'}.`);
    render();
  }

  function end({ job }) {
    job.cancel(); // no more ticks
    job.latestTask?.cancel(); // and its run
  }
  // #endregion

  function endOrBegin(entry) {
    if (entry.job.state === 'ended') {
      entry.ledger.begin();
      schedule(entry);
      steer.say(`${entry.name}: scheduled again.`);
    } else {
      end(entry);
      steer.say(`${entry.name}: cancelled.`);
    }
    render();
  }

  function hold() {
    steer.say('Holding the page…');
    requestAnimationFrame(() => setTimeout(() => { // so that the text above is drawn before nothing is
      absences.hold(HOLD_MS);
      steer.say('The page is free again. See what became of the ticks.');
    }));
  }

  /** Texts and marks, some times a second; the timeline moves in each frame. */
  function render(now = Date.now()) {
    const { latest: absence } = absences;
    const since = now - BEHIND_MS - SETTLES_MS;
    for (const entry of entries) {
      if (entry.isShared) all.share(entry, now);
      entry.ledger.look(entry.job, now, { since, until: now + AHEAD_MS, absence, isShared: entry.isShared });
      entry.note = entry.isShared && entry.job.state === 'active' ? (entry.job.isLeader ? 'this tab leads' : 'another tab leads') : '';
      entry.lane.render(entry, { now, absence });
    }
    report.render(absence, entries);
    all.render();
    upcoming.render();
  }

  function move() {
    const now = Date.now();
    const shown = reducedMotion.matches ? Math.floor(now / STEP_MS) * STEP_MS : now;
    for (const { lane } of entries) lane.belt.move(shown);
    frame = requestAnimationFrame(move);
  }

  for (const entry of entries) if (entry.id !== 'yours') schedule(entry);
  editor.read();
  element.append(
    h('div', { class: 'schedules__top' }, steer.element, report.element),
    h('section', { class: 'panel timeline', 'aria-labelledby': 'schedules-timeline' },
      h('div', { class: 'timeline__head' },
        h('h2', { id: 'schedules-timeline' }, 'Jobs'),
        h('ul', { class: 'legend', 'aria-label': 'Legend of ticks' }, ...Object.entries(FATES).map(([fate, text]) => h('li', {}, h('span', { class: 'mark', 'data-fate': fate }), text)))),
      h('ol', { class: 'jobs', 'aria-labelledby': 'schedules-timeline', 'data-testid': 'jobs' }, ...entries.map(({ lane }) => lane.element)),
      h('p', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, `${BEHIND_MS / 1000} s ago`), h('span', { class: 'axis__now' }, 'now'), h('span', {}, `in ${AHEAD_MS / 1000} s`))),
    h('section', { class: 'panel cron', 'aria-labelledby': 'schedules-editor' },
      h('h2', { id: 'schedules-editor' }, 'Your cron expression'),
      h('p', { class: 'muted' }, 'The job ‘Yours’ follows what you type, in the zone that you choose, at once.'),
      h('div', { class: 'cron__columns' },
        editor.element,
        upcoming.element,
        h('div', { class: 'cron__rule' },
          h('h3', {}, 'When clocks change'),
          h('p', { class: 'muted' }, 'An expression that names fixed times, such as 30 2 * * *, runs once for a time that is skipped, at the first moment after the gap, and the first time only where a time comes twice.'),
          h('p', { class: 'muted' }, 'One with a *, ? or / in its seconds, minutes or hours, such as */15 * * * *, keeps its pace in real time: nothing in the gap, and runs in both passes.')))),
    all.element);
  steer.say('Make a run slower than three seconds, or hold the page.');
  render();
  move();
  if (isForTabs) all.element.scrollIntoView();

  return () => {
    cancelAnimationFrame(frame);
    absences.dispose();
    for (const { job } of entries) end({ job });
    all.dispose();
    element.replaceChildren();
  };
}
