/**
 * The numbers against the truth: a real k6 with our production scenarios on servers whose response times are known in closed
 * form. What k6 itself says of the same requests is printed beside ours.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { requireTestTools } from './support-services/test-tools.ts';
import { quantileOfSorted, type TruthScript, trueResponses } from './truth/truth-model.ts';
import { type Measured, measureTruth, type TruthCase } from './truth/truth-run.ts';

let k6: string;
beforeAll(async () => {
  k6 = (await requireTestTools(['k6'])).k6 ?? '';
});

const QUANTILES = [0.5, 0.95, 0.99] as const;
const DURATION_MS = 12_000;

/** Within 1 % or 2 ms of the truth, whichever is more; all three at once, so that a failure shows them all. */
function compare(title: string, asked: TruthCase, measured: Measured) {
  const truth = trueResponses(asked.script, asked.rate, asked.durationMs);
  const rows = QUANTILES.map((q, index) => {
    const is = quantileOfSorted(truth, q);
    const ours = measured.quantile('response', q);
    const k6Says = [measured.k6.p50, measured.k6.p95, measured.k6.p99][index] ?? Number.NaN;
    return { q, is, ours, k6Says, allowed: Math.max(2, is * 0.01) };
  });
  const line = rows
    .map((row) => `P${row.q * 100} ${row.is.toFixed(1)} / ${row.ours.toFixed(1)} / ${row.k6Says.toFixed(1)}`)
    .join(', ');
  console.log(`${title}: truth / ours / k6 in ms: ${line}; dropped ${measured.ledger?.dropped}`);
  return rows.filter((row) => !(Math.abs(row.ours - row.is) <= row.allowed));
}

const base = 3;
const CASES: readonly (readonly [string, TruthScript, number, number])[] = [
  ['a stall of 400 ms every 3 s', { baseMs: base, stall: { everyMs: 3000, forMs: 400 } }, 500, 400],
  [
    'the same stall with 12 VUs, which drop its victims',
    { baseMs: base, stall: { everyMs: 3000, forMs: 400 } },
    500,
    12,
  ],
  ['a freeze of 500 ms', { baseMs: base, freezes: [{ atMs: 6000, forMs: 500 }] }, 500, 400],
  ['one slow request in 40', { baseMs: base, slow: { every: 40, addMs: 120 } }, 500, 120],
  ['a ramp from 3 to 103 ms', { baseMs: base, ramp: { addMs: 100, overMs: DURATION_MS } }, 500, 120],
  ['an error burst of 1.2 s', { baseMs: base, errors: { fromMs: 6000, toMs: 7200 } }, 500, 60],
  [
    'a ramp, a stall, a slow share and an error burst together, with drops',
    {
      baseMs: base,
      ramp: { addMs: 30, overMs: DURATION_MS },
      stall: { everyMs: 4000, forMs: 600 },
      slow: { every: 100, addMs: 60 },
      errors: { fromMs: 1000, toMs: 2000 },
    },
    500,
    40,
  ],
];

describe.each(['http', 'grpc'] as const)('the truth over %s', (protocol) => {
  it.each(CASES)('is found within 1 %% or 2 ms: %s', async (name, script, rate, vus) => {
    const asked = { protocol, script, rate, durationMs: DURATION_MS, vus };
    const measured = await measureTruth(asked, k6);
    expect(measured.problems).toEqual([]);
    expect(measured.ledger?.problems).toEqual([]);
    expect(measured.failed).toBe(measured.server.failed);
    expect(measured.ledger?.completed).toBe(measured.server.count);
    expect(compare(`${protocol}, ${name}`, asked, measured)).toEqual([]);
  });
});
