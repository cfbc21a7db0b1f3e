/**
 * Creates an element. A function is set as a property (`onclick`), true as an empty attribute,
 * false and null are left out, everything else becomes an attribute.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element[name] = value;
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}

const colours = new Map();
onThemeChange(() => colours.clear()); // the first listener, so that whoever redraws reads new colours

/** The value of a colour token, in the theme in force, as canvas understands it: light-dark() resolved. */
export function colourToken(token) {
  if (!colours.has(token)) {
    const probe = h('span', { hidden: true });
    probe.style.color = `var(${token})`;
    document.body.append(probe);
    colours.set(token, getComputedStyle(probe).color);
    probe.remove();
  }
  return colours.get(token);
}

/** Calls `fn` whenever the theme changes, by the toggle or by the system. Returns a function that stops it. */
export function onThemeChange(fn) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  document.addEventListener('themechange', fn);
  system.addEventListener('change', fn);
  return () => {
    document.removeEventListener('themechange', fn);
    system.removeEventListener('change', fn);
  };
}
