/** A short round of `npm run torture`: the harness is killed at drawn instants, and after lease + 1 s nothing of its fault is left. */
import { expect, it } from 'vitest';
import { summary, torture } from '../torture/torture.ts';
import { usualSandbox } from './support-sandbox/test-bed.ts';

/** 37 of 37 rounds took 2.6 s each; the limit leaves room for a machine that is three times as slow. */
const MOST_MS = 30_000;
const LEAST_ROUNDS = 5;

const bench = usualSandbox();

it('leaves nothing, whenever the harness is killed, and says how to repeat each round', async () => {
  const lines: string[] = [];
  const seed = Date.now() % 1_000_000;
  const rounds = await torture({
    seed,
    indices: Array.from({ length: 12 }, (_, index) => index),
    sandbox: bench.sandbox.state,
    places: bench.testBed.places,
    print: (line) => lines.push(line),
    mostMs: MOST_MS,
  });
  const told = [...lines, summary(seed, rounds)].join('\n');
  expect(
    rounds.flatMap((one) => one.left),
    told,
  ).toEqual([]);
  expect(rounds.length, told).toBeGreaterThanOrEqual(LEAST_ROUNDS);
  const played = lines.filter((line) => !line.startsWith('omitted: '));
  expect(played, told).toHaveLength(rounds.length);
});
