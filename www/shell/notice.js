import { h } from './dom.js';

/** A message in place of what could not be shown, with the error that says why. */
export function failureNotice({ title, text, error, testid }) {
  return h('div', { class: 'notice notice--error', role: 'alert', 'data-testid': testid },
    h('h1', {}, title),
    h('p', {}, text),
    h('p', {}, h('code', {}, `${error.name}: ${error.message}`)));
}
