/** A small run directory, written by the same writers as a real run: two flows, one fault, probes; judged PASS. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEventBody } from '../../../../src/core/events.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import type { FaultRecord } from '../../../../src/core/result.ts';
import { epochMs, ms, perSecond } from '../../../../src/core/units.ts';
import { writeLoadEnd } from '../../../../src/load/load-end.ts';
import { RunFiles } from '../../../../src/load/run-files.ts';
import { Meter } from '../../../../src/measure/meter.ts';
import { sealEvidence } from '../../../../src/run/evidence/seal.ts';

const START = 1_800_000_000_000;
const FLOWS = ['shop.orders', 'shop.search'] as const;
const SECONDS = 24;
const PER_SECOND = 5;
/** Seconds from the start. */
const [BASELINE, PLANNED, APPLIED, REMOVED, STEADY, DRAIN] = [2, 12, 13, 15, 20, 23];
const at = (seconds: number) => epochMs(START + seconds * 1000);

export const smallPlan: Plan = {
  schema: 'gauntlet.plan/1',
  ...{
    id: 'small-run',
    campaign: 'small',
    target: 'shop',
    seed: 7,
    versions: { gauntlet: '0.1.0' },
    scale: 1,
  },
  load: [
    {
      ...{ scenario: 'shop', script: 'scenarios/shop.ts', env: {} },
      flows: FLOWS.map((flow) => ({
        ...{ flow, executor: flow.replace('.', '_'), worstStallMs: ms(2000), vus: 10 },
        schedule: { startRate: perSecond(PER_SECOND), stages: [] },
      })),
    },
  ],
  ...{ shape: null, warmupMs: ms(2000), baselineMs: ms(10_000), repeat: 1, longestMs: ms(90_000) },
  faults: [
    {
      ...{ name: 'pause', kind: 'pause', spec: {}, written: '{}', holdMs: ms(1500), round: 1, seed: 7 },
    },
  ],
  recovery: { holdMs: ms(1000), timeoutMs: ms(20_000) },
  abort: [],
  objectives: [
    {
      ...{ name: 'shop.orders rate >= 4/s in baseline', flow: 'shop.orders', comparison: '>=', limit: 4 },
      ...{ indicator: { kind: 'rate' }, scope: { kind: 'phase', phase: 'baseline' }, source: null },
    },
  ],
};

const record: FaultRecord = {
  ...{ name: 'pause', kind: 'pause', victim: 'orders-1', status: 'injected' },
  ...{
    plannedAt: at(PLANNED),
    appliedAt: at(APPLIED),
    injectedAt: at(APPLIED + 0.3),
    removedAt: at(REMOVED),
  },
  injection: { held: 'stalled', fresh: 'stalled', boundMs: 100, evidence: 'both are silent' },
  removal: { held: 'ok', fresh: 'ok', boundMs: 100, evidence: 'it runs' },
  ...{
    lease: { ttlMs: 3000, holder: 'keeper pid 2' },
    recovery: {},
    pod: null,
    timers: [],
    probes: ['orders'],
  },
  cutShort: null,
};

const EVENTS: readonly (readonly [number, RunEventBody])[] = [
  [
    -1,
    { kind: 'run-started', id: 'small-run', campaign: 'small', target: 'shop', seed: 7, longestMs: 90_000 },
  ],
  [-0.5, { kind: 'load-started', scenario: 'shop', pid: 3 }],
  [0, { kind: 'phase', name: 'warmup' }],
  [BASELINE, { kind: 'phase', name: 'baseline' }],
  ...FLOWS.map(
    (flow) =>
      [PLANNED - 0.1, { kind: 'baseline', flow, p99Us: 40_000, failedRatio: 0, slowUs: 140_000 }] as const,
  ),
  [PLANNED, { kind: 'fault-planned', fault: 'pause', victims: ['orders-1'], timers: [] }],
  [APPLIED, { kind: 'fault-applied', fault: 'pause' }],
  [APPLIED + 0.3, { kind: 'fault-injected', fault: 'pause', boundMs: 100, evidence: 'both are silent' }],
  [REMOVED - 0.2, { kind: 'fault-undoing', fault: 'pause', why: 'held as planned' }],
  [REMOVED, { kind: 'fault-removed', fault: 'pause', boundMs: 100, evidence: 'it runs' }],
  [REMOVED + 0.1, { kind: 'fault-done', record }],
  [STEADY, { kind: 'phase', name: 'steady' }],
  [DRAIN, { kind: 'phase', name: 'drain' }],
  [DRAIN + 1, { kind: 'load-stopped', scenario: 'shop', exitCode: 0, expected: true }],
];

/**
 * @param sealed false: a directory of a version that left no digests.
 * @param changed what is different in its plan, without a change to what it measured.
 */
export function writeSmallRun(runDir: string, sealed: boolean, changed: Partial<Plan> = {}): void {
  const written = { ...smallPlan, ...changed };
  mkdirSync(join(runDir, 'k6'), { recursive: true });
  writeFileSync(join(runDir, 'plan.json'), `${JSON.stringify(written, null, 2)}\n`);
  const closed: RunEventBody = { kind: 'closed', ...(sealed && { evidence: 'evidence.json' }) };
  const events = [...EVENTS, [DRAIN + 1.2, closed] as const];
  lines(
    runDir,
    'events.ndjson',
    events.map(([when, body]) => ({
      ...(body.kind === 'run-started' ? { ...body, id: written.id, target: written.target } : body),
      at: at(when),
      wall: at(when),
    })),
  );
  const undo = { fault: 'pause', data: { pid: 42 } };
  lines(runDir, 'journal.ndjson', [
    {
      ...{ kind: 'journal', run: written.id, owner: { pid: 1, startTicks: '5' }, at: at(-1.1) },
      platform: { platform: 'sandbox', identity: 'sandbox:shop' },
    },
    { kind: 'opened', id: 'u1', name: 'pause', fault: 'pause', undo, ttlMs: 3000, at: at(APPLIED - 0.01) },
    {
      ...{ kind: 'closed', id: 'u1', outcome: 'undone', holder: 'harness pid 1' },
      evidence: 'it runs',
      at: at(REMOVED),
    },
  ]);
  writeProbes(runDir);
  writeLoad(runDir);
  if (sealed) sealEvidence(runDir, written.id);
}

const lines = (runDir: string, name: string, records: readonly object[]): void =>
  appendFileSync(join(runDir, name), records.map((one) => `${JSON.stringify(one)}\n`).join(''));

const isPaused = (second: number): boolean => second >= APPLIED && second < REMOVED;

function writeProbes(runDir: string): void {
  const ticks = Array.from({ length: (DRAIN + 1 - PLANNED) * 10 }, (_, tick) => PLANNED + tick / 10);
  const samples = ticks.flatMap((when) =>
    (['held', 'fresh'] as const).map((connection) => {
      const ok = !isPaused(when);
      const took = { tookMs: ok ? 2.5 : 400, ok, outcome: ok ? 'ok' : 'stalled' };
      return { probe: 'orders', connection, at: at(when) + (ok ? 0.125 : 0.375), ...took };
    }),
  );
  lines(runDir, 'probes.ndjson', samples);
}

function writeLoad(runDir: string): void {
  const meter = new Meter();
  const files = new RunFiles(runDir, START / 1000 - 1);
  for (let second = 0; second < SECONDS; second += 1) {
    for (const flow of FLOWS) for (let k = 0; k < PER_SECOND; k += 1) arrive(meter, flow, second, k);
    files.write(meter.flush());
  }
  files.close();
  const due = SECONDS * PER_SECOND;
  const end = { expected: { least: due - 1, most: due + 1 }, problems: [] };
  writeLoadEnd(runDir, {
    flows: Object.fromEntries(FLOWS.map((flow) => [flow, end])),
    ...{ exitCodes: { shop: 0 }, problems: [] },
  });
}

/** Two of three steps into the fault an arrival fails; one is dropped in the warm-up. */
function arrive(meter: Meter, flow: string, second: number, k: number): void {
  const dueAt = epochMs(START + second * 1000 + k * 200);
  const serviceUs = 10_000 + ((second * 7919 + k * 104_729) % 20_000);
  const base = { flow, dueAt };
  if (second === 1 && k === 0 && flow === 'shop.search') {
    meter.due(flow, dueAt, 'dropped');
    const nothing = { latenessUs: null, serviceUs: null, connectUs: null };
    meter.resolved({ ...base, ...nothing, kind: 'dropped', responseUs: 30_000, outcome: 'dropped' });
    return;
  }
  meter.due(flow, dueAt, 'started');
  const outcome = isPaused(second) && flow === 'shop.orders' && k % 3 === 0 ? 'timeout' : 'ok';
  const times = { latenessUs: 150 + k, serviceUs, connectUs: k === 0 ? 900 : null };
  meter.resolved({ ...base, ...times, kind: 'completed', responseUs: 150 + k + serviceUs, outcome });
}
