/** The run directory: its names are fixed (design: relied on from outside), and only this file spells them. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError, messageOf } from '../core/errors.ts';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../core/plan.ts';
import type { ProbeSample } from '../core/samples.ts';

export const RUN_FILES = {
  plan: 'plan.json',
  events: 'events.ndjson',
  journal: 'journal.ndjson',
  latency: 'latency.hlog',
  counts: 'counts.ndjson',
  slices: 'slices.ndjson',
  probes: 'probes.ndjson',
  result: 'result.json',
  html: 'report.html',
  markdown: 'report.md',
  junit: 'junit.xml',
} as const;

/** Asked before anything is started: a run directory is never written into twice. @throws usage error. */
export function refuseTaken(runDir: string): void {
  if (existsSync(runDir)) throw notMade(runDir, { code: 'EEXIST' });
}

/** @throws usage error when it cannot be made, before anything else has happened. */
export function createRunDirectory(runDir: string): void {
  try {
    mkdirSync(join(runDir, '..'), { recursive: true });
    mkdirSync(runDir);
    mkdirSync(join(runDir, 'k6'));
  } catch (error) {
    throw notMade(runDir, error);
  }
}

/** The disk is full, or the folder was taken away, while the run was writing or its reports were made. */
export function notWritable(runDir: string, error: unknown): GauntletError {
  const problem = {
    subject: `run directory ${runDir}`,
    expected: 'to be writable until the end',
    got: messageOf(error),
    next: 'Faults were undone and the load was stopped. Make room (or choose another --out) and run it again.',
  };
  return new GauntletError('unavailable', [problem], { cause: error });
}

function notMade(runDir: string, error: unknown): GauntletError {
  const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
  const problem = {
    subject: `run directory ${runDir}`,
    expected: taken ? 'a folder that does not exist yet' : 'a folder that can be made',
    got: taken ? 'one that is there' : messageOf(error),
    next: 'Choose another with --out.',
  };
  return new GauntletError('usage', [problem], { cause: error });
}

export function readPlan(runDir: string): Plan {
  try {
    return JSON.parse(readFileSync(join(runDir, RUN_FILES.plan), 'utf8')) as Plan;
  } catch (error) {
    throw new GauntletError(
      'usage',
      [
        {
          subject: runDir,
          expected: `a run directory with a readable ${RUN_FILES.plan}`,
          got: messageOf(error),
          next: 'Give a folder that `gauntlet run` wrote.',
        },
      ],
      { cause: error },
    );
  }
}

export const readEvents = (runDir: string): RunEvent[] => readLines<RunEvent>(join(runDir, RUN_FILES.events));
export const readProbes = (runDir: string): ProbeSample[] =>
  readLines<ProbeSample>(join(runDir, RUN_FILES.probes));

/** Reads whole JSON lines; a torn last line (the process was killed while writing) is left out. */
export function readLines<T>(path: string): T[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n');
  const whole = text.endsWith('\n') ? lines : lines.slice(0, -1);
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}
