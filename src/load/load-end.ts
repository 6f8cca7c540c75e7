/** How the load came to its end: kept in `k6/load-end.json`, so that a ledger can be made again from disk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExpectedDue } from '../measure/ledger.ts';
import { writeWhole } from '../system/durable-file.ts';
import { LOAD_FILES } from './run-files.ts';

export interface FlowEnd {
  /** What the schedule must have held, or null when k6 did not come to its end. */
  readonly expected: ExpectedDue | null;
  readonly problems: readonly string[];
}

export interface LoadEnd {
  readonly flows: Readonly<Record<string, FlowEnd>>;
  /** By process (the scenario, or `specialists.2-of-3`); null when a signal ended k6. 105 is k6's own code for "stopped by a signal". */
  readonly exitCodes: Readonly<Record<string, number | null>>;
  /** Of the load as a whole. */
  readonly problems: readonly string[];
}

export const writeLoadEnd = (runDir: string, end: LoadEnd): void =>
  writeWhole(join(runDir, LOAD_FILES.end), `${JSON.stringify(end, null, 2)}\n`);

/** Undefined when the run was killed before its load had ended. */
export function readLoadEnd(runDir: string): LoadEnd | undefined {
  try {
    return JSON.parse(readFileSync(join(runDir, LOAD_FILES.end), 'utf8')) as LoadEnd;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
