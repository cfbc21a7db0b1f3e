import { h } from './dom.js';
import { highlight } from './highlight.js';

let panels = 0;

/**
 * Shows code as tabs. Each snippet is `{ label, url, region }`: the lines of the file at `url`
 * between `// #region <region>` and `// #endregion` (each such pair, in order), read from the file that runs, so that what is
 * shown can't differ from it.
 */
export function snippetPanel(snippets) {
  const prefix = `snippet-${++panels}`;
  const tabs = snippets.map(({ label }, index) => h('button', {
    class: 'tab', type: 'button', role: 'tab', id: `${prefix}-tab-${index}`,
    'aria-controls': `${prefix}-panel`, onclick: () => select(index),
  }, label));
  const code = h('code');
  const source = h('a', { class: 'snippets__source' });
  const panel = h('div', { role: 'tabpanel', id: `${prefix}-panel` },
    h('pre', { class: 'snippets__code', tabindex: '0', role: 'region', 'aria-label': 'Code' }, code),
    h('p', { class: 'snippets__caption' }, 'Read from the file that is running: ', source));
  const list = h('div', { class: 'snippets__tabs', role: 'tablist', 'aria-label': 'Code of this room', onkeydown: onKey }, ...tabs);

  let selected = 0;

  async function select(index) {
    selected = index;
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', tabs[index].id);
    const { url, region } = snippets[index];
    source.href = url;
    source.textContent = pathFromRoot(url);
    const text = await regionOf(url, region);
    if (selected === index) code.replaceChildren(...highlight(text));
  }

  function onKey(event) {
    const last = tabs.length - 1;
    const target = {
      ArrowRight: selected === last ? 0 : selected + 1,
      ArrowLeft: selected === 0 ? last : selected - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    select(target);
    tabs[target].focus();
  }

  select(0);
  return h('section', { class: 'snippets', 'aria-labelledby': `${prefix}-heading` },
    h('h2', { id: `${prefix}-heading` }, 'The code'), list, panel);
}

const pathFromRoot = url => new URL(url).pathname.slice(new URL('..', import.meta.url).pathname.length);

async function regionOf(url, region) {
  const response = await fetch(url);
  if (!response.ok) return `// ${pathFromRoot(url)} could not be read: ${response.status}`;
  const parts = [];
  let part = null;
  for (const line of (await response.text()).split('\n')) {
    if (line.trim() === `// #region ${region}`) parts.push(part = []);
    else if (line.trim() === '// #endregion') part = null;
    else part?.push(line);
  }
  if (parts.length === 0) throw new Error(`${pathFromRoot(url)} has no region “${region}”.`);
  return parts.map(dedent).join('\n\n');
}

function dedent(lines) {
  const indent = Math.min(...lines.filter(line => line.trim()).map(line => line.search(/\S/)));
  return lines.map(line => line.slice(indent)).join('\n');
}
