/**
 * `npm run bench -- harness-memory [millions]`: measures whether the memory of the harness grows with each
 * arrival. It runs the whole path of a sample, from bytes of k6's stream to files and live stores, faster
 * than real time. Memory after a forced collection has no saw-tooth shape, so a slope of hundredths of a MB
 * is measurable.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { epochMs, ms, perSecond } from '../src/core/units.ts';
import { FlowSink } from '../src/load/flow-sink.ts';
import { RunFiles } from '../src/load/run-files.ts';
import { ScenarioIngest } from '../src/load/scenario-ingest.ts';
import { TotalsByFlow } from '../src/load/totals.ts';
import { LiveData } from '../src/measure/live-data.ts';
import { WHOLE } from '../src/measure/segments.ts';
import { type Slope, slopeOf } from './slope.ts';

const BASE = 1_800_000_000;
const RATE = 2000;
const VUS = 400;
const FLOW = 'gateway.intentions';
/** Like a run with a baseline of a minute and a condition with a window of ten seconds. */
const [DATA_REACH, WINDOW_REACH] = [ms(90_000), ms(50_000)];
/** Seconds of load between two measurements. */
const LOOK = 60;

export interface HarnessMemory {
  readonly arrivals: number;
  readonly lastMb: number;
  /** MB per 1 M arrivals, after the windows are full. */
  readonly slope: Slope;
  readonly problems: readonly string[];
}

export async function benchHarnessMemory(millions: number): Promise<HarnessMemory> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const runDir = mkdtempSync(join(tmpdir(), 'gauntlet-bench-'));
  const seconds = Math.ceil((millions * 1e6) / RATE);
  const [sink, files] = [new FlowSink(WINDOW_REACH), new RunFiles(runDir, BASE)];
  const [totals, data] = [new TotalsByFlow(), new LiveData(DATA_REACH)];
  const ingest = new ScenarioIngest({
    flows: [
      {
        ...{ flow: FLOW, executor: 'gateway_intentions', vus: VUS, worstStallMs: ms(5000) },
        schedule: { startRate: perSecond(RATE), stages: [] },
      },
    ],
    ...{ segment: WHOLE, durationMs: ms((seconds + 1) * 1000), sink, baseSecond: BASE },
    onFirst: () => undefined,
  });
  ingest.push(Buffer.from('metric_name,timestamp,metric_value,scenario,extra_tags,metadata\n'));
  const looks: [number, number][] = [];
  for (let second = 0; second < seconds; second += 1) {
    for (const piece of piecesOf(second)) ingest.push(piece);
    const increments = sink.meter.flush();
    files.write(increments);
    totals.add(increments.counts);
    data.add(increments);
    sink.window(FLOW).forget(epochMs((BASE + second - 2) * 1000));
    if (second % LOOK !== 0 || second * 1000 < 2 * DATA_REACH) continue;
    collect();
    // Buffers outside the heap are released in a task after the collection that found them unreachable.
    await setImmediate();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    looks.push([(second * RATE) / 1e6, (heapUsed + external) / 2 ** 20]);
  }
  files.close();
  rmSync(runDir, { recursive: true });
  const problems = ingest.problems(FLOW);
  return {
    arrivals: seconds * RATE,
    lastMb: looks.at(-1)?.[1] ?? Number.NaN,
    slope: slopeOf(looks),
    problems,
  };
}

/**
 * One second of k6's stream, in the five pieces of its save interval; latencies have a tail, and one in a
 * hundred has failed.
 */
function piecesOf(second: number): Buffer[] {
  const pieces: string[][] = [[], [], [], [], []];
  for (let tick = 0; tick < RATE; tick += 1) {
    const arrival = second * RATE + tick;
    const stamp = `${BASE + second}${String(tick * (1e9 / RATE) + 20_000).padStart(9, '0')}`;
    const noise = ((arrival * 2_654_435_761) % 2 ** 32) / 2 ** 32;
    const serviceMs = 1 + 5 * noise ** 3 + (noise > 0.99 ? 200 * noise : 0);
    const vu = `vu=${arrival % VUS}`;
    const outcome = arrival % 100 === 0 ? 'timeout' : 'ok';
    pieces[Math.floor((tick * 5) / RATE)]?.push(
      `gauntlet_started,${stamp},1.000000,gateway_intentions,flow=${FLOW},${vu}`,
      `http_reqs,${stamp},1.000000,gateway_intentions,flow=${FLOW},${vu}`,
      `gauntlet_service_ms,${stamp},${serviceMs.toFixed(6)},gateway_intentions,flow=${FLOW}&outcome=${outcome},${vu}`,
    );
  }
  return pieces.map((lines) => Buffer.from(`${lines.join('\n')}\n`));
}

export const renderHarnessMemory = ({ arrivals, lastMb, slope, problems }: HarnessMemory): string =>
  [
    `memory of the harness after a forced collection, over ${(arrivals / 1e6).toFixed(2)} M arrivals: ${lastMb.toFixed(2)} MB,`,
    `  slope ${slope.perUnit.toFixed(3)} ± ${slope.plusMinus.toFixed(3)} MB per 1 M arrivals`,
    ...problems.map((problem) => `  problem: ${problem}`),
  ].join('\n');
