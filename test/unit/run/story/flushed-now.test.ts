import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../src/core/units.ts';
import { flushedNow } from '../../../../src/run/story/settle.ts';

const flows = [{ flow: 'g' }];
const clock = { now: () => epochMs(5000) };
const at = (settled: number) => flushedNow(flows, { settledUntil: () => epochMs(settled) }, clock).get('g');

describe('up to where a flush may be believed', () => {
  it('is where its arrivals are settled', () => {
    expect(at(2400)).toBe(2400);
  });

  it('is nowhere before the first arrival, and before there is a load', () => {
    expect(at(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(flushedNow(flows, undefined, clock).get('g')).toBe(0);
  });

  it('is now for a load that is over: a number that a file can hold', () => {
    expect(at(Number.POSITIVE_INFINITY)).toBe(5000);
  });
});
