/** Where a picture can be computed: on the page, at a stretch or in slices, or on so many workers. */
export const STRETCH = { id: 'stretch', workers: 0, sliced: false, name: 'Page, at a stretch', short: 'page', where: 'on the page' };
export const SLICED = { id: 'sliced', workers: 0, sliced: true, name: 'Page, in slices', short: 'slices', where: 'on the page, in slices' };
export const onWorkers = workers => {
  const name = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  return { id: `workers-${workers}`, workers, sliced: false, name, short: String(workers), where: `on ${name}` };
};

/** Some more than the processor has cores for, to see that they gain nothing; but not very many. */
export const MOST_WORKERS = Math.min(8, Math.max(4, navigator.hardwareConcurrency ?? 4));
