/**
 * `npm run bench -- cpu [--rate 40] [--idle 10] [--warm 20] [--load 20]`: the CPU of the sandbox by kind of
 * process: idle, with the probes of a run, and per intent above that. It starts its own sandbox; the load is
 * our own scenario at a fixed rate.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LiveFlow } from '../src/core/live-flow.ts';
import type { ScenarioLoad } from '../src/core/load-plan.ts';
import type { Topology } from '../src/core/topology.ts';
import { endpointOf } from '../src/core/topology.ts';
import { ms } from '../src/core/units.ts';
import { startLoad } from '../src/load/load-session.ts';
import { systemNamed } from '../src/run/files/systems.ts';
import { monotonicClock } from '../src/system/monotonic-clock.ts';
import { placesFrom } from '../src/system/places.ts';
import { requireParts } from '../src/system/toolchain/parts.ts';
import { probeNames } from '../src/targets/probes/create-probe.ts';
import { ProbeWatch } from '../src/targets/probes/probe-watch.ts';
import { type SandboxHandle, startSandbox } from '../src/targets/sandbox/sandbox.ts';
import { planOf } from './load-rig.ts';
import { type CpuByKind, cpuOfSandbox, KINDS } from './sandbox-processes.ts';

/** Class loading, first elections and the compiler's first pass are over by then. */
const SETTLE_SECONDS = 5;
const FLOW = 'gateway.intentions';

export interface CpuOptions {
  /** Intents per second. */
  readonly rate: number;
  readonly idle: number;
  readonly warm: number;
  readonly load: number;
}

/** CPU in cores (seconds of CPU per second) by kind of process. */
export interface CpuFigures {
  readonly options: CpuOptions;
  readonly idle: CpuByKind;
  readonly probed: CpuByKind;
  readonly loaded: CpuByKind;
  /** Of the part under load. */
  readonly seconds: number;
  readonly intents: number;
  readonly live: LiveFlow | undefined;
  readonly problems: readonly string[];
}

/** @throws Error for a value that is no number above 0. */
export function readCpuOptions(args: readonly string[]): CpuOptions {
  const text = { type: 'string' } as const;
  const options = { rate: text, idle: text, warm: text, load: text };
  const { values } = parseArgs({ args: [...args], options });
  const number = (name: keyof CpuOptions, otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new Error(`--${name}: expected a number above 0, got ${JSON.stringify(values[name])}`);
  };
  return {
    rate: number('rate', 40),
    idle: number('idle', 10),
    warm: number('warm', 20),
    load: number('load', 20),
  };
}

/** About 65 s with the usual times. */
export async function benchSandboxCpu(options: CpuOptions): Promise<CpuFigures> {
  const root = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  const places = { ...placesFrom(process.env), state: join(root, 'state') };
  mkdirSync(places.cache, { recursive: true });
  const needs = { places, env: process.env, progress: () => undefined };
  const tools = await requireParts(['k6', 'redis', 'java', 'kafka'], needs);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const system = systemNamed(null);
  const options_ = { name: 'bench-cpu', system, places, tools, owner: 'caller', progress: say } as const;
  const sandbox = await startSandbox(options_);
  try {
    return await measure(options, sandbox, { k6: tools.k6 ?? '', runDir: join(root, 'run') });
  } finally {
    await sandbox.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

async function measure(
  options: CpuOptions,
  { state }: SandboxHandle,
  { k6, runDir }: { readonly k6: string; readonly runDir: string },
): Promise<CpuFigures> {
  await monotonicClock.sleep(ms(SETTLE_SECONDS * 1000));
  const over = async (seconds: number): Promise<CpuByKind> => {
    const [began, before] = [monotonicClock.now(), cpuOfSandbox(state)];
    await monotonicClock.sleep(ms(seconds * 1000));
    const after = cpuOfSandbox(state);
    const tookMs = monotonicClock.now() - began;
    return Object.fromEntries(
      KINDS.map((kind) => [kind, (after[kind] - before[kind]) / tookMs]),
    ) as CpuByKind;
  };
  const idle = await over(options.idle);
  const probed = await underProbes(state.probeTopology, () => over(options.idle));
  mkdirSync(runDir, { recursive: true });
  const seconds = options.warm + options.load;
  const session = await startLoad({
    ...{ plan: [loadOf(state.topology, options.rate)], k6, seed: 1, clock: monotonicClock, runDir },
    durationMs: ms((seconds + SETTLE_SECONDS) * 1000),
  });
  await session.started;
  await monotonicClock.sleep(ms(options.warm * 1000));
  const loaded = await over(options.load);
  const live = session.live().get(FLOW);
  const { problems } = await session.stop();
  const intents = (live?.attainedRate ?? Number.NaN) * options.load;
  return { options, idle, probed, loaded, seconds: options.load, intents, live, problems };
}

/** As in a run: every part is probed on a held and on a fresh connection every 100 ms. */
async function underProbes<T>(topology: Topology, work: () => Promise<T>): Promise<T> {
  const watch = new ProbeWatch({ topology, clock: monotonicClock });
  try {
    await watch.watch(probeNames(topology));
    return await work();
  } finally {
    await watch.stop();
  }
}

function loadOf(topology: Topology, rate: number): ScenarioLoad {
  const url = endpointOf(topology, 'gateway', 'http')?.at[0]?.address ?? '';
  // One second of load may be in flight.
  return planOf({ url }, rate, Math.max(1, Math.ceil(rate)));
}

export function renderSandboxCpu(figures: CpuFigures): string {
  const { options, idle, probed, loaded, live, seconds, intents } = figures;
  const perIntent = (kinds: readonly (keyof CpuByKind)[]): number =>
    (1000 * seconds * kinds.reduce((sum, kind) => sum + loaded[kind] - idle[kind], 0)) / intents;
  const cores = (kinds: readonly (keyof CpuByKind)[], of: CpuByKind): string =>
    kinds
      .reduce((sum, kind) => sum + of[kind], 0)
      .toFixed(3)
      .padStart(12);
  const row = (label: string, kinds: readonly (keyof CpuByKind)[]): string =>
    `  ${label.padEnd(12)}${cores(kinds, idle)}${cores(kinds, probed)}${cores(kinds, loaded)}${perIntent(kinds).toFixed(2).padStart(14)}`;
  const sandbox = KINDS.filter((kind) => kind !== 'harness');
  const time = (value: number | null | undefined): string => `${value?.toFixed(0) ?? '-'} ms`;
  return [
    `the sandbox at ${options.rate}/s: P50 ${time(live?.p50)}, P99 ${time(live?.p99)}, ${(100 * (live?.failedRatio ?? Number.NaN)).toFixed(2)} % failed (last 5 s)`,
    '                idle, cores  with probes    with load   ms per intent',
    ...KINDS.map((kind) => row(kind, [kind])),
    row('sandbox', sandbox),
    ...figures.problems.map((problem) => `  problem of the load: ${problem}`),
  ].join('\n');
}
