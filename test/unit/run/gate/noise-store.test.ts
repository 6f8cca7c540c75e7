import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GatePlan, GateResult } from '../../../../src/core/gate.ts';
import { ms } from '../../../../src/core/units.ts';
import { noiseNotes } from '../../../../src/run/gate/noise-notes.ts';
import {
  type MeasuredGate,
  type NoiseRecord,
  noiseOf,
  readNoise,
  storeNoise,
} from '../../../../src/run/gate/noise-store.ts';

const FLOW = 'shop.order';
const PLACE = { loadHash: '0123456789abcdef', blockMs: ms(10_000), settleMs: ms(3000) };

const newPlaces = () => {
  const state = mkdtempSync(join(tmpdir(), 'gauntlet-noise-'));
  return { state, cache: state };
};

const record = (run: string, given: Partial<NoiseRecord> = {}): NoiseRecord => ({
  ...{ schema: 'gauntlet.noise/1', run, campaign: 'c', measuredAt: '2026-11-28T10:00:00.000Z', kind: 'aa' },
  targets: [{ name: 'blue', identity: 'none:127.0.0.1:80' }],
  ...{ ...PLACE, pairs: 16, metrics: [{ flow: FLOW, quantity: 'p99', sdPair: 0.1 }] },
  ...given,
});

const PLAN: GatePlan = {
  metrics: (['failed', 'p50', 'p95', 'p99'] as const).map((quantity) => ({ flow: FLOW, quantity })),
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  ...{ alpha: 0.05, looks: [16, 24, 32], baseline: 'blue', candidate: 'green', order: [] },
  ...{ ...PLACE, leadMs: ms(10_000) },
};

const metric = (quantity: 'failed' | 'p50' | 'p99', sdPair: number | null, status = 'PASS') => ({
  ...{ flow: FLOW, quantity, sdPair, status, estimate: 1, low: 0.9, high: 1.1, byPair: [] },
  ...{ detectable: 0.05, pairsNeeded: 10, note: null },
});

function measured(status: string, given: { judged?: number; failed?: string; plan?: GatePlan } = {}) {
  const { judged = 16, failed = 'PASS', plan = PLAN } = given;
  const result = {
    status,
    pairs: { run: judged, kept: judged, judged },
    metrics: [metric('failed', null, failed), metric('p50', 0.02), metric('p99', 0.145)],
  } as unknown as GateResult;
  return {
    ...{ id: 'r1', campaign: 'c', endedAt: '2026-11-29T10:00:00.000Z', plan, result },
    targets: [
      { name: 'blue', identity: 'none:a:80' },
      { name: 'green', identity: 'none:b:80' },
    ],
  } satisfies MeasuredGate;
}

describe('what a gate says about the noise of its place', () => {
  it('is the deviation of its pairs, whatever it said about the versions', () => {
    for (const status of ['PASS', 'FAIL', 'INCONCLUSIVE'])
      expect(noiseOf(measured(status))).toEqual({
        ...record('r1', { measuredAt: '2026-11-29T10:00:00.000Z', kind: 'gate' }),
        targets: measured(status).targets,
        metrics: [
          { flow: FLOW, quantity: 'p50', sdPair: 0.02 },
          { flow: FLOW, quantity: 'p99', sdPair: 0.145 },
        ],
      });
  });

  it('is nothing where it is INVALID, has no data, was ended before its first look, or fails its arrivals', () => {
    expect(noiseOf(measured('INVALID'))).toBeNull();
    expect(noiseOf(measured('NO-DATA'))).toBeNull();
    expect(noiseOf(measured('INCONCLUSIVE', { judged: 15 }))).toBeNull();
    expect(noiseOf(measured('FAIL', { failed: 'FAIL' }))).toBeNull();
  });
});

describe('the store of noise', () => {
  it('gives back what was kept, the latest first, and adds a gate only once', () => {
    const places = newPlaces();
    const [old, late] = [record('a'), record('b', { measuredAt: '2026-11-29T09:00:00.000Z' })];
    for (const one of [old, late, old]) storeNoise(places, one);
    expect(readNoise(places, { ...PLACE, identities: ['none:127.0.0.1:80'] })).toEqual([late, old]);
    expect(readdirSync(join(places.state, 'noise', PLACE.loadHash))).toEqual(['a.json', 'b.json']);
  });

  it('holds nothing for a place that was never measured', () => {
    expect(readNoise(newPlaces(), { ...PLACE, identities: ['none:127.0.0.1:80'] })).toEqual([]);
  });

  it.each([
    ['another target', { targets: [{ name: 'red', identity: 'none:127.0.0.9:80' }] }],
    ['longer blocks', { blockMs: 22_000 }],
    ['another settling', { settleMs: 0 }],
  ])('leaves out what was measured on %s', (_, given) => {
    const places = newPlaces();
    storeNoise(places, record('a', given));
    expect(readNoise(places, { ...PLACE, identities: ['none:127.0.0.1:80'] })).toEqual([]);
  });

  it('names every file that it cannot read, and what to do', () => {
    const places = newPlaces();
    const folder = join(places.state, 'noise', PLACE.loadHash);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'half.json'), '{');
    writeFileSync(join(folder, 'later.json'), '{"schema":"gauntlet.noise/2"}');
    writeFileSync(join(folder, 'text.json'), JSON.stringify({ ...record('a'), pairs: 'many' }));
    expect(() => readNoise(places, { ...PLACE, identities: [] })).toThrow(
      [
        `${folder}/half.json: expected the noise of a place as JSON, got no JSON. NEXT`,
        `${folder}/later.json: expected schema gauntlet.noise/1, got "gauntlet.noise/2". NEXT`,
        `${folder}/text.json: expected the noise of a place, got pairs: expected number, received string. NEXT`,
      ]
        .join('\n')
        .replaceAll(
          'NEXT',
          'A gate plans from it: use the version of Gauntlet that wrote it, or delete the file.',
        ),
    );
  });

  it('leaves no half of a file where it cannot write, and says why', () => {
    const places = newPlaces();
    writeFileSync(join(places.state, 'noise'), 'a file in the way');
    expect(() => storeNoise(places, record('a'))).toThrow(/ENOTDIR/);
    expect(readFileSync(join(places.state, 'noise'), 'utf8')).toBe('a file in the way');
  });
});

describe('what a gate says about its place before its load', () => {
  it('is how to measure it, where nobody has', () => {
    expect(noiseNotes([], PLAN, 'phase-4')).toEqual([
      'The noise of this place is not known, so neither is what this gate can find: measure it first with: gauntlet gate phase-4 --aa --target blue.',
    ]);
    expect(noiseNotes([], { ...PLAN, aa: true }, 'phase-4')).toEqual([
      'The noise of this place is not known, so neither is what this gate can find: this gate measures it.',
    ]);
  });

  it('is the median of what was measured, for each time that is gated', () => {
    const sd = (run: string, day: number, sdPair: number): NoiseRecord =>
      record(run, {
        measuredAt: `2026-11-${day}T10:00:00.000Z`,
        metrics: [{ flow: FLOW, quantity: 'p99', sdPair }],
      });
    expect(noiseNotes([sd('c', 29, 0.1), sd('b', 28, 0.9), sd('a', 27, 0.11)], PLAN, 'c')).toEqual([
      'From 3 earlier measurements of this place (latest 2026-11-29): P99 varies by 12 % a pair; +10 % needs 20 pairs, 9 min; the 32 pairs of this gate can find +8 %.',
    ]);
  });

  it('warns where equal versions will be INCONCLUSIVE', () => {
    const noisy = record('a', { metrics: [{ flow: FLOW, quantity: 'p50', sdPair: 0.4 }] });
    expect(noiseNotes([noisy], PLAN, 'c')).toEqual([
      'From 1 earlier measurement of this place (latest 2026-11-28): P50 varies by 49 % a pair; +10 % needs 232 pairs, 101 min; the 32 pairs of this gate can find +30 %. Expect INCONCLUSIVE from equal versions.',
    ]);
  });
});
