/** The conservation law of arrivals: every arrival that was due must appear in the report. */
import type { Ledger } from '../core/result.ts';

export interface Totals {
  readonly due: number;
  readonly started: number;
  readonly dropped: number;
  readonly completed: number;
  readonly interrupted: number;
  /** See CountIncrement. */
  readonly stale?: number;
}

/**
 * The schedule's own count of due arrivals, as an interval: the tick in progress at the end may or may not be
 * included.
 */
export interface ExpectedDue {
  readonly least: number;
  readonly most: number;
}

/**
 * @param problems other known problems of these counts, as sentences; any of them makes the ledger
 * unbalanced.
 */
export function balance(totals: Totals, expected?: ExpectedDue, problems: readonly string[] = []): Ledger {
  const { due, started, dropped, completed, interrupted, stale = 0 } = totals;
  const found = [...problems];
  if (due !== started + dropped) {
    found.push(`due ${due} is not started ${started} + dropped ${dropped}`);
  }
  if (started !== completed + interrupted + stale) {
    const more = stale > 0 ? ` + stale ${stale}` : '';
    found.push(`started ${started} is not completed ${completed} + interrupted ${interrupted}${more}`);
  }
  if (expected !== undefined && (due < expected.least || due > expected.most)) {
    found.push(`due ${due} is not what the schedule holds: ${expected.least} to ${expected.most}`);
  }
  return {
    ...{ due, started, dropped, completed, interrupted },
    ...(stale > 0 && { stale }),
    ...{ balanced: found.length === 0, problems: found },
  };
}

/** The ledger of all flows together. @param ledgers by flow; the flow's name precedes its problems. */
export function totalLedger(ledgers: Readonly<Record<string, Ledger>>): Ledger {
  const sum = (key: keyof Totals): number =>
    Object.values(ledgers).reduce((total, ledger) => total + (ledger[key] ?? 0), 0);
  const problems = Object.entries(ledgers).flatMap(([flow, ledger]) =>
    ledger.problems.map((problem) => `${flow}: ${problem}`),
  );
  const totals = {
    due: sum('due'),
    started: sum('started'),
    dropped: sum('dropped'),
    completed: sum('completed'),
    interrupted: sum('interrupted'),
  };
  const stale = sum('stale');
  return { ...totals, ...(stale > 0 && { stale }), balanced: problems.length === 0, problems };
}
