const NAMES = ['Warp', 'Weft', 'Shed', 'Reed', 'Heddle', 'Shuttle', 'Treadle', 'Selvage', 'Bobbin', 'Batten', 'Pick', 'Twill'];
const HUES = 8;

/** What a tab is called: a word and a number out of its id, the same in all tabs; and one of the colours. */
export function nameOf(id) {
  const number = Number(id) % 9973;
  return { name: `${NAMES[number % NAMES.length]} ${String(number % 89 + 10)}`, hue: String(number % HUES + 1) };
}
