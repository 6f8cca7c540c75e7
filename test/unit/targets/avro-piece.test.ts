import avro from 'avsc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { avroReader } from '../../../src/targets/schemas/avro.ts';

const SCHEMA = {
  ...{ type: 'record', name: 'Sent' },
  fields: [
    { name: 'parcel', type: 'string' },
    { name: 'number', type: 'long' },
    { name: 'notes', type: { type: 'array', items: 'string' } },
  ],
};

it('reads a value in the middle of its batch, and no byte of the records around it', () => {
  const type = avro.Type.forSchema(SCHEMA as avro.Schema);
  const read = avroReader(JSON.stringify(SCHEMA), []);
  const value = fc.record({
    ...{ parcel: fc.string(), number: fc.integer(), notes: fc.array(fc.string(), { maxLength: 3 }) },
  });
  const around = fc.uint8Array({ maxLength: 50 });
  fc.assert(
    fc.property(value, around, around, (one, before, after) => {
      const own = type.toBuffer(one);
      const bytes = Buffer.concat([before, own, after]);
      const [from, to] = [before.length, before.length + own.length];
      expect(read({ bytes, from, to })).toEqual(one);
      expect(() => read({ bytes, from, to: to - 1 })).toThrow('its bytes end within it');
      if (after.length > 0) expect(() => read({ bytes, from, to: to + 1 })).toThrow('1 bytes are left over');
    }),
  );
});
