import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from '../../../src/config/json-schema.ts';
import { duration } from '../../../src/config/words/duration.ts';
import { rate, rateOrCeiling } from '../../../src/config/words/rate.ts';
import { secret } from '../../../src/config/words/secret.ts';
import { level, share } from '../../../src/config/words/share.ts';
import { bandwidth } from '../../../src/config/words/size.ts';
import { bitsPerSecond, ms, perSecond, ratio } from '../../../src/core/units.ts';

/** What was written is what is read, for any value that the word can mean; shares to the last bits. */
function there<Value>(word: z.ZodType<Value>, values: fc.Arbitrary<Value>): void {
  fc.assert(
    fc.property(values, (value) => {
      const back: unknown = z.decode(word as never, z.encode(word as never, value as never));
      if (typeof value === 'number') expect(back).toBeCloseTo(value, 12);
      else expect(back).toEqual(value);
    }),
  );
}

/** The schema of a value, for editors. */
interface Told {
  readonly examples?: readonly string[];
  readonly pattern?: string;
}

describe('a word of a file', () => {
  it('is written and read back as the same value: durations, rates, shares, levels, bandwidths, secrets', () => {
    there(duration, fc.integer({ min: 0, max: 604_800_000 }).map(ms));
    there(rate, fc.double({ min: 0.001, max: 100_000, noNaN: true }).map(perSecond));
    there(
      rateOrCeiling,
      fc.record({ rate: fc.integer({ min: 10, max: 100_000 }).map(perSecond), auto: fc.boolean() }),
    );
    there(
      share,
      fc.integer({ min: 0, max: 10_000 }).map((one) => ratio(one / 10_000)),
    );
    there(
      level,
      fc.integer({ min: 1, max: 10_000 }).map((one) => one / 100),
    );
    there(bandwidth, fc.integer({ min: 1, max: 1_000_000_000 }).map(bitsPerSecond));
    there(secret, fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/));
  });

  it('has examples that are read, each matched by the pattern that editors are told', () => {
    const words = { duration, rate, rateOrCeiling, share, level, bandwidth, secret };
    for (const [name, word] of Object.entries(words)) {
      const schema = jsonSchemaOf(z.object({ word }), { title: name, description: name });
      const { definitions, properties } = schema as Readonly<Record<string, Readonly<Record<string, Told>>>>;
      const { examples = [], pattern = '' } = Object.values(definitions ?? properties ?? {})[0] ?? {};
      expect(examples.length, name).toBeGreaterThan(0);
      for (const example of examples) {
        expect(word.safeParse(example).success, `${name} ${example}`).toBe(true);
        expect(new RegExp(pattern).test(example), `${name} ${example}`).toBe(true);
      }
    }
  });

  it('is written in the largest unit of which it is a whole number', () => {
    expect([0, 500, 8000, 90_000, 120_000, 3_600_000].map((one) => z.encode(duration, ms(one)))).toEqual([
      ...['0ms', '500ms', '8s', '90s', '2m', '1h'],
    ]);
  });
});
