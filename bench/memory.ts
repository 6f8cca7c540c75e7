/**
 * `npm run bench -- memory [iterations] [most seconds] [rate]`: whether k6 or the harness grows with the number of iterations. Our own
 * scenario at an arrival rate, with the numbers of the run kept as a run keeps them; resident memory once a second; the slope is the
 * least-squares line over the second half, when all buffers have their size.
 */
import { ms } from '../src/core/units.ts';
import { startLoad } from '../src/load/load-session.ts';
import { RunData } from '../src/measure/run-data.ts';
import { monotonicClock } from '../src/system/monotonic-clock.ts';
import { openRig, planOf } from './load-rig.ts';

const MEGABYTE = 1024 * 1024;
/** A fifth of a second's arrivals may be under way. */
const vusFor = (rate: number): number => Math.ceil(rate / 5);

interface Sample {
  readonly iterations: number;
  readonly k6Mb: number;
  readonly harnessMb: number;
}

export interface MemoryFigures {
  readonly iterations: number;
  readonly seconds: number;
  /** MB per 1 M iterations. */
  readonly k6Slope: number;
  readonly harnessSlope: number;
  readonly last: Sample;
}

/** @param rate arrivals per second. */
export async function benchMemory(
  iterations: number,
  mostSeconds: number,
  rate: number,
): Promise<MemoryFigures> {
  const rig = await openRig();
  try {
    const data = new RunData();
    const session = await startLoad({
      ...{ plan: [planOf(rig, rate, vusFor(rate))], k6: rig.k6, seed: 1, clock: monotonicClock },
      ...{ durationMs: ms(mostSeconds * 1000), runDir: rig.runDir },
      onFlush: (increments) => data.add(increments),
    });
    await session.started;
    const samples: Sample[] = [];
    const from = monotonicClock.now();
    const elapsed = (): number => (monotonicClock.now() - from) / 1000;
    while ((samples.at(-1)?.iterations ?? 0) < iterations && elapsed() < mostSeconds - 1) {
      await monotonicClock.sleep(ms(1000));
      samples.push({
        iterations: await rig.requests(),
        k6Mb: session.usage().rssBytes / MEGABYTE,
        harnessMb: process.memoryUsage.rss() / MEGABYTE,
      });
    }
    const seconds = elapsed();
    await session.stop();
    const late = samples.slice(Math.floor(samples.length / 2));
    const last = late.at(-1);
    if (last === undefined) throw new Error('no sample: more seconds are needed');
    return {
      ...{ iterations: last.iterations, seconds, last },
      k6Slope: slopeOf(late.map((one) => [one.iterations / 1e6, one.k6Mb])),
      harnessSlope: slopeOf(late.map((one) => [one.iterations / 1e6, one.harnessMb])),
    };
  } finally {
    rig.close();
  }
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const [x, y] = [mean(points.map(([one]) => one)), mean(points.map(([, one]) => one))];
  const rise = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return rise / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

export function renderMemory({ iterations, seconds, k6Slope, harnessSlope, last }: MemoryFigures): string {
  const of = (slope: number, mb: number): string =>
    `${slope.toFixed(2)} MB per 1 M iterations (at ${mb.toFixed(0)} MB)`;
  return [
    `memory over ${(iterations / 1e6).toFixed(2)} M iterations in ${seconds.toFixed(0)} s, slope of the second half (wanted: together below 1):`,
    `  k6       ${of(k6Slope, last.k6Mb)}`,
    `  harness  ${of(harnessSlope, last.harnessMb)}`,
  ].join('\n');
}
