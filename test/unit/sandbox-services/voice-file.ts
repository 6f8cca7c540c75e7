/** Builds the smallest WAV files that tests need: 16-bit mono silence, with the words in LIST/INFO/ICMT. */
export function wavFile(options: {
  readonly words?: string;
  readonly seconds?: number;
  readonly sampleRateHz?: number;
}): Buffer {
  const { words, seconds = 1, sampleRateHz = 16_000 } = options;
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(sampleRateHz, 4);
  format.writeUInt32LE(sampleRateHz * 2, 8);
  format.writeUInt16LE(2, 12);
  format.writeUInt16LE(16, 14);
  const info =
    words === undefined
      ? []
      : [chunk('LIST', Buffer.concat([Buffer.from('INFO'), chunk('ICMT', Buffer.from(`${words}\0`))]))];
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', format),
    ...info,
    chunk('data', Buffer.alloc(Math.round(seconds * sampleRateHz) * 2)),
  ]);
  return chunk('RIFF', body);
}

function chunk(id: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
