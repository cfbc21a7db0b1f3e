export const times = (count, what) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

/** How a tick has fared, as the legend, the timeline and the report call it. */
export const FATES = {
  ahead: 'ahead',
  ran: 'ran on time',
  late: 'ran late',
  folded: 'made up for by the run after it',
  left: 'left out',
  skipped: 'skipped: a run was under way',
  waiting: 'waits for a run to end',
};

const oneFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UNITS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];

/** How long until then: '2.4 s', '3 min 20 s', '14 h 5 min', '126 d 3 h'. */
export function span(ms) {
  if (ms < 60_000) return `${oneFormat.format(Math.max(0, ms) / 1000)} s`;
  const first = UNITS.findIndex(([unit]) => ms >= unit);
  const [[large, largeName], [small, smallName]] = UNITS.slice(first, first + 2);
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large).toLocaleString('en')} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}
