import { mountFrameMeter } from './shell/frame-meter.js';
import { startGallery } from './shell/gallery.js';
import { failureNotice } from './shell/notice.js';

const room = document.getElementById('room');
if (await startLibrary()) {
  startGallery({ nav: document.getElementById('rooms'), room });
  mountFrameMeter(document.getElementById('meter')); // now, so that loading does not count as a gap
}

/** Loads and starts taskloom; says on the page what went wrong if it can't. */
async function startLibrary() {
  try {
    const { default: init } = await import('./taskloom.js');
    await init();
    return true;
  } catch (error) {
    room.replaceChildren(failureNotice({
      title: 'taskloom could not start',
      text: 'The examples need the library, and loading it failed. Reload the page to try again.',
      error,
      testid: 'init-failed',
    }));
    return false;
  }
}
