/**
 * `gauntlet inject` as a process that can be killed at a chosen instant, optionally with its keeper.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Places } from '../../src/system/places.ts';
import { isAlive, processStat } from '../../src/system/proc.ts';
import { programPath } from '../../src/system/project.ts';
import { signalProcess } from '../support/signal-process.ts';
import type { Draw, Edge, Moment } from './draw.ts';

export interface Killed {
  /** The last event of the harness; `start`: none. */
  readonly stage: 'start' | Edge | 'ended';
  /** From the start of the process to its death, or to its own end. */
  readonly atMs: number;
  /** `performance.now()` of the kill. */
  readonly killedAt: number;
  readonly keepers: readonly { readonly pid: number; readonly startTicks: string }[];
  readonly journal: string | null;
  /** The last output of the harness, for the analysis. */
  readonly lastWords: string;
  /** Kills a process that was only stopped. */
  end(): Promise<void>;
}

/** Longer than any run: an event that does not occur means that the harness hangs. */
const LONGEST_MS = 30_000;
const POLL_MS = 1;

export const environmentOf = (places: Places): NodeJS.ProcessEnv => ({
  ...process.env,
  GAUNTLET_STATE_DIR: places.state,
  GAUNTLET_CACHE_DIR: places.cache,
  NO_COLOR: '1',
});

/** @param target the options that name it. */
export async function killHarness(
  draw: Draw,
  places: Places,
  target: readonly string[] = ['--target', 'sandbox'],
): Promise<Killed> {
  const before = new Set(journalsOf(places));
  const hold = draw.holdFor === null ? [] : ['--for', draw.holdFor];
  const argv = [
    programPath('src/cli/main'),
    'inject',
    draw.fault.name,
    ...draw.parameters,
    ...hold,
    '--json',
  ];
  const started = performance.now();
  const child = spawn(process.execPath, [...argv, ...target], {
    env: environmentOf(places),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const past = new Map<Edge, number>();
  let lastWords = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastWords = line;
    const kind = /^\{"kind":"([a-z-]+)"/.exec(line)?.[1];
    if (kind !== undefined && !past.has(kind as Edge)) past.set(kind as Edge, performance.now());
  });
  const ownJournal = (): string | null => journalsOf(places).find((one) => !before.has(one)) ?? null;
  const isEnded = await untilMoment(draw.moment, { child, started, past, ownJournal });
  const keepers = isEnded ? [] : strike(child, draw);
  const killedAt = performance.now();
  const journal = ownJournal();
  if (journal !== null && hasOpened(journal))
    past.set('journal-opened', past.get('journal-opened') ?? killedAt);
  if (isEnded || draw.signal === 'SIGKILL') await untilGone(child);
  return {
    stage: isEnded ? 'ended' : stageOf(past),
    atMs: killedAt - started,
    killedAt,
    keepers,
    journal,
    lastWords,
    end: () => {
      child.kill('SIGKILL');
      return untilGone(child);
    },
  };
}

interface HarnessRun {
  readonly child: ChildProcess;
  readonly started: number;
  readonly past: Map<Edge, number>;
  ownJournal(): string | null;
}

/** True when the harness had exited by itself before. */
async function untilMoment({ after, delayMs }: Moment, run: HarnessRun): Promise<boolean> {
  const { child, started, past } = run;
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  for (;;) {
    if (hasEnded()) return true;
    const now = performance.now();
    if (after === 'journal-opened' && !past.has(after)) {
      const journal = run.ownJournal();
      if (journal !== null && hasOpened(journal)) past.set(after, now);
    }
    const from = after === 'start' ? started : past.get(after);
    if (from !== undefined && now >= from + delayMs) return false;
    if (now - started > LONGEST_MS) throw new Error(`no ${after} in ${LONGEST_MS} ms`);
    await sleep(POLL_MS);
  }
}

/** Both are stopped first, so that neither has time to react to the death of the other. */
function strike(child: ChildProcess, { keeper, signal }: Draw): Killed['keepers'] {
  const pid = child.pid ?? 0;
  child.kill('SIGSTOP');
  const keepers = childrenOf(pid).flatMap((one) => processStat(one) ?? []);
  const killKeepers = (): void => {
    for (const one of keepers) if (isAlive(one.pid, one.startTicks)) signalProcess(one.pid, 'SIGKILL');
  };
  if (keeper === 'before') killKeepers();
  if (signal === 'SIGKILL') child.kill(signal);
  if (keeper === 'after') killKeepers();
  return keepers.map(({ pid: id, startTicks }) => ({ pid: id, startTicks }));
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

const untilGone = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

const ORDER: readonly Edge[] = [
  'fault-removed',
  'fault-undoing',
  'fault-injected',
  'fault-applied',
  'journal-opened',
  'fault-planned',
];
const stageOf = (past: Map<Edge, number>): 'start' | Edge => ORDER.find((edge) => past.has(edge)) ?? 'start';

function journalsOf(places: Places): string[] {
  const folder = join(places.state, 'injections');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.journal.ndjson'))
    .map((name) => join(folder, name));
}

const hasOpened = (journal: string): boolean => readFileSync(journal, 'utf8').includes('"kind":"opened"');
