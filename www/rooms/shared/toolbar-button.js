import { h } from '../../shell/dom.js';

/** A button that keeps the focus when it has nothing to do; `disabled` would drop it. */
export function toolbarButton(text, testid, act, { primary = false } = {}) {
  return h('button', {
    class: primary ? 'button button--primary' : 'button', type: 'button', 'data-testid': testid,
    onclick: ({ currentTarget }) => { if (currentTarget.getAttribute('aria-disabled') !== 'true') act(); },
  }, text);
}

/** Says whether a toolbar button has something to do. */
export function setEnabled(button, enabled) {
  const disabled = String(!enabled);
  if (button.getAttribute('aria-disabled') !== disabled) button.setAttribute('aria-disabled', disabled);
}
