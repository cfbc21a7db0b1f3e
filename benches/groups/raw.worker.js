// Jobs called by messages of our own: `[id, name, arguments, transfer]`, answered by `[id, result]`; or several of them in one message.

import * as jobs from './workers/jobs.js';

const run = ([id, name, args]) => [id, jobs[name](...args)];

onmessage = ({ data }) => {
  if (Array.isArray(data[0])) return postMessage(data.map(run));
  const answer = run(data);
  postMessage(answer, data[3] ? [answer[1]] : []);
};
postMessage('ready');
