// Workers without a library, as somebody writes them who knows how.

const URL = '/bench/groups/raw.worker.js';

/** One worker; `call` posts one message and gives a promise, found again by its id when the answer comes. */
export async function rawWorker() {
  const { worker, calls } = await started();
  worker.onmessage = ({ data }) => calls.settle(data);
  return {
    call(name, ...args) {
      const { id, promise } = calls.add();
      worker.postMessage([id, name, args]);
      return promise;
    },
    /** The same for a function that takes a buffer and gives it back. */
    transfer(name, buffer) {
      const { id, promise } = calls.add();
      worker.postMessage([id, name, [buffer], true], [buffer]);
      return promise;
    },
    close: () => worker.terminate(),
  };
}

/** One worker; what is called within a microtask goes as one message, and so do the answers. The floor: no call can be told from another on its way. */
export async function batchingWorker() {
  const { worker, calls } = await started();
  let batch = [];
  worker.onmessage = ({ data }) => data.forEach(calls.settle);
  const send = () => {
    worker.postMessage(batch);
    batch = [];
  };
  return {
    call(name, ...args) {
      const { id, promise } = calls.add();
      if (batch.length === 0) queueMicrotask(send);
      batch.push([id, name, args]);
      return promise;
    },
    close: () => worker.terminate(),
  };
}

/** Several workers, each of which takes the next call of the line when it has answered one. */
export async function rawPool(size) {
  const workers = await Promise.all(Array.from({ length: size }, rawWorker));
  const line = [];
  const free = [...workers];
  const next = async () => {
    if (line.length === 0 || free.length === 0) return;
    const worker = free.pop();
    const { name, args, resolve } = line.shift();
    resolve(await worker.call(name, ...args));
    free.push(worker);
    next();
  };
  return {
    call: (name, ...args) =>
      new Promise((resolve) => {
        line.push({ name, args, resolve });
        next();
      }),
    close: () => workers.forEach((worker) => worker.close()),
  };
}

async function started() {
  const worker = new Worker(URL, { type: 'module' });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
  });
  return { worker, calls: openCalls() };
}

function openCalls() {
  const open = new Map();
  let last = 0;
  return {
    add() {
      const id = ++last;
      return { id, promise: new Promise((resolve) => open.set(id, resolve)) };
    },
    settle([id, result]) {
      open.get(id)(result);
      open.delete(id);
    },
  };
}
