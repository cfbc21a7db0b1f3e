import { h, onThemeChange } from '../../shell/dom.js';

/** A canvas as sharp as the screen, that is as large as its style says. `draw(brush, width, height)` is in CSS pixels. */
export class CrispCanvas {
  constructor(attributes, draw) {
    this.element = h('canvas', { role: 'img', ...attributes });
    this.brush = this.element.getContext('2d');
    this.paint = draw;
    this.resizing = new ResizeObserver(() => this.draw());
    this.resizing.observe(this.element);
    this.stopListening = onThemeChange(() => this.draw());
  }

  draw() {
    const { element, brush } = this;
    const { clientWidth: width, clientHeight: height } = element;
    if (width === 0) return;
    const scale = devicePixelRatio;
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (element.width !== across) element.width = across;
    if (element.height !== down) element.height = down;
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    this.paint(brush, width, height);
  }

  dispose() {
    this.resizing.disconnect();
    this.stopListening();
  }
}
