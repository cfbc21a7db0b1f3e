// A server component that runs a task itself, for each request.

import init, { run } from 'taskloom';

export const dynamic = 'force-dynamic';

const ready = init();

export default async function Page() {
  const value = await ready.then(() => run(() => 6 * 7)).catch(error => error.code);
  return <output id="served">{String(value)}</output>;
}
