import { h } from '../../shell/dom.js';

export const title = 'Tabs';
export const blurb = 'State that all tabs of a site share. The two frames below are two tabs of this page, side by side: count, slide, chat and take the shuttle in one, '
  + 'and watch the other.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'Opening', url: file('./tab.js'), region: 'open' },
  { label: 'Counter', url: file('./counter.js'), region: 'counter' },
  { label: 'Slider', url: file('./dial.js'), region: 'dial' },
  { label: 'Chat', url: file('./chat.js'), region: 'chat' },
  { label: 'Lock', url: file('./shuttle.js'), region: 'shuttle' },
  { label: 'Presence', url: file('./presence.js'), region: 'presence' },
];

const TAB = file('./tab.html');

export function mount(element) {
  const frames = ['first', 'second'].map(name => h('iframe', {
    class: 'tabs__frame', src: TAB, title: `The ${name} tab`, 'data-testid': `tab-${name}`, onload: ({ currentTarget }) => fit(currentTarget),
  }));
  const observers = [];

  /** As tall as what is in it. */
  function fit(frame) {
    const { body } = frame.contentDocument;
    const observer = new ResizeObserver(() => { frame.style.height = `${body.scrollHeight}px`; });
    observer.observe(body);
    observers.push(observer);
  }

  element.append(
    h('div', { class: 'tabs' }, ...frames),
    h('p', { class: 'tabs__more' }, h('a', { class: 'button', href: TAB, target: '_blank', rel: 'noopener', 'data-testid': 'open-tab' }, 'Open one more tab'),
      ' or this page in another window. What was shared is there when you come back.'));

  return () => {
    for (const observer of observers) observer.disconnect();
    element.replaceChildren(); // the frames close, as tabs do
  };
}
