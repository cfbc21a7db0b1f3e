const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** CRC-32 of ASCII text, as in zip and png. */
export function crc32(text) {
  let crc = ~0;
  for (let i = 0; i < text.length; i++) crc = CRC_TABLE[(crc ^ text.charCodeAt(i)) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** A feed of lines, each a JSON record, a space, and its checksum. One line in it is cut off. */
export class Feed {
  constructor({ records, corruptAt }) {
    this.records = records;
    this.corruptAt = corruptAt;
  }

  line(index) {
    const celsius = 12 + 9 * Math.sin(index / 90_000) + 4 * Math.sin(index / 2_700) + 1.5 * Math.sin(index * 12.9898);
    const json = JSON.stringify({ id: index, station: `S${index % 64}`, celsius: Math.round(celsius * 100) / 100 });
    const line = `${json} ${crc32(json)}`;
    return index === this.corruptAt ? line.slice(0, 22) : line;
  }
}

export class CorruptRecordError extends Error {
  name = 'CorruptRecordError';
  code = 'corrupt-record';
}

/** The record in a line. Throws a CorruptRecordError for one that is cut off or does not match its checksum. */
export function parseRecord(line, index) {
  const space = line.lastIndexOf(' ');
  try {
    const record = JSON.parse(space < 0 ? line : line.slice(0, space));
    if (crc32(line.slice(0, space)) !== Number(line.slice(space + 1))) throw new Error('The checksum does not match.');
    return record;
  } catch (cause) {
    throw new CorruptRecordError(`Record ${index.toLocaleString('en')} is cut off or damaged: ${line}`, { cause });
  }
}
