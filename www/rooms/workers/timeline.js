import { colourToken, h } from '../../shell/dom.js';
import { seconds } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { setEnabled, toolbarButton } from '../shared/toolbar-button.js';
import { workerColour, workerToken } from './colours.js';
import { CrispCanvas } from './crisp-canvas.js';

const SHORTEST_MS = 4000; // of the time shown
const EVERY_MS = 100; // drawing it in each frame would cost more than it shows

/** Which worker computed what, and when: a lane for each place of the pool. `onKill(member)` when a worker is to be ended. */
export class Timeline {
  constructor({ onKill }) {
    this.onKill = onKill;
    this.lanes = [];
    this.shownAt = -Infinity;
    this.list = h('ol', { class: 'lanes', 'data-testid': 'lanes', 'aria-labelledby': 'workers-timeline' });
    this.until = h('span', { class: 'timeline__until' });
    this.element = h('section', { class: 'panel timeline', 'aria-labelledby': 'workers-timeline' },
      h('div', { class: 'timeline__bar' },
        h('h2', { id: 'workers-timeline' }, 'Timeline'),
        h('ul', { class: 'legend', 'aria-label': 'Legend' },
          h('li', { 'data-kind': 'tile' }, 'a tile'),
          h('li', { 'data-kind': 'lost' }, 'lost with its worker'),
          h('li', { 'data-kind': 'end' }, 'worker killed'))),
      this.list,
      h('p', { class: 'timeline__axis' }, h('span', {}, '0 s'), this.until));
  }

  /** As many lanes as there are places: for workers, or a single one for the page. */
  setLanes(count, { onPage }) {
    if (this.lanes.length === count && this.onPage === onPage) return;
    this.onPage = onPage;
    for (const lane of this.lanes) lane.dispose();
    this.lanes = Array.from({ length: count }, (_, place) => new Lane(place, { onPage, onKill: this.onKill }));
    this.list.replaceChildren(...this.lanes.map(({ element }) => element));
  }

  /** Shows how things are, unless it did so just now and need not. */
  render(rendering, fleet, { killable, now }) {
    if (!now && performance.now() - this.shownAt < EVERY_MS) return;
    this.shownAt = performance.now();
    const span = Math.max(SHORTEST_MS, rendering?.elapsed ?? 0);
    setText(this.until, seconds(span));
    for (const lane of this.lanes) lane.render({ rendering, fleet, killable, span });
  }

  dispose() {
    for (const lane of this.lanes) lane.dispose();
  }
}

class Lane {
  constructor(place, { onPage, onKill }) {
    this.place = place;
    this.onPage = onPage;
    const id = `workers-lane-${place}`;
    this.name = h('h3', { class: 'lane__name', id }, onPage ? 'This page' : `Place ${place + 1}`);
    this.before = h('span', { class: 'lane__note' });
    this.note = h('span', { class: 'lane__note' });
    this.member = null;
    this.killButton = onPage ? null : toolbarButton('Kill', `kill-${place + 1}`, () => onKill(this.member));
    this.killButton?.classList.add('button--small');
    this.killButton?.setAttribute('aria-describedby', id);
    this.strip = new CrispCanvas({ class: 'lane__strip', 'aria-labelledby': id }, (brush, width, height) => this.draw(brush, width, height));
    this.element = h('li', { class: 'lane', 'data-testid': 'lane', 'data-tiles': '0', 'data-lost': '0' },
      h('div', { class: 'lane__head' }, this.name, this.before, this.note), this.strip.element, this.killButton);
  }

  render(shown) {
    Object.assign(this, shown);
    const tries = this.tries();
    const count = end => tries.filter(attempt => attempt.end === end).length;
    const [done, lost] = [count('done'), count('lost')];
    Object.assign(this.element.dataset, { tiles: done, lost });
    if (!this.onPage) this.showMember();
    setText(this.note, `${done} ${done === 1 ? 'tile' : 'tiles'}${lost > 0 ? `, ${lost} lost` : ''}`);
    this.strip.draw();
  }

  showMember() {
    const crew = this.crew();
    this.member = crew.findLast(({ endedAt }) => endedAt === null) ?? null;
    const latest = this.member ?? crew.at(-1);
    setText(this.name, latest ? `Worker ${latest.number}` : `Place ${this.place + 1}`);
    const gone = crew.length - 1;
    setText(this.before, gone > 1 ? `after ${gone} others` : gone === 1 ? `after ${crew[0].number}` : '');
    const colour = latest ? `var(${workerToken(latest.number)})` : 'var(--line-strong)';
    if (this.name.dataset.colour !== colour) {
      this.name.dataset.colour = colour;
      this.name.style.setProperty('--worker', colour);
    }
    setEnabled(this.killButton, this.killable && this.member !== null);
  }

  tries() {
    return (this.rendering?.tries ?? []).filter(({ place }) => place === this.place);
  }

  crew() {
    return this.onPage ? [] : (this.fleet?.crew ?? []).filter(({ place }) => place === this.place);
  }

  draw(brush, width, height) {
    const { rendering, span } = this;
    brush.fillStyle = colourToken('--surface-sunken');
    brush.fillRect(0, 0, width, height);
    if (!rendering || rendering.startedAt === null) return;
    const x = ms => (ms / span) * width;

    for (const { number, bornAt, endedAt } of this.crew()) {
      const from = x(Math.max(0, bornAt - rendering.startedAt));
      const to = x(Math.min(rendering.elapsed, (endedAt ?? Infinity) - rendering.startedAt));
      brush.fillStyle = workerColour(number);
      brush.globalAlpha = 0.35;
      if (to > from) brush.fillRect(from, height / 2 - 1, to - from, 2);
      brush.globalAlpha = 1;
    }
    for (const { number, from, to, end } of this.tries()) {
      const left = x(from), right = x(to ?? rendering.elapsed);
      brush.fillStyle = end === 'lost' ? colourToken('--status-error') : workerColour(number);
      brush.globalAlpha = end === 'cancelled' ? 0.3 : end === null ? 0.6 : 1;
      const inset = end === 'lost' ? 0 : 5;
      brush.fillRect(left, inset, Math.max(1, right - left - 1), height - 2 * inset);
    }
    brush.globalAlpha = 1;
    for (const { endedAt, killed } of this.crew()) {
      if (killed && endedAt > rendering.startedAt) this.markEnd(brush, x(endedAt - rendering.startedAt), height);
    }
  }

  markEnd(brush, x, height) {
    brush.fillStyle = colourToken('--status-error');
    brush.fillRect(x - 1, 0, 2, height);
    brush.beginPath();
    brush.moveTo(x - 5, 0);
    brush.lineTo(x + 5, 0);
    brush.lineTo(x, 7);
    brush.fill();
  }

  dispose() {
    this.strip.dispose();
  }
}
