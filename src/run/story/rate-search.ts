/**
 * Finds the rates of a campaign that says `rate: auto up to N/s`, before the run begins: one climb with real
 * load on the real target, observed live. The observations are part of the plan, so that every reader of the
 * run knows its rate and the reason.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { FlowLoad, ScenarioLoad } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import type { RateFound, RateLevel } from '../../core/rate-search.ts';
import type { Topology } from '../../core/topology.ts';
import { type EpochMs, epochMs, formatMs, ms, type PerSecond, perSecond } from '../../core/units.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import { startLoad } from '../../load/load-session.ts';
import { isSearchOver, judgeLevel, levelsFor, rateFound, type SeenFlow } from '../../measure/carried-rate.ts';
import { vusNeeded } from '../../measure/reserve.ts';
import { vusForSegments } from '../../measure/segments.ts';
import { busyRatio, type CpuReading, readCpu } from '../../system/machine-cpu.ts';
import type { RunToken } from '../open/run-token.ts';
import { smokeContracts } from './contract-smoke.ts';

/** The length of a level. Only its last part is evaluated, because the first part settles. */
const LEVEL_MS = ms(3000);
const LOOK_MS = ms(2000);
const CPU_PERIOD_MS = 200;
/**
 * A cold target (JVMs) first gets a ramp of this length to the lowest level, which is not
 * evaluated.
 */
const COLD_MS = ms(8000);
/**
 * Arrivals are ranked about 2.5 s late, and later on a busy machine; after this a level is evaluated as it
 * is.
 */
const MOST_BEHIND_MS = ms(6000);
const POLL_MS = ms(100);
/** After the climb the queue of the last level drains before anything is measured. */
const DRAIN_MS = ms(2000);

export interface RateSearchRequest {
  /** With each searched rate at its ceiling. */
  readonly plan: Plan;
  readonly topology: Topology;
  readonly k6: string;
  readonly clock: Clock;
  readonly token: RunToken;
  readonly secrets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  progress(text: string): void;
}

/** @throws the reason of `signal`; GauntletError 'unavailable' when k6 does not start. */
export async function searchRate(request: RateSearchRequest): Promise<RateFound> {
  const first = await climbOnce(request, 1);
  if (first.carriedShare > 0) return first;
  // A cold target may have queued from its first second on (observed: P95 of 580 ms at 20/s, and 72/s held a
  // minute later).
  request.progress('looking for the rate: no rate held; trying once more, now that the target is warm');
  return climbOnce(request, 2);
}

async function climbOnce(request: RateSearchRequest, round: number): Promise<RateFound> {
  const { plan, clock, signal, token } = request;
  const secrets = { ...token.env(), ...request.secrets };
  const { load, seed, rateSearch } = plan;
  const searched = rateSearch?.scenarios ?? [];
  // A target that is not reachable would look like one that sustains no rate.
  const id = `${plan.id}-rate-${round}`;
  await smokeContracts({ ...plan, id }, request.topology, token.current());
  const climbing = load.filter((one) => searched.includes(one.scenario));
  const ceilings = new Map(climbing.map((one) => [one.scenario, ceilingOf(one)]));
  const shares = levelsFor(Math.max(...ceilings.values()));
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-rate-'));
  try {
    const session = await startLoad({
      // Separate ids: a target that remembers them would treat the run's ids as duplicates.
      plan: load
        .map((one) => (searched.includes(one.scenario) ? staircase(one, shares) : one))
        .map((one) => ({ ...one, env: { ...one.env, GAUNTLET_RUN_ID: id } })),
      ...{ k6: request.k6, seed, runDir: folder, clock, secrets, signal },
      durationMs: ms(COLD_MS + shares.length * LEVEL_MS + MOST_BEHIND_MS + 10_000),
      longestWindowMs: LEVEL_MS,
    });
    try {
      await session.started;
      const levels = await climb(session, climbing, shares, request);
      const found = rateFound(levels, ceilings);
      request.progress(`rate: ${found.why}`);
      return found;
    } finally {
      await session.stop().catch(() => undefined);
      signal.throwIfAborted();
      await clock.sleep(DRAIN_MS, signal);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function climb(
  session: LoadSession,
  climbing: readonly ScenarioLoad[],
  shares: readonly number[],
  { clock, signal, progress }: RateSearchRequest,
): Promise<readonly RateLevel[]> {
  const cpu = watchCpu(clock);
  try {
    const flows = climbing.flatMap((one) => one.flows);
    const firstSeen = clock.now();
    const levels: RateLevel[] = [];
    while (!isSearchOver(levels, shares.length)) {
      const share = shares[levels.length] ?? 0;
      const endAt = (): EpochMs =>
        epochMs((session.scheduleStart() ?? firstSeen) + COLD_MS + (levels.length + 1) * LEVEL_MS);
      await clock.sleep(ms(Math.max(0, endAt() - clock.now())), signal);
      const end = endAt();
      const isRanked = (): boolean => flows.every(({ flow }) => session.windowEnd(flow) >= end);
      while (!isRanked() && clock.now() < end + MOST_BEHIND_MS) await clock.sleep(POLL_MS, signal);
      const seen = flows.map((flow) => seenFlow(session, flow, end));
      const level = judgeLevel(share, seen, cpu.busyRatio(epochMs(end - LOOK_MS), end), LOOK_MS / 1000);
      levels.push(level);
      progress(levelText(level));
    }
    return levels;
  } finally {
    cpu.stop();
  }
}

function seenFlow(session: LoadSession, { flow, worstStallMs }: FlowLoad, end: EpochMs): SeenFlow {
  const { due, bad, quantileUs } = session.windowed(flow, LOOK_MS, end);
  const p95Us = quantileUs(0.95);
  return { due, bad, p95Ms: p95Us === null ? null : p95Us / 1000, timeLimitMs: worstStallMs };
}

function levelText({ dueRate, p95Ms, cpuBusyRatio, missed }: RateLevel): string {
  const seen = `P95 ${formatMs(p95Ms)}, CPU ${Math.round(cpuBusyRatio * 100)} %`;
  return `looking for the rate: ${dueRate.toFixed(0)}/s ${missed === null ? 'holds' : `does not hold: ${missed}`} (${seen})`;
}

/** Every flow at each level in turn, after a ramp for a cold target. */
function staircase(load: ScenarioLoad, shares: readonly number[]): ScenarioLoad {
  const { generators = 1 } = load;
  const flows = load.flows.map((flow) => {
    const at = (share: number): PerSecond => perSecond(flow.schedule.startRate * share);
    const stages = shares.flatMap((share) => [
      { to: at(share), durationMs: ms(0) },
      { to: at(share), durationMs: LEVEL_MS },
    ]);
    const lowest = shares[0] ?? 1;
    const ramp = { to: at(lowest), durationMs: COLD_MS };
    const schedule = { startRate: at(lowest / 2), stages: [ramp, ...stages] };
    return { ...flow, schedule, vus: vusForSegments(vusNeeded(schedule, flow.worstStallMs), generators) };
  });
  return { ...load, flows };
}

const ceilingOf = (load: ScenarioLoad): number =>
  load.flows.reduce((sum, flow) => sum + flow.schedule.startRate, 0);

interface CpuWatch {
  /** Of all CPUs of this machine, from the readings nearest to the two instants. */
  busyRatio(from: EpochMs, to: EpochMs): number;
  stop(): void;
}

function watchCpu(clock: Clock): CpuWatch {
  const read: { readonly at: EpochMs; readonly cpu: CpuReading }[] = [];
  const timer = setInterval(() => read.push({ at: clock.now(), cpu: readCpu() }), CPU_PERIOD_MS);
  return {
    busyRatio(from, to) {
      const first = read.findLast((one) => one.at <= from) ?? read[0];
      const last = read.find((one) => one.at >= to) ?? read.at(-1);
      return first === undefined || last === undefined ? 0 : busyRatio(first.cpu, last.cpu);
    },
    stop: () => clearInterval(timer),
  };
}
