import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, characters, fitParts, type Part } from '../../../src/report/fit-parts.ts';

const lines = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at}`);

describe('text within a limit', () => {
  it('is whole when it fits', () => {
    const parts: Part[] = [{ lines: ['a', 'b'] }, { lines: ['c'], end: ['d'] }];
    expect(fitParts(parts, 8, characters)).toBe('a\nb\nc\nd\n');
    expect(fitParts(parts, Number.POSITIVE_INFINITY, characters)).toBe('a\nb\nc\nd\n');
  });

  it('keeps short parts whole, closes what it cuts, and says how much is missing', () => {
    const said = fitParts(
      [{ lines: ['answer'] }, { lines: lines('row', 100), end: ['</details>'] }],
      200,
      characters,
    );
    expect(said).toMatch(/^answer\nrow 0\nrow 1\n/);
    expect(said).toMatch(/\n\n_8\d more lines are in the run's own report\._\n<\/details>\n$/);
    expect(said.length).toBeLessThanOrEqual(200);
  });

  it('counts bytes where a server does', () => {
    const parts = [{ lines: ['é'.repeat(90)] }, { lines: lines('x', 40) }];
    expect(bytes(fitParts(parts, 400, bytes))).toBeLessThanOrEqual(400);
    expect(fitParts(parts, 400, bytes)).toContain('é'.repeat(90));
  });

  it('never exceeds a limit that its ends and notes fit into, and cuts between lines only', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((one) => !one.includes('\n'));
    const part = fc.record({ lines: fc.array(line, { maxLength: 60 }), end: fc.constant(['</details>']) });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 800, max: 4000 }),
        (parts, limit) => {
          const said = fitParts(parts, limit, bytes);
          const given = new Set(parts.flatMap((one) => [...one.lines, ...one.end]));
          expect(bytes(said)).toBeLessThanOrEqual(Math.max(limit, 1));
          for (const one of said.slice(0, -1).split('\n'))
            expect(
              given.has(one) || one === '' || / more lines are in the run's own report\._$/.test(one),
            ).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
