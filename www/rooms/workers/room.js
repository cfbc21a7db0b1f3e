import { h } from '../../shell/dom.js';
import { seconds } from '../shared/format.js';
import { setText } from '../shared/set-text.js';
import { Fleet } from './fleet.js';
import { Picture } from './picture.js';
import { Rendering } from './rendering.js';
import { runsTable } from './runs-table.js';
import { MOST_WORKERS } from './setups.js';
import { SpeedChart, speed } from './speed-chart.js';
import { statsPanel } from './stats-panel.js';
import { steering } from './steering.js';
import { Timeline } from './timeline.js';

export const title = 'Workers';
export const blurb = 'A woven cloth, lit by millions of paths of light: work for seconds. Compute it on this page or on a '
  + 'pool of workers, watch the frame rate, and kill a worker in the middle of it.';
export const stylesheet = new URL('./room.css', import.meta.url).href;

const file = path => new URL(path, import.meta.url).href;
export const snippets = [
  { label: 'Calls', url: file('./rendering.js'), region: 'call' },
  { label: 'Pool', url: file('./fleet.js'), region: 'pool' },
  { label: 'Worker', url: file('./jobs.js'), region: 'worker' },
  { label: 'Job', url: file('./tracer/tile.js'), region: 'tile' },
  { label: 'On the page', url: file('./rendering.js'), region: 'page' },
  { label: 'Stats', url: file('./stats-panel.js'), region: 'stats' },
];

export function mount(element) {
  let fleet = null;
  let rendering = null; // the latest
  let busy = false;
  let stopAll = false;
  let left = false;
  let frame = 0;
  const runs = new Map(); // the latest finished rendering of each setup, by its id

  const message = h('p', { class: 'workers__message', role: 'status', 'data-testid': 'message' }, 'Press Render.');
  const bar = h('progress', { max: '1', value: '0', 'aria-label': 'How much of the picture is computed', 'data-testid': 'progress' });
  const clock = figure('Time', 'time');
  const rate = figure('Paths a second', 'rate');
  const lost = figure('Calls lost', 'lost');
  const picture = new Picture();
  const chart = new SpeedChart();
  const table = runsTable();
  const stats = statsPanel({ rows: MOST_WORKERS });
  const timeline = new Timeline({ onKill: kill });
  const steer = steering({
    render: setup => renderAll([setup]),
    renderAll,
    kill: () => kill(longestBusy()),
    cancel: () => { stopAll = true; rendering.cancel(); },
    qualityChanged: () => { // times of other qualities don't compare
      runs.clear();
      table.render([]);
      changed();
    },
  });

  const say = text => { message.textContent = text; };
  const changed = () => { frame ||= requestAnimationFrame(draw); };

  async function renderAll(setups) {
    busy = true;
    stopAll = false;
    for (const setup of setups) {
      if (stopAll || left) break;
      await render(setup);
    }
    busy = false;
    changed();
  }

  async function render(setup) {
    if (setup.workers > 0) openFleet(setup.workers);
    picture.clear();
    const { pathsPerPixel } = steer;
    rendering = new Rendering({
      setup, pathsPerPixel, fleet, onChange: changed,
      onTile: (tile, pixels) => picture.put(tile, pixels),
    });
    timeline.setLanes(Math.max(1, setup.workers), { onPage: setup.workers === 0 });
    say(`Rendering ${setup.where}.`);
    changed();
    const mine = rendering;
    try {
      await mine.start();
      if (pathsPerPixel === steer.pathsPerPixel) runs.set(setup.id, mine);
      table.render(inOrder(runs));
      say(`Done in ${seconds(mine.elapsed)} ${setup.where}: ${speed(mine.rate)} paths of light a second.${told(mine.lost)}`);
    } catch (error) {
      if (left) return;
      stopAll = true;
      say(error.name === 'AbortError' ? `Cancelled after ${seconds(mine.elapsed)}.` : `It failed. ${error.name}: ${error.message}`);
    } finally {
      changed();
    }
  }

  function openFleet(size) {
    if (fleet?.size === size) return fleet.forgetEnded();
    fleet?.dispose();
    fleet = new Fleet(size, { onChange: changed });
  }

  function kill(member) {
    if (!member) return;
    const atWork = attemptOf(member);
    fleet.kill(member);
    say(`Worker ${member.number} was killed ${atWork ? 'in the middle of a tile, which will be computed again' : 'between two tiles'}. The pool starts another.`);
    changed();
  }

  const attemptOf = member => [...rendering.open.values()].find(({ number }) => number === member.number);

  /** The worker that has been at its tile for the longest time; if none is at one just now, the first. */
  function longestBusy() {
    const [attempt] = rendering.open.values();
    return attempt ? fleet.member(attempt.number) : fleet.alive[0];
  }

  /** Draws in each frame for as long as something goes on. */
  function draw() {
    frame = 0;
    rendering?.frame();
    picture.draw(rendering);
    const killable = busy && rendering.setup.workers > 0 && rendering.startedAt !== null;
    timeline.render(rendering, fleet, { killable, now: !busy });
    chart.render(rendering, inOrder(runs));
    stats.render(fleet?.pool, { now: !busy });
    steer.show({ busy, killable });
    if (rendering) {
      bar.value = 1 - rendering.left / rendering.tiles.length;
      setText(clock.value, seconds(rendering.elapsed));
      setText(rate.value, speed(rendering.rate));
      setText(lost.value, String(rendering.lost));
    }
    if (busy) changed();
  }

  timeline.setLanes(2, { onPage: false });
  element.append(
    steer.element,
    h('section', { class: 'workers', 'aria-labelledby': 'workers-picture' },
      h('div', { class: 'workers__bar' }, h('h2', { id: 'workers-picture' }, 'Picture'), message),
      h('div', { class: 'workers__stage' },
        h('div', { class: 'panel workers__picture' },
          picture.element,
          h('div', { class: 'workers__progress' }, bar),
          h('dl', { class: 'figures' }, clock.element, rate.element, lost.element)),
        h('div', { class: 'panel' }, chart.element))),
    timeline.element,
    h('div', { class: 'workers__below' }, table.element, stats.element));
  draw();

  return () => {
    left = true;
    rendering?.cancel();
    fleet?.dispose();
    timeline.dispose();
    chart.dispose();
    cancelAnimationFrame(frame);
    element.replaceChildren();
  };
}

const inOrder = runs => [...runs.values()].sort((a, b) => order(a.setup) - order(b.setup));
const order = ({ workers, sliced }) => workers * 2 + (sliced ? 1 : 0);

const told = lost => (lost === 0 ? '' : ` ${lost} ${lost === 1 ? 'call was lost with its worker' : 'calls were lost with their workers'} and made again.`);

function figure(label, testid) {
  const value = h('dd', { 'data-testid': testid }, '–');
  return { value, element: h('div', {}, h('dt', {}, label), value) };
}
