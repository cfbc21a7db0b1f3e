import { boot, run } from './cell.js';

const functions = { boot, run };

onmessage = async ({ data: { what, argument } }) => {
  try {
    postMessage({ value: await functions[what](argument) });
  } catch (error) {
    postMessage({ error: error.stack ?? String(error) });
  }
};
