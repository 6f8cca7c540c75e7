/**
 * `npm run bench -- memory [iterations] [most seconds] [rate]`: measures whether the memory of k6 or of the
 * harness grows with the number of iterations. It runs our own scenario at an arrival rate and keeps the same
 * data as a run. It reads the memory once a second; the slope is that of the least-squares line after the
 * first quarter, when all buffers and windows have their final size.
 */
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ms } from '../src/core/units.ts';
import { startLoad } from '../src/load/load-session.ts';
import { LiveData } from '../src/measure/live-data.ts';
import { dataRetention, windowRetention } from '../src/run/story/retention.ts';
import { monotonicClock } from '../src/system/monotonic-clock.ts';
import { openRig, planOf } from './load-rig.ts';
import { type Slope, slopeOf } from './slope.ts';

/** A fifth of a second's arrivals may be in flight. */
const vusFor = (rate: number): number => Math.ceil(rate / 5);
/**
 * The data of a campaign with a baseline of a minute, and of one that aborts on a condition with a window of
 * ten seconds.
 */
const CAMPAIGN = { baselineMs: ms(60_000), shape: null };
const ABORT_MS = 10_000;

const SERIES = ['k6', 'harness', 'together'] as const;
type Series = (typeof SERIES)[number];

interface Memory {
  readonly rssMb: number;
  /** Without the pages of program files, which the kernel drops and reads again at any time. */
  readonly anonymousMb: number;
}

interface Sample {
  readonly iterations: number;
  readonly memory: Readonly<Record<Series, Memory>>;
}

export interface MemoryFigures {
  readonly iterations: number;
  readonly seconds: number;
  /** Iterations that the slopes cover, in millions. */
  readonly watched: number;
  /** MB per 1 M iterations. */
  readonly slopes: Readonly<Record<Series, { readonly rss: Slope; readonly anonymous: Slope }>>;
  readonly last: Sample;
  /** Every sample, as CSV. */
  readonly file: string;
  readonly problems: readonly string[];
}

/** @param rate arrivals per second. */
export async function benchMemory(
  iterations: number,
  mostSeconds: number,
  rate: number,
): Promise<MemoryFigures> {
  const rig = await openRig();
  try {
    const plan = [planOf(rig, rate, vusFor(rate))];
    const data = new LiveData(dataRetention({ ...CAMPAIGN, load: plan }));
    const abort = [{ ...{ text: '', flow: '', comparison: '>' as const, limit: 1 }, forMs: ABORT_MS }];
    const conditions = abort.map((one) => ({ ...one, indicator: { kind: 'failed' as const } }));
    const session = await startLoad({
      ...{ plan, k6: rig.k6, seed: 1, clock: monotonicClock, runDir: rig.runDir },
      durationMs: ms(mostSeconds * 1000),
      longestWindowMs: windowRetention({ load: plan, abort: conditions, shape: null }),
      onFlush: (increments) => data.add(increments),
    });
    await session.started;
    const [pid = 0] = session.pids().values();
    const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-memory-')), 'samples.csv');
    const samples: Sample[] = [];
    const from = monotonicClock.now();
    const elapsed = (): number => (monotonicClock.now() - from) / 1000;
    while ((samples.at(-1)?.iterations ?? 0) < iterations && elapsed() < mostSeconds - 1) {
      await monotonicClock.sleep(ms(1000));
      const sample = { iterations: await rig.requests(), memory: memoryNow(pid) };
      samples.push(sample);
      const cells = SERIES.flatMap((name) => Object.values(sample.memory[name]));
      appendFileSync(file, `${[elapsed().toFixed(1), sample.iterations, ...cells].join(',')}\n`);
    }
    const seconds = elapsed();
    const { problems } = await session.stop();
    return { ...figuresOf(samples), seconds, file, problems };
  } finally {
    rig.close();
  }
}

function figuresOf(samples: readonly Sample[]) {
  const late = samples.slice(Math.floor(samples.length / 4));
  const [first, last] = [late[0], late.at(-1)];
  if (first === undefined || last === undefined || late.length < 8) {
    throw new Error('too few samples: use more seconds');
  }
  const line = (name: Series, kind: keyof Memory): Slope =>
    slopeOf(late.map((one) => [one.iterations / 1e6, one.memory[name][kind]]));
  const of = (name: Series) => ({ rss: line(name, 'rssMb'), anonymous: line(name, 'anonymousMb') });
  return {
    ...{ iterations: last.iterations, last, watched: (last.iterations - first.iterations) / 1e6 },
    slopes: { k6: of('k6'), harness: of('harness'), together: of('together') },
  };
}

function memoryNow(k6Pid: number): Sample['memory'] {
  const [k6, harness] = [memoryOf(k6Pid), memoryOf(process.pid)];
  const together = {
    rssMb: k6.rssMb + harness.rssMb,
    anonymousMb: k6.anonymousMb + harness.anonymousMb,
  };
  return { k6, harness, together };
}

function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
  return { rssMb: mb('VmRSS'), anonymousMb: mb('RssAnon') };
}

export function renderMemory({ slopes, last, ...run }: MemoryFigures): string {
  const slope = ({ perUnit, plusMinus }: Slope): string =>
    `${perUnit.toFixed(2)} ± ${plusMinus.toFixed(2)}`.padStart(15);
  const row = (name: Series): string =>
    `  ${name.padEnd(9)} ${slope(slopes[name].rss)} ${slope(slopes[name].anonymous)}   at ${last.memory[name].rssMb.toFixed(0)} MB, of them ${last.memory[name].anonymousMb.toFixed(0)} anonymous`;
  return [
    `memory over ${(run.iterations / 1e6).toFixed(2)} M iterations in ${run.seconds.toFixed(0)} s (${(run.iterations / run.seconds).toFixed(0)}/s), slopes over the last ${run.watched.toFixed(2)} M,`,
    'MB per 1 M iterations with 95 % intervals (goal: together below 1):',
    '                        RSS       anonymous',
    ...SERIES.map(row),
    `  every sample (s, iterations, RSS and anonymous MB of k6, harness, both): ${run.file}`,
    ...run.problems.map((problem) => `  problem of the load: ${problem}`),
  ].join('\n');
}
