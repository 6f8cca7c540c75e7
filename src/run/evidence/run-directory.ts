/**
 * The run directory: its names are fixed (external programs rely on them), and only this file spells them.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { environmentProblem } from '../../core/system-errors.ts';
import { makeFolder } from '../../system/make-folder.ts';

export const RUN_FILES = {
  plan: 'plan.json',
  events: 'events.ndjson',
  journal: 'journal.ndjson',
  latency: 'latency.hlog',
  counts: 'counts.ndjson',
  slices: 'slices.ndjson',
  probes: 'probes.ndjson',
  /** Of a run that follows records: the end of each request, and what was committed. */
  answers: 'answers.ndjson',
  records: 'records.ndjson',
  /** Of a run that follows paths: what came to each stage. */
  stages: 'stages.ndjson',
  /** Of a run with faults on a target with Kafka: its state, every half second. */
  kafka: 'kafka.ndjson',
  /** Of a gate only. */
  blocks: 'blocks.ndjson',
  gate: 'gate.json',
  /** Of the other target of a gate with faults; absent in all other runs. */
  baselineJournal: 'journal-baseline.ndjson',
  baselineProbes: 'probes-baseline.ndjson',
  evidence: 'evidence.json',
  result: 'result.json',
  html: 'report.html',
  markdown: 'report.md',
  junit: 'junit.xml',
} as const;

/** Called before anything is started: a run directory is never written twice. @throws usage error. */
export function refuseTaken(runDir: string): void {
  if (existsSync(runDir)) throw notMade(runDir, { code: 'EEXIST' });
}

/** @throws usage error when it cannot be made, before anything else has happened. */
export function createRunDirectory(runDir: string): void {
  const parent = join(runDir, '..');
  try {
    makeFolder(parent);
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw notMade(parent, isFile ? Object.assign(new Error('a file'), { code: 'ENOTDIR' }) : error);
  }
  try {
    mkdirSync(runDir);
    mkdirSync(join(runDir, 'k6'));
  } catch (error) {
    throw notMade(runDir, error);
  }
}

/** The first file of a run. @throws unavailable when there is no room for it: nothing was started then. */
export function writePlan(runDir: string, plan: object): void {
  try {
    writeFileSync(join(runDir, RUN_FILES.plan), `${JSON.stringify(plan, null, 2)}\n`);
  } catch (error) {
    throw notMade(runDir, error);
  }
}

/** The disk is full, or the folder was removed, while the run wrote or its reports were made. */
export function notWritable(runDir: string, error: unknown): GauntletError {
  const problem = {
    subject: `run directory ${runDir}`,
    expected: 'to be writable until the end',
    got: messageOf(error),
    next: 'Faults were undone and the load was stopped. Make room (or choose another --out) and run it again.',
  };
  return new GauntletError('unavailable', [problem], { cause: error });
}

/** A name that cannot be used is the user's error; a full disk or missing permission is the environment's. */
function notMade(path: string, error: unknown): GauntletError {
  const trouble = environmentProblem(error);
  const { code } = error as NodeJS.ErrnoException;
  const isName = ['EEXIST', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR'].includes(code ?? '');
  const problem = {
    subject: `run directory ${path}`,
    expected:
      code === 'EEXIST'
        ? 'a folder that does not exist yet'
        : isName || !trouble
          ? 'a folder that can be created'
          : trouble.expected,
    got: code === 'EEXIST' ? 'an existing one' : messageOf(error),
    next: isName || !trouble?.next ? 'Choose another with --out.' : trouble.next,
  };
  return new GauntletError(isName || !trouble ? 'usage' : 'unavailable', [problem], { cause: error });
}

/** @throws usage error when a folder contains no file of a run. */
export function refuseForeign(runDir: string): void {
  const { plan, events, journal, latency, counts, probes, evidence } = RUN_FILES;
  const files = [plan, events, journal, latency, counts, probes, evidence];
  if (files.some((name) => existsSync(join(runDir, name)))) return;
  const problem = {
    subject: runDir,
    expected: 'a run directory',
    got: existsSync(runDir) ? `a folder without ${RUN_FILES.plan} and ${RUN_FILES.events}` : 'nothing',
    next: 'Give a folder that `gauntlet run` wrote.',
  };
  throw new GauntletError('usage', [problem]);
}
