/**
 * Reads files of JSON, one value or one per line: each value has its shape, or is a flaw with file and line.
 */
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { RunEvent } from '../../core/events.ts';
import { type Flaw, missing } from '../../core/flaw.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { readLines, readWholeText } from '../../system/line-reader.ts';

export interface Numbered<T> {
  readonly line: number;
  readonly value: T;
}

/** For each file; a reader of the verdict needs the first one. */
const MOST_FLAWS = 1000;

export interface ReadRecords {
  readonly flaws: readonly Flaw[];
  /** The last line is incomplete, as a kill leaves it. */
  readonly cut: readonly Flaw[];
}

/** Calls `use` with each line that is JSON; it returns why the line is invalid. Holds one line at a time. */
export function eachRecord(
  runDir: string,
  file: string,
  use: (value: unknown, line: number) => string | null,
): ReadRecords {
  const flaws: Flaw[] = [];
  const flaw = (line: number, text: string): void => {
    if (flaws.length < MOST_FLAWS) flaws.push({ file, line, text });
  };
  const end = readLines(
    join(runDir, file),
    (text, line) => {
      const parsed = parsedJson(text);
      const why = parsed === undefined ? 'is not JSON' : use(parsed.value, line);
      if (why !== null) flaw(line, why);
    },
    (line) => flaw(line, 'is not UTF-8 text'),
  );
  if (end.kind === 'missing') flaws.push(missing(file));
  if (end.kind === 'unreadable') flaws.push({ file, text: `cannot be read: ${end.why}` });
  const cut = end.kind === 'cut' ? [{ file, line: end.lines + 1, text: 'is cut off' }] : [];
  return { flaws, cut };
}

export interface ReadValue<T> {
  readonly value: T | undefined;
  readonly flaw: Flaw | undefined;
}

/** A file that is one JSON value. @param schema of the type, see shape-check.ts. */
export function readValue<T>(runDir: string, file: string, schema: z.ZodType): ReadValue<T> {
  const read = readWholeText(join(runDir, file));
  const flawed = (flaw: Omit<Flaw, 'file'>): ReadValue<T> => ({ value: undefined, flaw: { file, ...flaw } });
  if (read.kind === 'missing') return flawed(missing(file));
  if (read.kind === 'unreadable') return flawed({ text: `cannot be read: ${read.why}` });
  const parsed = parsedJson(read.text);
  if (parsed === undefined) return flawed(notJson(read.text));
  const problem = shapeProblem(schema, parsed.value);
  if (problem === null) return { value: parsed.value as T, flaw: undefined };
  return flawed({ line: lineOf(read.text, problem.path), text: problem.text });
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function notJson(text: string): Omit<Flaw, 'file'> {
  const lines = new LineCounter();
  const [error] = parseDocument(text, { lineCounter: lines, schema: 'json' }).errors;
  return { ...(error && { line: lines.linePos(error.pos[0]).line }), text: 'is not JSON' };
}

/**
 * JSON is YAML, and our YAML reader knows positions. A missing key is reported at the start of its parent.
 */
function lineOf(text: string, path: readonly (string | number)[]): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'json' });
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: readonly number[] } | undefined)?.range;
    if (range?.[0] !== undefined) return lines.linePos(range[0]).line;
  }
  return 1;
}

export type NumberedEvent = Numbered<RunEvent>;

/** Whether the run wrote its last event: it has then closed all of its files. */
export const isClosed = (events: readonly NumberedEvent[]): boolean =>
  events.some(({ value }) => value.kind === 'closed');
