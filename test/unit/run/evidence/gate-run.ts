/** The run directory of a small gate, written by the same writers as a real one: 6 pairs of 2 s blocks, two sides. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEventBody } from '../../../../src/core/events.ts';
import { flowOn, type GatePlan, type GateSide } from '../../../../src/core/gate.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { epochMs, ms, perSecond } from '../../../../src/core/units.ts';
import { writeLoadEnd } from '../../../../src/load/load-end.ts';
import { RunFiles } from '../../../../src/load/run-files.ts';
import { blockPlaces } from '../../../../src/measure/gate/block-at.ts';
import { Meter } from '../../../../src/measure/meter.ts';
import { RunData } from '../../../../src/measure/run-data.ts';
import { sealEvidence } from '../../../../src/run/evidence/seal.ts';
import { BlockRecorder } from '../../../../src/run/story/block-recorder.ts';
import { openGuardedFile } from '../../../../src/run/story/recorder.ts';

const START = 1_800_000_000_000;
const FLOW = 'shop.orders';
const SIDES: readonly GateSide[] = ['baseline', 'candidate'];
const PER_SECOND = 20;
export const PAIRS = 6;
const [LEAD, SLOT] = [2, 3];
const at = (seconds: number) => epochMs(START + seconds * 1000);
const END = LEAD + PAIRS * 2 * SLOT;

const gate: GatePlan = {
  metrics: [{ flow: FLOW, quantity: 'p50' }],
  times: { allow: 0, find: 0.5 },
  failed: { allow: 0, find: 0.05 },
  ...{ alpha: 0.05, looks: [PAIRS], blockMs: ms(2000), settleMs: ms(1000), leadMs: ms(LEAD * 1000) },
  ...{ baseline: 'blue', candidate: 'green', order: ['AB', 'BA', 'BA', 'AB', 'BA', 'AB'] },
};

const plan: Plan = {
  ...{ schema: 'gauntlet.plan/1', id: 'small-gate', campaign: 'small', target: 'blue and green' },
  ...{ seed: 7, versions: { gauntlet: '0.1.0' }, scale: 1, shape: null, gate },
  load: SIDES.map((side) => ({
    ...{ scenario: `shop@${side}`, script: 'scenarios/shop.ts', env: {} },
    flows: [
      {
        ...{ flow: flowOn(FLOW, side), executor: 'shop_orders', worstStallMs: ms(2000), vus: 10 },
        schedule: { startRate: perSecond(PER_SECOND), stages: [] },
      },
    ],
  })),
  ...{ warmupMs: ms(0), baselineMs: ms(0), faults: [], repeat: 1, longestMs: ms(90_000) },
  recovery: { holdMs: ms(1000), timeoutMs: ms(20_000) },
  ...{ abort: [], objectives: [] },
};

const phase = (seconds: number, name: string) => [seconds, { kind: 'phase', name }] as const;

/** @param kept after how many pairs it was killed; absent: it came to its end. */
export function writeGateRun(runDir: string, kept?: number): void {
  mkdirSync(join(runDir, 'k6'), { recursive: true });
  writeFileSync(join(runDir, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  const { id, campaign, target, seed } = plan;
  const pairs = kept === undefined ? PAIRS : kept + 1;
  const started: RunEventBody = { kind: 'run-started', id, campaign, target, seed, longestMs: 90_000 };
  const ended: readonly (readonly [number, RunEventBody])[] = [
    phase(END, 'decided'),
    phase(END, 'drain'),
    ...SIDES.map(
      (side) =>
        [END + 1, { kind: 'load-stopped', scenario: `shop@${side}`, exitCode: 0, expected: true }] as const,
    ),
    [END + 1.2, { kind: 'closed', evidence: 'evidence.json' }],
  ];
  const events: readonly (readonly [number, RunEventBody])[] = [
    [-1, started],
    ...SIDES.map(
      (side, index) => [-0.5, { kind: 'load-started', scenario: `shop@${side}`, pid: 3 + index }] as const,
    ),
    phase(0, 'warmup'),
    ...Array.from({ length: pairs }, (_, index) => phase(LEAD + index * 2 * SLOT, `pair:${index + 1}`)),
    ...(kept === undefined ? ended : []),
  ];
  lines(
    runDir,
    'events.ndjson',
    events.map(([when, body]) => ({ ...body, at: at(when), wall: at(when) })),
  );
  const owner = { pid: 1, startTicks: '5' };
  const platform = { platform: 'none', identity: 'x' };
  lines(runDir, 'journal.ndjson', [{ kind: 'journal', run: id, owner, at: at(-1.1), platform }]);
  writeFileSync(join(runDir, 'probes.ndjson'), '');
  const data = writeLoad(runDir, kept === undefined);
  const file = openGuardedFile(join(runDir, 'blocks.ndjson'), (error) => {
    throw error;
  });
  const recorder = new BlockRecorder({ file, run: id, gate, data });
  for (let pair = 1; pair <= (kept ?? PAIRS); pair += 1)
    for (const place of blockPlaces(gate, pair, at(LEAD + (pair - 1) * 2 * SLOT))) {
      recorder.over(place);
      recorder.settled(place);
    }
  recorder.close();
  if (kept === undefined) sealEvidence(runDir, id);
}

const lines = (runDir: string, name: string, records: readonly object[]): void =>
  appendFileSync(join(runDir, name), records.map((one) => `${JSON.stringify(one)}\n`).join(''));

function writeLoad(runDir: string, isWhole: boolean): RunData {
  const meter = new Meter();
  const data = new RunData();
  const files = new RunFiles(runDir, START / 1000 - 1);
  for (let second = 0; second < END; second += 1) {
    for (const side of SIDES) for (let k = 0; k < PER_SECOND; k += 1) arrive(meter, side, second, k);
    const increments = meter.flush();
    files.write(increments);
    data.add(increments);
  }
  files.close();
  const due = END * PER_SECOND;
  const end = { expected: { least: due - 1, most: due + 1 }, problems: [] };
  const flows = Object.fromEntries(SIDES.map((side) => [flowOn(FLOW, side), end]));
  const exitCodes = Object.fromEntries(SIDES.map((side) => [`shop@${side}`, 0]));
  if (isWhole) writeLoadEnd(runDir, { flows, exitCodes, problems: [] });
  return data;
}

function arrive(meter: Meter, side: GateSide, second: number, k: number): void {
  const flow = flowOn(FLOW, side);
  const dueAt = epochMs(START + second * 1000 + k * 50);
  meter.due(flow, dueAt, 'started');
  const serviceUs = 10_000 + ((second * 7919 + k * 104_729) % 20_000);
  const times = { latenessUs: 150, serviceUs, connectUs: null, responseUs: serviceUs + 150 };
  meter.resolved({ flow, dueAt, ...times, kind: 'completed', outcome: 'ok' });
}
