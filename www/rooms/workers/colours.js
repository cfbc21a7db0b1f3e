import { colourToken } from '../../shell/dom.js';

const COLOURS = 8;

export const workerToken = number => `--worker-${((number ?? 1) - 1) % COLOURS + 1}`;
export const workerColour = number => colourToken(workerToken(number));
