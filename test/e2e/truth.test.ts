/**
 * The numbers against the truth: a real k6 with our production scenarios on servers whose response times are
 * known in closed form. k6's own figures for the same requests are printed next to ours.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { dependsOnMachine } from './support/machine.ts';
import { requireTestTools } from './support-services/test-tools.ts';
import { quantileOfSorted, type TruthScript, trueResponses } from './truth/truth-model.ts';
import { type Measured, measureTruth, type TruthCase } from './truth/truth-run.ts';

let k6: string;
beforeAll(async () => {
  k6 = (await requireTestTools(['k6'])).k6 ?? '';
});

const QUANTILES = [0.5, 0.95, 0.99] as const;
/** Three periods of the stalls. */
const MEASURED_MS = 9000;

/**
 * Within 1 % or 2 ms of the truth, whichever is more; all three at once, so that a failure shows them all. Where k6's own timing
 * of the same requests (their service time) is above the truth, this machine was slow at that moment, and we may say it too.
 * @param noiseMs what this machine, as busy as it is now, adds to a server that always takes the same time, by k6's own
 * clock: no closed form knows it. Under 2 ms when nothing else runs.
 */
function compare(title: string, asked: TruthCase, measured: Measured, noiseMs: number) {
  const truth = trueResponses(asked.script, measured.fromMs, measured.toMs);
  const rows = QUANTILES.map((q, index) => {
    const is = quantileOfSorted(truth, q);
    const ours = measured.quantile('response', q);
    const k6Says = [measured.k6.p50, measured.k6.p95, measured.k6.p99][index] ?? Number.NaN;
    const service = measured.quantile('service', q);
    return { q, is, ours, service, k6Says, allowed: Math.max(2, is * 0.01) + noiseMs };
  });
  const line = rows
    .map((row) => `P${row.q * 100} ${row.is.toFixed(1)} / ${row.ours.toFixed(1)} / ${row.k6Says.toFixed(1)}`)
    .join(', ');
  console.log(`${title}: truth / ours / k6 in ms: ${line}; dropped ${measured.ledger?.dropped}`);
  return rows.filter(
    ({ ours, is, service, allowed }) => !(ours >= is - allowed && ours <= Math.max(is, service) + allowed),
  );
}

/** gRPC costs k6 and the server about three times the CPU of HTTP: 300/s leaves two cores idle half of the time. */
const RATES = { http: 500, grpc: 300 } as const;
const plain = { baseMs: 3, paceMs: 1 };
const stall = { everyMs: 3000, forMs: 400 };
/** Name, script, VUs. With few VUs only as many as there are wait at the server: they are answered at once. */
const CASES: readonly (readonly [string, Omit<TruthScript, 'rate'>, number])[] = [
  ['a stall of 400 ms every 3 s', { ...plain, stall }, 400],
  ['the same stall with 12 VUs, which drop its victims', { ...plain, paceMs: 0, stall }, 12],
  ['a freeze of 350 ms', { ...plain, freezes: [{ atMs: 6000, forMs: 350 }] }, 300],
  ['one slow request in 40', { ...plain, slow: { every: 40, addMs: 120 } }, 120],
  ['a ramp from 3 to 103 ms', { ...plain, ramp: { addMs: 100, overMs: 13_000 } }, 120],
  ['an error burst of 1.2 s', { ...plain, errors: { fromMs: 6000, toMs: 7200 } }, 60],
  [
    'a ramp, a stall, a slow share and an error burst together, with drops',
    {
      ...plain,
      paceMs: 0,
      ramp: { addMs: 30, overMs: 13_000 },
      stall: { everyMs: 3000, forMs: 450 },
      slow: { every: 100, addMs: 60 },
      errors: { fromMs: 7000, toMs: 8000 },
    },
    40,
  ],
];

describe.each(['http', 'grpc'] as const)('the truth over %s', (protocol) => {
  const rate = RATES[protocol];
  let noiseMs = 0;
  /** Never decreases: a noisy neighbour may become noisy again. */
  async function listen(): Promise<void> {
    const flat = await measureTruth({ protocol, script: { ...plain, rate }, measuredMs: 4000, vus: 60 }, k6);
    noiseMs = Math.max(noiseMs, flat.k6.p99 - plain.baseMs);
    console.log(`${protocol}: noise of this machine at P99 ${noiseMs.toFixed(1)} ms`);
  }
  beforeAll(listen);

  it.each(CASES)(
    'is found within 1 percent or 2 ms (depends on the machine): %s',
    dependsOnMachine,
    async (name, script, vus) => {
      const asked = { protocol, script: { ...script, rate }, measuredMs: MEASURED_MS, vus };
      const measured = await measureTruth(asked, k6);
      expect(measured.problems).toEqual([]);
      expect(measured.ledger?.problems).toEqual([]);
      expect(measured.failed).toBe(measured.server.failed);
      expect(measured.ledger?.completed).toBe(measured.server.count);
      const wrong = compare(`${protocol}, ${name}`, asked, measured, noiseMs);
      // Louder than it was before: the next try is held to what the machine adds now.
      if (wrong.length > 0) await listen();
      expect(wrong).toEqual([]);
    },
  );
});
