import { h } from '../../shell/dom.js';
import { percent, seconds, whole } from '../shared/format.js';
import { setText } from '../shared/set-text.js';

const LINES = 12;

/** The latest events, newest first, in lines that are made once and used again. */
export class EventLog {
  constructor() {
    this.started = performance.now();
    this.entries = [];
    this.lines = Array.from({ length: LINES }, () => {
      const [time, name, text] = ['time', 'name', 'text'].map(part => h('span', { class: `log__${part}` }));
      return { time, name, text, element: h('li', { class: 'log__line', hidden: true }, time, name, text) };
    });
    this.empty = h('p', { class: 'log__empty' }, 'Nothing has happened yet.');
    this.element = h('section', { class: 'log', 'aria-labelledby': 'queue-log' },
      h('h2', { id: 'queue-log' }, 'Events'),
      this.empty,
      h('ol', { class: 'log__lines', 'data-testid': 'log', 'aria-label': 'The latest events, newest first' }, ...this.lines.map(({ element }) => element)));
  }

  add({ type, job, time }) {
    const kind = type === 'settled' ? job.task.state : type;
    this.entries.unshift({ kind, name: job.name, time: seconds(time - this.started), text: describe(kind, job) });
    this.entries.length = Math.min(this.entries.length, LINES);
  }

  render() {
    this.empty.hidden = this.entries.length > 0;
    this.lines.forEach(({ element, time, name, text }, i) => {
      const entry = this.entries[i];
      element.hidden = !entry;
      if (!entry) return;
      element.dataset.kind = entry.kind;
      setText(time, entry.time);
      setText(name, entry.name);
      setText(text, entry.text);
    });
  }
}

function describe(kind, { task, failure, priority }) {
  switch (kind) {
    case 'submitted': return `submitted, ${priority}`;
    case 'started': return 'started';
    case 'retried': return `retried: attempt ${task.attempt} (${failure.message})`;
    case 'done': return `done: ${whole(task.result)} primes`;
    case 'error': return `failed: ${task.error.name}, ${task.error.message}`;
    case 'cancelled': return task.progress ? `cancelled at ${percent(Math.floor(100 * task.progress.value / task.progress.total) / 100)}` : 'cancelled';
  }
}
