import { h } from '../../shell/dom.js';
import { clockTime } from '../shared/format.js';
import { nameOf } from './names.js';

const ROOMS = [['all', 'Everybody'], ['weavers', 'Weavers'], ['dyers', 'Dyers']];
const KEPT = 100;
const SHOWN = 30;

/** A chat with rooms: a key each, so that one who writes in one holds up nobody in another. */
export function chat(shared, say) {
  let room = 'all';
  const read = new Map(ROOMS.map(([id]) => [id, last(id)]));

  // #region chat
  const keyOf = room => `chat:${room}`;

  function send(text) {
    const message = { by: shared.id, at: new Date(), text };
    return shared.update(keyOf(room), list => [...(list ?? []), message].slice(-KEPT)); // nobody's message is lost
  }

  for (const [id] of ROOMS) shared.subscribe(keyOf(id), render);
  // #endregion

  const tabs = ROOMS.map(([id, label]) => h('button', { class: 'chat__room', type: 'button', role: 'tab', id: `chat-tab-${id}`, 'aria-controls': 'chat-panel', 'data-testid': `chat-${id}`, onclick: () => enter(id) },
    label, h('span', { class: 'chat__unread', hidden: true })));
  const lines = h('ol', { class: 'chat__lines', 'data-testid': 'chat-lines' });
  const log = h('div', { class: 'chat__log', role: 'log', 'aria-label': 'Messages', tabindex: '0' }, lines);
  const field = h('input', { class: 'input', type: 'text', maxlength: '300', placeholder: 'Say something', 'aria-label': 'Your message', autocomplete: 'off', 'data-testid': 'chat-field' });
  const form = h('form', { class: 'chat__form', onsubmit: event => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === '') return;
    field.value = '';
    send(text).catch(error => {
      field.value = text; // it is not lost
      say(error);
    });
  } }, field, h('button', { class: 'button button--primary', type: 'submit', 'data-testid': 'chat-send' }, 'Send'));

  function messages(id) {
    return shared.get(`chat:${id}`) ?? [];
  }

  function last(id) {
    return shared.getVersion(`chat:${id}`);
  }

  function enter(id) {
    room = id;
    render();
    field.focus();
  }

  function onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (ROOMS.findIndex(([id]) => id === room) + step + ROOMS.length) % ROOMS.length;
    enter(ROOMS[next][0]);
    tabs[next].focus();
  }

  function render() {
    read.set(room, last(room));
    ROOMS.forEach(([id], i) => {
      const isHere = id === room;
      tabs[i].setAttribute('aria-selected', String(isHere));
      tabs[i].tabIndex = isHere ? 0 : -1;
      const unread = tabs[i].lastChild;
      unread.hidden = last(id) <= read.get(id);
      unread.textContent = unread.hidden ? '' : ' new';
    });
    const all = messages(room).slice(-SHOWN);
    lines.replaceChildren(...all.map(({ by, at, text }) => {
      const { name, hue } = nameOf(by);
      return h('li', { class: 'chat__line', 'data-hue': hue }, h('strong', { class: 'chat__name' }, by === shared.id ? 'This tab' : name),
        h('span', { class: 'chat__text' }, text), h('time', { class: 'chat__time', datetime: at.toISOString() }, clockTime(at)));
    }));
    if (all.length === 0) lines.append(h('li', { class: 'muted' }, 'Nobody has said anything here yet.'));
    log.scrollTop = log.scrollHeight;
  }

  render();
  return h('section', { class: 'panel chat', 'aria-labelledby': 'chat' },
    h('h2', { id: 'chat' }, 'Chat'),
    h('div', { class: 'chat__rooms', role: 'tablist', 'aria-label': 'Rooms', onkeydown: onKey }, ...tabs),
    h('div', { id: 'chat-panel', role: 'tabpanel', 'aria-label': 'Room' }, log), form);
}
