/**
 * `npm run bench -- gate`: what judging a gate of 32 pairs from its folder costs, beside reading the folder
 * alone. The folder is written by the code of a run: a plan of the planner, 14 minutes of arrivals of two
 * equal sides at 100/s through the files of the load side.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DECIDED_PHASE, flowOn, type GatePlan, pairPhase } from '../src/core/gate.ts';
import type { Plan } from '../src/core/plan.ts';
import { seededRng } from '../src/core/rng.ts';
import { epochMs, ms } from '../src/core/units.ts';
import { FlowSink } from '../src/load/flow-sink.ts';
import { RunFiles } from '../src/load/run-files.ts';
import { blockPlaces } from '../src/measure/gate/block-at.ts';
import { readEvidence } from '../src/run/evidence/read-evidence.ts';
import { RUN_FILES, writePlan } from '../src/run/evidence/run-directory.ts';
import { gateDryRun } from '../src/run/gate-story.ts';
import { BlockRecorder } from '../src/run/story/block-recorder.ts';
import { assembleRun } from '../src/run/verdict/assemble.ts';
import { placesFrom } from '../src/system/places.ts';

const BASE = 1_800_000_000;
const RATE = 100;
const FLOW = 'gateway.intentions';
const ROUNDS = 9;

export interface GateCost {
  readonly pairs: number;
  readonly arrivals: number;
  /** The first one in a process that has judged nothing yet. */
  readonly firstMs: number;
  readonly judgedMs: number;
  readonly readMs: number;
}

export async function benchGate(): Promise<GateCost> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  try {
    const runDir = join(folder, 'run');
    const plan = await planIn(folder);
    const arrivals = writeRun(runDir, plan);
    writeBlocks(runDir, plan);
    const first = timed(() => assembleRun(runDir));
    const judged = first.value.result.gate;
    if (judged?.pairs.kept !== 32) throw new Error(`32 pairs were written, ${judged?.sentence}`);
    const middle = (times: number[]): number => times.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
    const rounds = Array.from({ length: ROUNDS }, () => ({
      read: timed(() => readEvidence(runDir)).tookMs,
      judged: timed(() => assembleRun(runDir)).tookMs,
    }));
    return {
      ...{ pairs: judged.pairs.kept, arrivals, firstMs: first.tookMs },
      judgedMs: middle(rounds.map((one) => one.judged)),
      readMs: middle(rounds.map((one) => one.read)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function timed<Value>(work: () => Value): { readonly value: Value; readonly tookMs: number } {
  const from = performance.now();
  const value = work();
  return { value, tookMs: performance.now() - from };
}

async function planIn(folder: string): Promise<Plan> {
  const target = (name: string, port: number): string => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, `name: ${name}\nplatform: none\ngateway: { url: "http://127.0.0.1:${port}" }\n`);
    return path;
  };
  const campaign = join(folder, 'campaign.yaml');
  writeFileSync(
    campaign,
    `name: gated\ntarget: blue\nload:\n  - { scenario: gateway-intentions, rate: ${RATE}/s }\nwarmup: 10s\nobjectives:\n  - ${FLOW} p50 < 300ms in baseline\n`,
  );
  const { plan } = await gateDryRun({
    ...{ campaign, baseline: target('blue', 1), candidate: target('green', 2), flags: {} },
    ...{ aa: false, seed: 3, scale: 1, out: undefined, env: process.env, places: placesFrom(process.env) },
    ...{ signal: new AbortController().signal, progress: () => undefined, confirm: async () => undefined },
    watchers: { event: () => undefined, flows: () => undefined },
  });
  return plan;
}

/** Every arrival of all planned pairs, so noisy that no look decides. Returns how many. */
function writeRun(runDir: string, plan: Plan): number {
  const gate = plan.gate as GatePlan;
  mkdirSync(join(runDir, 'k6'), { recursive: true });
  writePlan(runDir, plan);
  const [sink, files] = [new FlowSink(ms(10_000)), new RunFiles(runDir, BASE)];
  const rng = seededRng(3);
  const slotS = (gate.settleMs + gate.blockMs) / 1000;
  const leadS = gate.leadMs / 1000;
  const order = gate.order.slice(0, gate.looks.at(-1));
  let arrivals = 0;
  for (let second = leadS; second < leadS + order.length * 2 * slotS; second += 1) {
    const slot = Math.floor((second - leadS) / slotS);
    const letter = order[slot >> 1]?.[slot % 2];
    const flow = flowOn(FLOW, letter === 'A' ? 'baseline' : 'candidate');
    const level = Math.exp(0.8 * (rng.next() - 0.5));
    for (let tick = 0; tick < RATE; tick += 1) {
      const dueAt = epochMs((BASE + second) * 1000 + (tick * 1000) / RATE);
      const serviceUs = Math.round(2000 * level * (1 - 5 * Math.log(1 - rng.next())));
      sink.due(flow, dueAt, 'started');
      sink.resolved({
        ...{ flow, dueAt, kind: 'completed', outcome: 'ok', connectUs: null },
        ...{ latenessUs: 300, serviceUs, responseUs: serviceUs + 300 },
      });
      arrivals += 1;
    }
    files.write(sink.meter.flush());
    sink.window(flow).forget(epochMs((BASE + second - 20) * 1000));
  }
  files.close();
  const at = (sinceS: number): { readonly at: number; readonly wall: number } => ({
    at: (BASE + sinceS) * 1000,
    wall: (BASE + sinceS) * 1000,
  });
  const pairs = order.map((_, index) => ({
    ...at(leadS + index * 2 * slotS),
    ...{ kind: 'phase', name: pairPhase(index + 1) },
  }));
  const { id, campaign, target, seed, longestMs } = plan;
  const events = [
    { ...at(0), kind: 'run-started', id, campaign, target, seed, longestMs },
    ...plan.load.map((one) => ({ ...at(0), kind: 'load-started', scenario: one.scenario, pid: 1 })),
    { ...at(0), kind: 'phase', name: 'warmup' },
    ...pairs,
    { ...at(leadS + order.length * 2 * slotS), kind: 'phase', name: DECIDED_PHASE },
    { ...at(leadS + order.length * 2 * slotS + 2), kind: 'closed' },
  ];
  writeFileSync(join(runDir, RUN_FILES.events), `${events.map((one) => JSON.stringify(one)).join('\n')}\n`);
  return arrivals;
}

/** As the run writes them, from what it has recorded. */
function writeBlocks(runDir: string, { id, gate }: Plan): void {
  if (gate === undefined) throw new Error('a plan of a gate');
  const lines: string[] = [];
  const file = { record: (value: object) => void lines.push(JSON.stringify(value)), close: () => undefined };
  const { data } = readEvidence(runDir).stored;
  const recorder = new BlockRecorder({ file, run: id, gate, data });
  const pairMs = 2 * (gate.settleMs + gate.blockMs);
  for (let pair = 1; pair <= (gate.looks.at(-1) ?? 0); pair += 1) {
    const from = epochMs(BASE * 1000 + gate.leadMs + (pair - 1) * pairMs);
    for (const place of blockPlaces(gate, pair, from)) recorder.over(place);
  }
  recorder.close();
  writeFileSync(join(runDir, RUN_FILES.blocks), `${lines.join('\n')}\n`);
}

export const renderGate = ({ pairs, arrivals, firstMs, judgedMs, readMs }: GateCost): string =>
  `gate of ${pairs} pairs judged   ${judgedMs.toFixed(0)} ms from disk, ${firstMs.toFixed(0)} ms the first time (${arrivals} arrivals; reading alone ${readMs.toFixed(0)} ms, ratio ${(judgedMs / readMs).toFixed(2)}; wanted: below 1 s)`;
