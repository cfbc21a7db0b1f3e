import { h } from '../../shell/dom.js';
import { Backend } from './backend.js';
import { callLog } from './call-log.js';
import { CITIES, entries } from './entries.js';
import { figures } from './figures.js';
import { cachedForecast, callAtOnce } from './forecast.js';
import { allTabs } from './all-tabs.js';
import { steering } from './steering.js';
import { latency, times } from './words.js';

export const title = 'Cache';
export const blurb = 'A slow function is called once, and its value kept: whoever asks next gets it at once. '
  + 'Watch values grow old, be refreshed behind your back, outlast a backend that fails, and reach other tabs.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'Cache', url: file('./forecast.js'), region: 'cache' },
  { label: 'Calls', url: file('./forecast.js'), region: 'call' },
  { label: 'Figures', url: file('./figures.js'), region: 'stats' },
  { label: 'Warm and clear', url: file('./room.js'), region: 'warm' },
  { label: 'All tabs', url: file('./shared-forecast.js'), region: 'origin' },
  { label: 'Slow function', url: file('./backend.js'), region: 'slow' },
];

/** Whether this tab was opened from the panel of all tabs. */
const isForTabs = new URLSearchParams(location.search).has('tabs');

export function mount(element) {
  const settings = { delay: 1500, isFailing: false, ttl: '6s', refresh: 'background' };
  const log = callLog();
  const board = figures();
  const cards = entries({ call, clear: city => act(() => forecast.clear(city)) });
  const steer = steering(settings, { remake, warm, clearAll });
  const tabs = allTabs(settings);
  let backend, forecast;
  let frame = 0;
  let left = false;

  function open() {
    const { ttl, refresh } = settings;
    backend = new Backend(settings, {
      onFailure: city => { if (!left && refresh === 'background' && forecast.info(city)?.stale) log.refreshFailed(city); },
    });
    forecast = cachedForecast(backend, {
      ttl: ttl === 'for ever' ? Infinity : ttl,
      refresh,
      onEvict: (city, reason) => cards.gone(city, reason),
      onEvent: changed,
    });
  }

  /** The options of a cache are fixed when it is made. */
  function remake() {
    const old = forecast;
    open();
    old[Symbol.dispose]();
    steer.say('A new cache, since options are fixed when a cache is made. It is empty.');
    changed();
  }

  async function call(city, count) {
    const calling = callAtOnce(forecast, city, count);
    changed();
    const outcome = await calling;
    if (left) return;
    const { served: { misses, hits, stale }, ms } = outcome;
    log.add(outcome, misses > 0 && backend.failed.has(city) && outcome.value !== undefined);
    if (count > 1) steer.say(`${count} calls of ${city} at once: ${misses === 0 ? 'no execution' : times(misses, 'execution')}, all served in ${latency(ms)}.`);
    else if (misses === 0 && hits + stale > 0) steer.say(`${city}: served in ${latency(ms)}${stale ? ', stale; a new value is being made' : ''}.`);
    changed();
  }

  // #region warm
  async function warm() {
    const warming = forecast.warm(CITIES.map(city => [city])); // four at a time
    changed();
    const endings = await warming;
    const failed = endings.filter(({ status }) => status === 'rejected').length;
    if (!left) steer.say(failed > 0 ? `${failed} of ${CITIES.length} could not be warmed: the backend fails.` : 'Warm: every call is a hit now.');
  }

  function clearAll() {
    act(() => forecast.clear());
    steer.say('All values are gone. The next call of each city waits again.');
  }
  // #endregion

  function act(doing) {
    doing();
    changed();
  }

  function changed() { frame ||= requestAnimationFrame(render); }
  /** Draws in each frame for as long as something grows older. */
  function render() {
    frame = 0;
    if (left) return;
    const moves = cards.render(forecast, backend);
    board.render(forecast, backend.runs);
    if (moves) changed();
  }

  open();
  element.append(
    h('div', { class: 'memo__top' }, steer.element, board.element),
    h('div', { class: 'memo__middle' }, cards.element, log.element),
    tabs.element);
  steer.say('Call a city twice, then once more when it is stale.');
  render();
  if (isForTabs) tabs.element.scrollIntoView();

  return () => {
    left = true;
    forecast[Symbol.dispose]();
    tabs.dispose();
    cancelAnimationFrame(frame);
    element.replaceChildren();
  };
}
