import { h } from '../../../shell/dom.js';
import { whole, percent, magnitude } from '../../shared/format.js';
import { renderMandelbrot } from './job.js';

const WIDTH = 640;
const HEIGHT = 400;

/** A job that renders `place`, with the canvas it draws on. */
export function mandelbrotJob(place) {
  const image = new ImageData(WIDTH, HEIGHT);
  const canvas = h('canvas', { width: WIDTH, height: HEIGHT, role: 'img', 'aria-label': `Mandelbrot set, ${place.name}` });
  const brush = canvas.getContext('2d');
  return {
    kind: 'mandelbrot',
    name: place.name,
    canvas,
    work: ctx => renderMandelbrot(ctx, image, place),
    draw: () => brush.putImageData(image, 0, 0),
    rows: ({ points, iterations, inside, zoom }) => [
      ['Zoom', `${magnitude(zoom)}×`],
      ['Iterations', magnitude(iterations)],
      ['Points', whole(points)],
      ['In the set', percent(inside)],
    ],
  };
}
