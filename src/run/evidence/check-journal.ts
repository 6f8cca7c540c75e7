/**
 * The journal against the timeline: every act has its undo written before it, and every removal closes its
 * entry. Checks only the shape of the compared fields; the undo data belongs to the faults.
 */
import type { z } from 'zod';
import type { RunEvent } from '../../core/events.ts';
import type { Flaw } from '../../core/flaw.ts';
import type { Plan } from '../../core/plan.ts';
import { journalLineShape } from '../../core/shapes/journal-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { eachRecord, isClosed, type Numbered, type NumberedEvent, type ReadRecords } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

/** A run has one journal, a gate with faults one for each target. */
export interface JournalQuestion {
  /** Its name in the run directory. */
  readonly file: string;
  /** Under which it is known; undefined: the plan cannot be read. */
  readonly run: string | undefined;
  /** Whether the fault with this name is undone by it. */
  covers(fault: string): boolean;
}

type Line = Numbered<z.infer<typeof journalLineShape>>;
type LineOf<Kind extends string> = Numbered<Extract<z.infer<typeof journalLineShape>, { kind: Kind }>>;

/** @param events as far as they can be read. @param plan undefined: it cannot be read. */
export function checkJournal(
  runDir: string,
  question: JournalQuestion,
  events: readonly NumberedEvent[],
  plan: Plan | undefined,
): ReadRecords {
  const { file } = question;
  const lines: Line[] = [];
  const read = eachRecord(runDir, file, (value, line) => {
    const problem = shapeProblem(journalLineShape, value);
    if (problem === null) lines.push({ line, value: value as Line['value'] });
    return problem?.text ?? null;
  });
  // A line that a crash has truncated, and the next process has marked, is known and harmless.
  const torn = new Set(ofKind(lines, 'torn').map(({ line }) => line - 1));
  const flaws = read.flaws.filter((flaw) => !torn.has(flaw.line ?? 0));
  // A missing file has no flaws of its own.
  if (flaws.some((one) => one.line === undefined)) return { flaws, cut: read.cut };
  return {
    flaws: [...flaws, ...ownFlaws(lines, question, plan), ...againstEvents(lines, question, events)],
    cut: read.cut,
  };
}

const ofKind = <Kind extends Line['value']['kind']>(lines: readonly Line[], kind: Kind): LineOf<Kind>[] =>
  lines.filter((one): one is LineOf<Kind> => one.value.kind === kind);

function ownFlaws(
  lines: readonly Line[],
  { file, run, covers }: JournalQuestion,
  plan: Plan | undefined,
): Flaw[] {
  const heads = ofKind(lines, 'journal');
  const flaws: Flaw[] = [];
  const wrong = (line: number, text: string, against?: string): void =>
    void flaws.push({ file, line, text, ...(against && { against }) });
  if (heads[0] === undefined) flaws.push({ file, text: 'has no head', ...(lines[0] && { line: 1 }) });
  for (const { line, value } of heads) {
    if (line !== 1) wrong(line, 'is a head in the middle of the journal');
    if (run !== undefined && value.run !== run)
      wrong(line, `is of run ${value.run}, ${RUN_FILES.plan} of ${run}`, RUN_FILES.plan);
  }
  const open = new Map<string, LineOf<'opened'>>();
  const closed = new Set<string>();
  const isExpired = ofKind(lines, 'expired').length > 0;
  for (const { line, value } of lines) {
    if (value.kind === 'opened') {
      if (open.has(value.id)) wrong(line, `${value.name} is opened twice under one id`);
      open.set(value.id, { line, value });
      const planned = plan?.faults.find((one) => one.name === value.name && covers(one.name));
      if (plan !== undefined && planned?.kind !== value.fault)
        wrong(line, `${value.name} (${value.fault}) is not in the plan`, RUN_FILES.plan);
    }
    if (value.kind !== 'closed') continue;
    if (!open.has(value.id)) wrong(line, 'closes what was not opened');
    // The keeper and a harness that only hung may both close an entry.
    if (closed.has(value.id) && !isExpired) wrong(line, `${open.get(value.id)?.value.name} is closed twice`);
    closed.add(value.id);
  }
  return flaws;
}

/**
 * Each act has its undo and each removal closes it. The reverse is required only of a run that ended
 * regularly.
 */
function againstEvents(
  lines: readonly Line[],
  { file, covers }: JournalQuestion,
  events: readonly NumberedEvent[],
): Flaw[] {
  const flaws: Flaw[] = [];
  const closedIds = new Set(ofKind(lines, 'closed').map(({ value }) => value.id));
  const opened = ofKind(lines, 'opened');
  const isClosedRun = isClosed(events);
  const timeline = RUN_FILES.events;
  for (const { line, value } of events) {
    if (value.kind !== 'fault-applied' && value.kind !== 'fault-removed') continue;
    if (!covers(value.fault)) continue;
    const entry = opened.find((one) => one.value.name === value.fault);
    const what = `${value.fault}, ${value.kind} in ${timeline}:${line}`;
    if (entry === undefined) flaws.push({ file, text: `has no entry for ${what}`, against: timeline });
    else if (value.kind === 'fault-removed' && !closedIds.has(entry.value.id))
      flaws.push({ file, line: entry.line, text: `stays open: ${what}`, against: timeline });
    else if (value.kind === 'fault-applied' && entry.value.at > value.at)
      flaws.push({ file, line: entry.line, text: `is later than the act: ${what}`, against: timeline });
  }
  if (!isClosedRun) return flaws;
  const has = (kind: RunEvent['kind'], fault: string): boolean =>
    events.some(({ value }) => value.kind === kind && 'fault' in value && value.fault === fault);
  for (const { line, value } of opened) {
    const { name, id } = value;
    if (!has('fault-applied', name))
      flaws.push({
        file,
        line,
        text: `${name} is opened, ${timeline} has no fault-applied`,
        against: timeline,
      });
    else if (!closedIds.has(id) && !has('fault-residue', name))
      flaws.push({
        file,
        line,
        text: `${name} stays open, ${timeline} has no fault-residue`,
        against: timeline,
      });
  }
  return flaws;
}
