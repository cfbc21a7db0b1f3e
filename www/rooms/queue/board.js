import { h } from '../../shell/dom.js';
import { setText } from '../shared/set-text.js';
import { ChipRow } from './chip-row.js';
import { Place } from './place.js';

const MOST_PLACES = 8;
const WAITING_CHIPS = 9;
const FINISHED_CHIPS = 6;
const FADE_MS = 4000;
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** The lanes: what waits, by priority; the manager's places; what is over. Its number of elements is fixed. */
export class Board {
  constructor() {
    this.waiting = {
      'user-blocking': new ChipRow({ kind: 'user-blocking', label: 'User-blocking', size: WAITING_CHIPS }),
      'user-visible': new ChipRow({ kind: 'user-visible', label: 'User-visible', size: WAITING_CHIPS }),
      background: new ChipRow({ kind: 'background', label: 'Background', size: WAITING_CHIPS }),
    };
    this.finished = {
      done: new ChipRow({ kind: 'done', label: 'Done', size: FINISHED_CHIPS }),
      error: new ChipRow({ kind: 'failed', label: 'Failed', size: FINISHED_CHIPS }),
      cancelled: new ChipRow({ kind: 'cancelled', label: 'Cancelled', size: FINISHED_CHIPS }),
    };
    this.places = Array.from({ length: MOST_PLACES }, (_, i) => new Place(i));
    this.holders = new Array(MOST_PLACES).fill(null);
    this.waitingCount = figure('count-waiting');
    this.runningCount = figure('count-running');
    this.backoffCount = figure('count-backoff');
    this.element = h('div', { class: 'board', 'data-testid': 'board' },
      lane('waiting', ['Waiting', this.waitingCount], Object.values(this.waiting).map(row => row.element)),
      lane('running', ['Running', this.runningCount, ' Backing off', this.backoffCount],
        [h('ul', { class: 'places', 'aria-label': 'Places' }, ...this.places.map(place => place.element))]),
      lane('finished', ['Finished'], Object.values(this.finished).map(row => row.element)));
  }

  /** Shows the queue as it is now; says what it has counted, and whether chips are still fading. */
  render(queue, now) {
    const waiting = { 'user-blocking': [], 'user-visible': [], background: [] };
    const held = [];
    for (const job of queue.jobs.values()) {
      if (job.task.state === 'pending') waiting[job.priority].push(job);
      else if (!job.task.done) held.push(job);
    }
    for (const [priority, row] of Object.entries(this.waiting)) {
      const jobs = waiting[priority];
      row.render(jobs.slice(0, WAITING_CHIPS).map(waitingChip), jobs.length);
    }
    this.renderPlaces(held, queue, now);
    const fading = this.renderFinished(queue, now);

    const counts = { waiting: Object.values(waiting).flat().length, held: held.length, backoff: held.filter(job => job.backOff).length };
    setText(this.waitingCount, String(counts.waiting));
    setText(this.runningCount, String(counts.held - counts.backoff));
    setText(this.backoffCount, String(counts.backoff));
    return { ...counts, fading };
  }

  /** A job stays in the place it was first seen in. */
  renderPlaces(held, { manager }, now) {
    const { holders } = this;
    holders.forEach((job, i) => { if (!held.includes(job)) holders[i] = null; });
    for (const job of held) {
      if (!holders.includes(job)) holders[holders.indexOf(null)] = job;
    }
    this.places.forEach((place, i) => {
      place.element.hidden = i >= manager.concurrency && holders[i] === null;
      place.render(holders[i], now);
    });
  }

  renderFinished({ recent, counts }, now) {
    let fading = false;
    for (const [state, row] of Object.entries(this.finished)) {
      const fresh = recent.filter(entry => entry.state === state && now - entry.at < FADE_MS).reverse();
      fading ||= fresh.length > 0;
      row.render(fresh.map(entry => finishedChip(entry, now)), counts[state]);
    }
    return fading;
  }
}

const figure = testid => h('span', { class: 'lane__count', 'data-testid': testid }, '0');

const lane = (kind, title, children) => h('section', { class: `lane lane--${kind}`, 'aria-labelledby': `queue-lane-${kind}` },
  h('h3', { class: 'lane__title', id: `queue-lane-${kind}` }, ...title), ...children);

const waitingChip = ({ number, name, asked }) => ({ text: name === `job ${number}` ? String(number) : asked > 1 ? `${name} ×${asked}` : name });

function finishedChip({ job: { number, name, task }, at }, now) {
  const label = name === `job ${number}` ? String(number) : name;
  const attempts = `${task.attempt} ${task.attempt === 1 ? 'attempt' : 'attempts'}`;
  return {
    text: label,
    title: task.state === 'error' ? `${attempts}, ${task.error.name}` : attempts,
    opacity: reducedMotion.matches ? 1 : fade((now - at) / FADE_MS),
  };
}

/** Opaque for the first half, then ever less; in steps, for fewer style changes. */
const fade = age => Math.round(20 * Math.min(1, 2 - 2 * age)) / 20;
