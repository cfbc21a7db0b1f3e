'use client';

import init, { run } from 'taskloom';
import { Suspense, use, useEffect, useState } from 'react';

// At the top of a module that the server runs too, while it builds and for each request.
const ready = init();

const greet = async name => {
  await ready;
  return run(() => `hello ${name}`, { name: 'greet' });
};

function Value({ greeting }) {
  return <output id="greeting">{use(greeting)}</output>;
}

export function Greeting({ name }) {
  const [greeting, setGreeting] = useState();
  // What runs in the browser only.
  useEffect(() => { setGreeting(greet(name)); }, [name]);
  return <Suspense fallback={<p>waiting</p>}>{greeting ? <Value greeting={greeting} /> : <p>rendered</p>}</Suspense>;
}
