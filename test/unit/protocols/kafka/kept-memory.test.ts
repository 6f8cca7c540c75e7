import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KafkaFrames } from '../../../../src/protocols/kafka/frames.ts';
import { WireWriter } from '../../../../src/protocols/kafka/wire.ts';

const frame = (id: number, body: Uint8Array): Buffer =>
  new WireWriter()
    .int32(4 + body.length)
    .int32(id)
    .raw(Buffer.from(body))
    .finish();

it('reads the same frames in one memory, which the next bytes overwrite, as with memory for each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 20 }),
      (bodies, sizes) => {
        const all = Buffer.concat(bodies.map((body, id) => frame(id, body)));
        const frames = new KafkaFrames(5000, true);
        const pieceMemory = Buffer.alloc(4000);
        const found: [number, string][] = [];
        for (let at = 0, turn = 0; at < all.length; turn += 1) {
          const size = Math.min(sizes[turn % sizes.length] ?? 1, all.length - at);
          all.copy(pieceMemory, 0, at, at + size);
          for (const { correlation, answer } of frames.push(pieceMemory.subarray(0, size)))
            found.push([correlation, answer.toString('hex')]);
          pieceMemory.fill(0xff);
          at += size;
        }
        expect(found).toEqual(bodies.map((body, id) => [id, Buffer.from(body).toString('hex')]));
        expect(frames.kept).toBe(0);
      },
    ),
  );
});
