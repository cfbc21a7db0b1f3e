import { colourToken, h } from './dom.js';

const WINDOW_MS = 10_000;
const REFRESH_MS = 200;
const BEAT_MS = 16;
const WIDTH = 120;
const HEIGHT = 28;
const LATE_MS = 100; // where a delay begins to be felt: https://web.dev/articles/rail
const FULL_SCALE_MS = 120;

/**
 * Counts animation frames: how many came in the last second, the longest gap between two in the
 * last ten seconds, and each gap as a small bar. What blocks the page's thread shows here in red; a browser
 * that draws nothing for a while has its own reasons, as a window that moves or a machine that rests.
 */
export function mountFrameMeter(element) {
  const rate = h('span', { class: 'meter__value', 'data-testid': 'fps' }, '–');
  const longest = h('span', { class: 'meter__value meter__value--gap', 'data-testid': 'longest-gap' }, '–');
  const canvas = h('canvas', {
    class: 'meter__spark', width: WIDTH * 2, height: HEIGHT * 2, role: 'img',
    'aria-label': 'Gaps between frames in the last ten seconds',
  });
  element.append(
    h('span', { class: 'meter__item' }, rate, h('span', { class: 'meter__unit' }, 'fps')),
    canvas,
    h('span', { class: 'meter__item', title: 'Longest gap between two frames in the last ten seconds; red if the page was blocked' },
      h('span', { class: 'meter__unit' }, 'longest gap'), longest, h('span', { class: 'meter__unit' }, 'ms')));

  const brush = canvas.getContext('2d');
  const frames = []; // { at, gap, isLate }, oldest first
  let previous = null;
  let refreshed = 0;
  let beaten = performance.now();
  let blocked = 0; // for how long since the last frame, at most

  // A thread that is blocked holds timers back too.
  const beat = () => {
    const now = performance.now();
    blocked = Math.max(blocked, now - beaten);
    beaten = now;
  };
  setInterval(beat, BEAT_MS);

  // No frames are drawn while the page is hidden; that gap is not a blocked page.
  document.addEventListener('visibilitychange', () => { previous = null; });

  requestAnimationFrame(function frame() {
    // The callback's own argument is when the frame was due, not when it came.
    const now = performance.now();
    beat();
    if (previous !== null) frames.push({ at: now, gap: now - previous, isLate: blocked > LATE_MS });
    previous = now;
    blocked = 0;
    while (frames.length > 0 && frames[0].at < now - WINDOW_MS) frames.shift();
    if (now - refreshed >= REFRESH_MS) {
      refreshed = now;
      refresh(now);
    }
    requestAnimationFrame(frame);
  });

  function refresh(now) {
    rate.textContent = frames.filter(({ at }) => at > now - 1000).length;
    const worst = Math.round(frames.reduce((max, { gap }) => Math.max(max, gap), 0));
    longest.textContent = worst.toLocaleString('en');
    longest.classList.toggle('meter__value--late', frames.some(({ isLate }) => isLate));
    draw(now);
  }

  function draw(now) {
    brush.setTransform(2, 0, 0, 2, 0, 0);
    brush.clearRect(0, 0, WIDTH, HEIGHT);
    // One bar a column, as wide as a gap that is longer than a column, as tall as the longest in it.
    for (const { at, gap, isLate } of frames) {
      const right = WIDTH - ((now - at) / WINDOW_MS) * WIDTH;
      const width = Math.max(1, (gap / WINDOW_MS) * WIDTH);
      const height = Math.max(2, Math.min(1, gap / FULL_SCALE_MS) * HEIGHT);
      brush.fillStyle = colourToken(isLate ? '--status-error' : '--meter-smooth');
      brush.fillRect(right - width, HEIGHT - height, width, height);
    }
  }
}
