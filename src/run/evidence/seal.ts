/**
 * `evidence.json`: the digests of all files of a run directory from which it is judged, written when the run
 * has closed them. It reveals later alterations that happened by accident or carelessness; a deliberate
 * forger can rewrite it (decision).
 */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Flaw, missing } from '../../core/flaw.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { readWholeText } from '../../system/line-reader.ts';
import { digestOf, digestOfPrefix, type FileDigest, firstDifference } from './digest.ts';
import { RUN_FILES } from './run-directory.ts';

const fileShape = z.object({
  bytes: z.number(),
  lines: z.number(),
  sha256: z.string(),
  every: z.int().positive(),
  marks: z.string(),
});
const sealShape = z.object({
  schema: z.literal('gauntlet.evidence/1'),
  run: z.string(),
  files: z.record(z.string(), fileShape),
  /** SHA-256 of this file's own JSON, on one line, without this field. */
  sha256: z.string(),
});
type Seal = z.infer<typeof sealShape>;

/** Excludes what is made from the evidence: `gauntlet report` rewrites that each time. */
const EVIDENCE: readonly string[] = [
  ...[RUN_FILES.plan, RUN_FILES.events, RUN_FILES.journal, RUN_FILES.probes],
  ...[RUN_FILES.baselineJournal, RUN_FILES.baselineProbes],
  ...[RUN_FILES.latency, RUN_FILES.counts, RUN_FILES.slices, RUN_FILES.blocks],
  ...[RUN_FILES.answers, RUN_FILES.records, RUN_FILES.stages, RUN_FILES.kafka],
];

/** By name; for k6 its arguments, its log and its end, not its home folder. */
function evidenceFiles(runDir: string): string[] {
  const names = (folder: string): string[] =>
    entriesOf(join(runDir, folder))
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
      .map((entry) => (folder === '' ? entry.name : `${folder}/${entry.name}`));
  return [...names('').filter((name) => EVIDENCE.includes(name)), ...names('k6')].sort();
}

/** A missing folder has no files: each of them is then reported as missing. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** @throws when the file cannot be written, or one of the others cannot be read. */
export function sealEvidence(runDir: string, run: string): void {
  const files = Object.fromEntries(
    evidenceFiles(runDir).map((name) => {
      const found = digestOf(join(runDir, name));
      if (found.kind === 'digest') return [name, found.digest];
      throw new Error(`${name} cannot be read: ${found.kind === 'missing' ? 'it is gone' : found.why}`);
    }),
  );
  const body = { schema: 'gauntlet.evidence/1', run, files } as const;
  const seal: Seal = { ...body, sha256: ownDigest(body) };
  writeWhole(join(runDir, RUN_FILES.evidence), textOf(seal));
}

const textOf = (seal: Seal): string => `${JSON.stringify(seal, null, 2)}\n`;

const ownDigest = ({ schema, run, files }: Omit<Seal, 'sha256'>): string =>
  createHash('sha256').update(JSON.stringify({ schema, run, files })).digest('hex');

/** Whether the run directory is unchanged since it was sealed. */
export interface SealCheck {
  readonly isSealed: boolean;
  readonly flaws: readonly Flaw[];
}

/** @param run the id of the plan; undefined when the plan cannot be read. */
export function checkSeal(runDir: string, run: string | undefined): SealCheck {
  const file = RUN_FILES.evidence;
  const read = readWholeText(join(runDir, file));
  if (read.kind === 'missing') return { isSealed: false, flaws: [] };
  const broken = (text: string): SealCheck => ({ isSealed: true, flaws: [{ file, text }] });
  if (read.kind === 'unreadable') return broken(`cannot be read: ${read.why}`);
  let seal: Seal;
  try {
    const value: unknown = JSON.parse(read.text);
    const problem = shapeProblem(sealShape, value);
    if (problem !== null) return broken(problem.text);
    seal = value as Seal;
  } catch {
    return broken('is not JSON');
  }
  if (seal.sha256 !== ownDigest(seal) || read.text !== textOf(seal)) {
    return broken('is not what the run wrote: its own digest does not match');
  }
  const other = run !== undefined && seal.run !== run;
  const text = `is of run ${seal.run}, ${RUN_FILES.plan} of ${run}`;
  return {
    isSealed: true,
    flaws: [
      ...(other ? [{ file, text, against: RUN_FILES.plan }] : []),
      ...compared(runDir, seal),
      ...unsealed(runDir, seal),
    ],
  };
}

function compared(runDir: string, { files }: Seal): Flaw[] {
  return Object.entries(files).flatMap(([file, was]): Flaw[] => {
    const path = join(runDir, file);
    // Recovery may append to the journal of a run that left a fault behind; check-journal.ts reads the
    // addition.
    const grows = file === RUN_FILES.journal || file === RUN_FILES.baselineJournal;
    const found = grows ? digestOfPrefix(path, was.bytes, was.every) : digestOf(path, was.every);
    if (found.kind === 'missing') return [missing(file)];
    if (found.kind === 'unreadable') return [{ file, text: `cannot be read: ${found.why}` }];
    return found.digest.sha256 === was.sha256 ? [] : [differs(file, was, found.digest)];
  });
}

function differs(file: string, was: FileDigest, is: FileDigest): Flaw {
  const { line, toLine } = firstDifference(was, is);
  const lines =
    was.lines === is.lines ? '' : ` (it has ${count(is.lines)}; the run wrote ${count(was.lines)})`;
  return { file, line, ...(toLine > line && { toLine }), text: `is not what the run wrote${lines}` };
}

const count = (lines: number): string => `${lines} ${lines === 1 ? 'line' : 'lines'}`;

/** A file of ours that the seal does not list was added later. */
function unsealed(runDir: string, { files }: Seal): Flaw[] {
  return evidenceFiles(runDir)
    .filter((name) => !Object.hasOwn(files, name))
    .map((file) => ({ file, text: `is not in ${RUN_FILES.evidence}: the run did not write it` }));
}
