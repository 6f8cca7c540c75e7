/**
 * The cost of measuring. First the ratio of k6's highest rate while we measure to that of bare k6 (the same
 * script and options, without `--out` and with Go's default garbage collection), alternating on the same
 * machine. Then the ratio of the harness's CPU to that of k6 at 2,000 requests a second.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ms } from '../src/core/units.ts';
import { k6Command } from '../src/load/k6-command.ts';
import { startLoad } from '../src/load/load-session.ts';
import { WHOLE } from '../src/measure/segments.ts';
import { monotonicClock } from '../src/system/monotonic-clock.ts';
import { processStat } from '../src/system/proc.ts';
import { closedLoop, median, openRig, planOf, type Rig } from './load-rig.ts';

const ROUNDS = 5;
const SECONDS = 4;
const VUS = 40;

export interface K6Cost {
  /** Requests per second, median of the rounds. */
  readonly bare: number;
  readonly measured: number;
  /** Median of the ratios of the rounds: a slower machine slows both runs of a round. */
  readonly ratio: number;
  /**
   * CPU of k6 per request, bare ÷ measured, including its start: a busy machine affects it less than a rate.
   */
  readonly cpuRatio: number;
  /** k6's CPU per request when measured, in µs. */
  readonly cpuUs: number;
  readonly at2000: {
    readonly harnessCpuMs: number;
    readonly k6CpuMs: number;
    readonly due: number;
    readonly problems: readonly string[];
  };
}

/** One run of the closed loop. */
interface Loop {
  readonly rate: number;
  /** CPU of k6 only, per request, including its start. */
  readonly cpuUs: number;
}

async function bareLoop(rig: Rig): Promise<Loop> {
  const folder = mkdtempSync(join(rig.runDir, 'bare-'));
  const settings = { k6: rig.k6, seed: 1, segment: WHOLE, gracefulStopMs: ms(2000), secrets: {} };
  const command = k6Command(closedLoop(rig, VUS, SECONDS), {
    ...settings,
    ...{ durationMs: ms(SECONDS * 1000), home: folder, loadFile: join(folder, 'load.ndjson') },
  });
  writeFileSync(join(folder, 'load.ndjson'), command.load);
  const args = command.args.filter((one) => !one.startsWith('--out='));
  return counted(rig, async () => {
    // As a user runs it: with Go's default garbage collection.
    const { GOGC: _ours, ...env } = command.env;
    const k6 = spawn(command.file, args, { env, stdio: 'ignore' });
    return cpuUntil(k6.pid ?? 0, once(k6, 'exit'));
  });
}

const measuredLoop = (rig: Rig): Promise<Loop> =>
  counted(rig, async () => {
    const session = await startLoad({
      ...{ plan: [closedLoop(rig, VUS, SECONDS)], k6: rig.k6, seed: 1, clock: monotonicClock },
      ...{ durationMs: ms(SECONDS * 1000), runDir: mkdtempSync(join(rig.runDir, 'measured-')) },
    });
    const [pid = 0] = session.pids().values();
    return cpuUntil(pid, session.finished);
  });

async function counted(rig: Rig, run: () => Promise<number>): Promise<Loop> {
  const before = await rig.requests();
  const cpuMs = await run();
  const requests = (await rig.requests()) - before;
  return { rate: requests / SECONDS, cpuUs: (cpuMs * 1000) / requests };
}

/** /proc has no data of a process that has exited: the last reading counts, at most 50 ms before its end. */
async function cpuUntil(pid: number, end: Promise<unknown>): Promise<number> {
  let cpuMs = 0;
  const timer = setInterval(() => {
    cpuMs = processStat(pid)?.cpuMs ?? cpuMs;
  }, 50);
  await end;
  clearInterval(timer);
  return cpuMs;
}

async function costAt2000(rig: Rig): Promise<K6Cost['at2000']> {
  const runDir = join(rig.runDir, 'at-2000');
  mkdirSync(runDir);
  const plan = planOf(rig, 2000, 400);
  const session = await startLoad({
    ...{ plan: [plan], k6: rig.k6, seed: 1, clock: monotonicClock, durationMs: ms(15_000), runDir },
  });
  await session.started;
  // The script is compiled and the VUs exist by now: the rest is the load.
  const [ours, theirs] = [process.cpuUsage(), session.usage().cpuMs];
  await monotonicClock.sleep(ms(10_000));
  const used = process.cpuUsage(ours);
  const k6CpuMs = session.usage().cpuMs - theirs;
  const { ledgers } = await session.finished;
  const ledger = ledgers['gateway.intentions'];
  return {
    ...{ harnessCpuMs: (used.user + used.system) / 1000, k6CpuMs },
    ...{ due: ledger?.due ?? 0, problems: ledger?.problems ?? ['no ledger'] },
  };
}

/** Some 60 s. */
export async function benchK6Cost(): Promise<K6Cost> {
  const rig = await openRig();
  try {
    const pairs: (readonly [Loop, Loop])[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Alternating, and with a changing first one: neither always runs on a warm machine.
      if (round % 2 === 0) pairs.push([await bareLoop(rig), await measuredLoop(rig)]);
      else {
        const measured = await measuredLoop(rig);
        pairs.push([await bareLoop(rig), measured]);
      }
    }
    return {
      bare: median(pairs.map(([bare]) => bare.rate)),
      measured: median(pairs.map(([, measured]) => measured.rate)),
      ratio: median(pairs.map(([bare, measured]) => measured.rate / bare.rate)),
      cpuRatio: median(pairs.map(([bare, measured]) => bare.cpuUs / measured.cpuUs)),
      cpuUs: median(pairs.map(([, measured]) => measured.cpuUs)),
      at2000: await costAt2000(rig),
    };
  } finally {
    rig.close();
  }
}

export function renderK6Cost({ bare, measured, ratio, cpuRatio, cpuUs, at2000 }: K6Cost): string {
  const rate = (value: number): string => `${value.toFixed(0)}/s`;
  const share = at2000.harnessCpuMs / at2000.k6CpuMs;
  const ledger = at2000.problems.length === 0 ? 'ledger balanced' : at2000.problems.join('; ');
  return [
    `k6's highest rate         measured ${rate(measured)}, bare ${rate(bare)}, ratio ${ratio.toFixed(3)} (goal: 0.95)`,
    `k6's CPU per request      measured ${cpuUs.toFixed(0)} µs, bare ÷ measured ${cpuRatio.toFixed(3)} (less sensitive to other load on the machine)`,
    `CPU at 2,000 requests/s   harness ${at2000.harnessCpuMs.toFixed(0)} ms ÷ k6 ${at2000.k6CpuMs.toFixed(0)} ms = ${share.toFixed(3)} (goal: at most 0.05; ${at2000.due} due, ${ledger})`,
  ].join('\n');
}
