import { h } from '../../shell/dom.js';
import { setText } from '../shared/set-text.js';

/** A count, its label, and a row of at most `size` chips below. The chips are made once and used again. */
export class ChipRow {
  constructor({ kind, label, size }) {
    const id = `queue-row-${kind}`;
    this.count = h('span', { class: 'row__count', 'data-testid': `count-${kind}` }, '0');
    this.chips = Array.from({ length: size }, () => h('li', { class: 'chip', hidden: true }));
    this.list = h('ul', { class: 'chips', 'aria-labelledby': id }, ...this.chips);
    this.element = h('div', { class: 'row', 'data-kind': kind },
      h('p', { class: 'row__title' }, h('span', { id }, label), this.count), this.list);
  }

  /** Shows the first of `items`, `{ text, title?, opacity? }` each, and `count`. */
  render(items, count) {
    setText(this.count, String(count));
    this.chips.forEach((chip, i) => {
      const item = items[i];
      chip.hidden = !item;
      if (!item) return;
      setText(chip, item.text);
      if (chip.title !== (item.title ?? '')) chip.title = item.title ?? '';
      const opacity = String(item.opacity ?? 1);
      if (chip.style.opacity !== opacity) chip.style.opacity = opacity;
    });
  }
}
