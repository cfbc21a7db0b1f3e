// Sends the time, on a clock that the page shares, every 10 ms.
setInterval(() => postMessage(performance.timeOrigin + performance.now()), 10);
