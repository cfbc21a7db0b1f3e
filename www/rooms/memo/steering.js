import { h } from '../../shell/dom.js';
import { checkbox, choice, slider } from '../shared/controls.js';
import { seconds } from '../shared/format.js';
import { toolbarButton } from '../shared/toolbar-button.js';

const TTLS = [['2s', '2 seconds'], ['6s', '6 seconds'], ['20s', '20 seconds'], ['for ever', 'for ever']];
const REFRESHES = [['background', 'in the background'], ['foreground', 'while the caller waits']];

/** How slow the function is, whether it fails, and the options of its cache. `say(text)` tells the reader what came of it. */
export function steering(settings, { remake, warm, clearAll }) {
  const message = h('p', { class: 'memo__message', role: 'status', 'data-testid': 'message' });
  const failing = checkbox({
    label: 'The backend fails', testid: 'failing',
    onChange: checked => {
      settings.isFailing = checked;
      say(checked ? 'From now on the slow function fails. What is in the cache is served still, also when its time is over.' : 'The slow function works again.');
    },
  });
  const chosen = (name, value) => {
    settings[name] = value;
    remake();
  };

  function say(text) {
    message.textContent = text;
  }

  const element = h('section', { class: 'panel memo__steering', 'aria-labelledby': 'memo-steering' },
    h('h2', { id: 'memo-steering' }, 'A slow function, cached'),
    h('p', { class: 'muted' }, 'It is a function of this page: it waits for as long as you say, and makes up a temperature. Nothing is fetched.'),
    h('div', { class: 'memo__fields' },
      slider({
        label: 'The slow function takes', testid: 'delay', min: 200, max: 4000, step: 100, value: settings.delay, format: seconds,
        onChange: value => { settings.delay = value; },
      }),
      failing,
      choice({ label: 'Values are fresh for', testid: 'ttl', options: TTLS, value: settings.ttl, onChange: value => chosen('ttl', value) }),
      choice({ label: 'Stale ones are refreshed', testid: 'refresh', options: REFRESHES, value: settings.refresh, onChange: value => chosen('refresh', value) })),
    h('div', { class: 'button-row' },
      toolbarButton('Warm all', 'warm', warm, { primary: true }),
      toolbarButton('Clear all', 'clear-all', clearAll)),
    message);

  return { element, say };
}
