import { h } from './dom.js';

// Enough of JavaScript's grammar for short, well-behaved snippets.
const TOKEN = new RegExp([
  String.raw`(?<comment>\/\/.*|\/\*[\s\S]*?\*\/)`,
  String.raw`(?<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\`(?:\\.|[^\`\\])*\`)`,
  String.raw`(?<number>\b\d[\d_]*(?:\.\d+)?(?:e-?\d+)?\b)`,
  String.raw`(?<keyword>\b(?:async|await|break|catch|class|const|export|extends|for|from|function|if|import|let|new|of|return|super|throw|try|while)\b)`,
  String.raw`(?<library>\b(?:ctx|task|run|cacheData|Cron|manager|pool|policy|expose|job|scheduleCron|scheduleInterval|sessionStore|stateRef|store)\b)`,
].join('|'), 'g');

/** Splits JavaScript source into text and `<span class="code-…">` nodes. */
export function highlight(source) {
  const nodes = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups).find(([, text]) => text !== undefined);
    nodes.push(source.slice(end, match.index), h('span', { class: `code-${kind}` }, match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(source.slice(end));
  return nodes;
}
