/** How the load ended: stored in `k6/load-end.json`, so that a ledger can be rebuilt from disk. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Flaw } from '../core/flaw.ts';
import type { ScriptEnd } from '../core/foreign-script.ts';
import { type SameShape, shapeProblem } from '../core/shapes/shape-check.ts';
import type { ExpectedDue } from '../measure/ledger.ts';
import { writeWhole } from '../system/durable-file.ts';
import { readWholeText } from '../system/line-reader.ts';
import { LOAD_FILES } from './run-files.ts';

export interface FlowEnd {
  /** The schedule's own count, or null when k6 did not run to its end. */
  readonly expected: ExpectedDue | null;
  readonly problems: readonly string[];
}

export interface LoadEnd {
  readonly flows: Readonly<Record<string, FlowEnd>>;
  /**
   * By process (the scenario, or `orders.2-of-3`); null when a signal ended k6. 105 is k6's own code for
   * "stopped by a signal".
   */
  readonly exitCodes: Readonly<Record<string, number | null>>;
  /** Of the load as a whole. */
  readonly problems: readonly string[];
  /** Of foreign scripts, by process. Absent: there are none. */
  readonly scripts?: Readonly<Record<string, ScriptEnd>>;
}

export const writeLoadEnd = (runDir: string, end: LoadEnd): void =>
  writeWhole(join(runDir, LOAD_FILES.end), `${JSON.stringify(end, null, 2)}\n`);

const apartShape = z.object({ requests: z.number(), failed: z.number() });
const scriptEndShape = z.object({
  crossed: z.array(z.string()).nullable(),
  setup: apartShape,
  teardown: apartShape,
  withoutRequest: z.record(z.string(), z.number()),
});

const loadEndShape = z.object({
  flows: z.record(
    z.string(),
    z.object({
      expected: z.object({ least: z.number(), most: z.number() }).nullable(),
      problems: z.array(z.string()),
    }),
  ),
  exitCodes: z.record(z.string(), z.number().nullable()),
  problems: z.array(z.string()),
  scripts: z.record(z.string(), scriptEndShape).optional(),
});
export const LOAD_END_SHAPE_IS_WHOLE: SameShape<LoadEnd, z.infer<typeof loadEndShape>> = true;

/** No `end` and no flaw: the run was killed before its load had ended, or it had no load. */
export interface StoredLoadEnd {
  readonly end: LoadEnd | undefined;
  readonly flaw: Flaw | undefined;
}

export function readLoadEnd(runDir: string): StoredLoadEnd {
  const file = LOAD_FILES.end;
  const read = readWholeText(join(runDir, file));
  if (read.kind === 'missing') return { end: undefined, flaw: undefined };
  const flawed = (text: string): StoredLoadEnd => ({ end: undefined, flaw: { file, text } });
  if (read.kind === 'unreadable') return flawed(`cannot be read: ${read.why}`);
  try {
    const value: unknown = JSON.parse(read.text);
    const problem = shapeProblem(loadEndShape, value);
    return problem === null ? { end: value as LoadEnd, flaw: undefined } : flawed(problem.text);
  } catch {
    return flawed('is not JSON');
  }
}
