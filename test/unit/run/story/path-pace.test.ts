import { expect, it } from 'vitest';
import { isHopeless } from '../../../../src/run/story/path-ledger.ts';

it('reads on while what waits can come in time, or may still be given up', () => {
  const first = { count: 1000, at: 0 };
  const at = (seconds: number, count: number) =>
    isHopeless(first, { count, at: seconds * 1000 }, 300_000, 30_000);
  expect(at(44, 1000)).toBe(false);
  expect(at(45, 1000)).toBe(true);
  // Four a second: 820 are left, and 1,020 can come.
  expect(at(45, 820)).toBe(false);
  expect(at(60, 900)).toBe(true);
  expect(at(299, 0)).toBe(false);
});
