import { Component, StrictMode, Suspense, use, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import init, { run, stateRef } from 'taskloom';

const ready = init();

/** Counted, so that a test sees a component that renders for ever. */
const renders = (window.renders = {});
const count = name => { renders[name] = (renders[name] ?? 0) + 1; };

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const greet = name => run(async ctx => {
  ctx.progress(0.5);
  await sleep(50);
  return `hello ${name}`;
}, { name });

function Promised({ task }) {
  count('promised');
  return <output id="promised">{use(task.promise)}</output>;
}

function Used({ task }) {
  count('used');
  return <output id="used">{use(task)}</output>;
}

function Child({ task }) {
  count('child');
  return <output id="child">{task}</output>;
}

function Failing({ task }) {
  count('failing');
  return <output>{use(task)}</output>;
}

class Boundary extends Component {
  state = { error: null };
  static getDerivedStateFromError = error => ({ error });
  render() {
    return this.state.error ? <output id="failed">{this.state.error.message}</output> : this.props.children;
  }
}

function Progress({ task }) {
  count('progress');
  const progress = useSyncExternalStore(listener => task.subscribe(listener), () => task.progress);
  const state = useSyncExternalStore(listener => task.subscribe(listener), () => task.state);
  return <output id="progress">{`${progress} ${state}`}</output>;
}

function Counter() {
  count('counter');
  const [clicks] = useState(() => stateRef('clicks', { factory: () => 0 }));
  const value = useSyncExternalStore(listener => clicks.subscribe(listener), () => clicks.value);
  return <button type="button" onClick={() => { clicks.value += 1; }}>{`clicked ${value} times`}</button>;
}

function Tasks() {
  // Made above the boundaries: what suspends throws its own state away.
  const [tasks, setTasks] = useState(makeTasks);
  return (
    <>
      <Suspense fallback={<p id="waiting">waiting</p>}>
        <Promised task={tasks.promised} />
        <Used task={tasks.used} />
        <Child task={tasks.child} />
      </Suspense>
      <Boundary>
        <Suspense fallback={<p>waiting</p>}><Failing task={tasks.failing} /></Suspense>
      </Boundary>
      <Progress task={tasks.used} />
      <Counter />
      <button type="button" id="again" onClick={() => setTasks(tasks => ({ ...makeTasks(), failing: tasks.failing }))}>again</button>
    </>
  );
}

let round = 0;
function makeTasks() {
  const name = `round ${++round}`;
  return {
    promised: greet(name),
    used: greet(name),
    child: greet(name),
    failing: run(() => { throw new RangeError('out of luck'); }),
  };
}

function App() {
  use(ready);
  return <Tasks />;
}

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <Suspense fallback={<p>loading</p>}><App /></Suspense>
  </StrictMode>,
);
