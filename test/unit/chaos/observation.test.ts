import { expect, it } from 'vitest';
import { view } from '../../../src/chaos/observation.ts';
import type { ProbeFeed, ProbeSample } from '../../../src/core/samples.ts';
import { epochMs } from '../../../src/core/units.ts';

const sample = (over: Partial<ProbeSample>): ProbeSample => ({
  ...{ probe: 'redis', connection: 'held', at: epochMs(0), tookMs: 400, ok: false, outcome: 'stalled' },
  ...over,
});

/** What a fault would judge from, of these samples on its held connection. */
function seenOf(samples: readonly ProbeSample[]): readonly ProbeSample[] {
  const feed = { since: (_: string, connection: string) => (connection === 'held' ? samples : []) };
  return view(feed as unknown as ProbeFeed, ['redis'], epochMs(0)).held;
}

it('leaves a sample out for whose time our own process did not run, since it proves nothing', () => {
  expect(
    seenOf([sample({ ownStallMs: 101 }), sample({ ok: true, outcome: 'ok', tookMs: 90, ownStallMs: 80 })]),
  ).toEqual([]);
});

it('keeps a sample that was late by far more than our own stall, and every answer that the server gave itself', () => {
  const kept = [
    sample({}),
    sample({ ownStallMs: 100 }),
    sample({ outcome: 'refused', tookMs: 30, ownStallMs: 30 }),
    sample({ outcome: 'reset', tookMs: 30, ownStallMs: 30 }),
    sample({ ok: true, outcome: 'ok', tookMs: 3 }),
  ];
  expect(seenOf(kept)).toEqual(kept);
});
