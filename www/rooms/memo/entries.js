import { h } from '../../shell/dom.js';
import { EntryCard } from './entry-card.js';
import { MAX_ENTRIES } from './forecast.js';

export const CITIES = ['Bergen', 'Cusco', 'Dakar', 'Hanoi', 'Lagos', 'Quito', 'Riga', 'Suva', 'Tunis'];
const MOST_CARDS = 12;

/** A card for each city, and a place for another one. `acts` is `{ call(city, times), clear(city) }`. */
export function entries(acts) {
  const cards = new Map();
  const input = h('input', { class: 'input', id: 'memo-other', maxlength: '24', autocomplete: 'off', placeholder: 'Oslo', 'data-testid': 'other-city' });
  const form = h('form', { class: 'cached__form', onsubmit },
    h('label', { class: 'field__label', for: 'memo-other' }, 'Another city'),
    input,
    h('button', { class: 'button', 'data-testid': 'call-other' }, 'Call'),
    h('p', { class: 'muted' }, `The cache has room for ${MAX_ENTRIES}: the one that was not used for longest goes.`));
  const list = h('ul', { class: 'cached__list' });
  for (const city of CITIES) add(city);

  function onsubmit(event) {
    event.preventDefault();
    const city = input.value.trim();
    if (city === '') return input.focus();
    if (!cards.has(city)) add(city);
    input.value = '';
    acts.call(city, 1);
  }

  function add(city) {
    if (cards.size >= MOST_CARDS) remove([...cards.keys()].find(each => !CITIES.includes(each)));
    const card = new EntryCard(city, acts);
    cards.set(city, card);
    list.append(card.element);
  }

  function remove(city) {
    acts.clear(city);
    cards.get(city).element.remove();
    cards.delete(city);
  }

  return {
    element: h('section', { class: 'memo__entries', 'aria-labelledby': 'memo-entries' }, h('h2', { id: 'memo-entries' }, 'What is in the cache'), list, form),
    gone(city, reason) {
      const card = cards.get(city);
      if (card) card.goneBy = reason;
    },
    /** Says whether anything will look different soon. */
    render: (forecast, backend) => [...cards.values()].map(card => card.render(forecast, backend)).some(Boolean),
  };
}
