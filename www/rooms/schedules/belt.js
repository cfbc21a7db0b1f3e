import { h } from '../../shell/dom.js';

export const BEHIND_MS = 30_000;
export const AHEAD_MS = 45_000;
const SPAN_MS = BEHIND_MS + AHEAD_MS;

/** A stretch of time that moves past a line that is now: runs above, ticks below. */
export class Belt {
  constructor() {
    this.began = Date.now();
    this.nodes = new Map(); // by what they stand for
    this.marks = h('div', { class: 'belt__marks' });
    this.element = h('div', { class: 'belt', role: 'img', 'data-testid': 'belt' }, this.marks, h('div', { class: 'belt__now' }));
  }

  /** Where a time is, in parts of the belt. */
  place(at) {
    return `${(100 * (at - this.began) / SPAN_MS).toFixed(3)}%`;
  }

  move(now) {
    this.now = now;
    this.marks.style.transform = `translateX(${(100 * (this.began + BEHIND_MS - now) / SPAN_MS).toFixed(3)}%)`;
    for (const node of this.growing ?? []) node.style.width = `${(100 * (now - Number(node.dataset.from)) / SPAN_MS).toFixed(3)}%`;
  }

  /** Shows these and nothing else. */
  draw({ ticks, ahead, runs, absence }) {
    const seen = new Set();
    const show = (key, kind, from, to, data) => {
      seen.add(key);
      let node = this.nodes.get(key);
      if (!node) {
        node = h('span', { class: `belt__${kind}`, 'data-testid': kind });
        node.style.left = this.place(from);
        node.dataset.from = from;
        this.nodes.set(key, node);
        this.marks.append(node);
      }
      if (to !== undefined) node.style.width = `${(100 * (to - from) / SPAN_MS).toFixed(3)}%`;
      for (const [name, value] of Object.entries(data)) if (node.dataset[name] !== value) node.dataset[name] = value;
      return node;
    };
    this.growing = [];
    if (absence) show(`absence ${absence.from}`, 'absence', absence.from, absence.to, {});
    for (const { at, fate } of ticks) if (fate !== 'dropped') show(`tick ${at}`, 'tick', at, undefined, { fate });
    for (const at of ahead) show(`ahead ${at}`, 'tick', at, undefined, { fate: 'ahead' });
    for (const run of runs) {
      const node = show(`run ${run.by ?? ''} ${run.startedAt} ${run.at}`, 'run', run.startedAt, run.endedAt ?? this.now ?? run.startedAt, { end: run.end ?? 'running', manual: String(run.manual) });
      if (run.hue) node.style.setProperty('--hue', run.hue);
      if (run.endedAt === null) this.growing.push(node);
    }
    for (const [key, node] of this.nodes) {
      if (seen.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
  }
}
