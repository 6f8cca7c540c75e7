import fc from 'fast-check';
import { expect, it } from 'vitest';
import { framesOf } from '../../../../src/targets/docker/links/stream-frames.ts';

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

it('gives each stream its own text, whole, however it was cut into frames', () => {
  const part = fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const bytes = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)));
      const of = (stream: number) => parts.flatMap(([one, text]) => (one === stream ? [text] : [])).join('');
      expect(framesOf(bytes)).toEqual({ stdout: of(1), stderr: of(2) });
    }),
  );
});

it('is an error when it ends within a frame', () => {
  expect(() => framesOf(frame(1, 'whole').subarray(0, 10))).toThrow('not a Docker answer');
  expect(() => framesOf(Buffer.alloc(3))).toThrow('not a Docker answer');
});
