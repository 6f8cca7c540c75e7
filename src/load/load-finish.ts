/** Judges how the k6 processes of a run ended, and the consequence for the ledger. */

import { messageOf } from '../core/errors.ts';
import type { ScriptEnd } from '../core/foreign-script.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import type { Ledger } from '../core/result.ts';
import type { EpochMs } from '../core/units.ts';
import type { LoadEnding } from './expected-due.ts';
import type { Ingest } from './ingest.ts';
import type { K6Exit, K6Process } from './k6-process.ts';
import type { FlowEnd, LoadEnd } from './load-end.ts';

export interface LoadFinish extends LoadEnd {
  /** By flow. */
  readonly ledgers: Readonly<Record<string, Ledger>>;
}

/** One running k6 process: a scenario, or its share of one. */
export interface ScenarioRun {
  readonly load: ScenarioLoad;
  /** The scenario, with the index of its process when there are several: `orders.2-of-3`. */
  readonly name: string;
  readonly ingest: Ingest;
  readonly process: K6Process;
  /** CPU time at the last reading: /proc has no data on a process that has ended. */
  cpuMs: number;
  /** Why we stopped reading its samples. */
  readonly broken: unknown[];
  stopAskedAt?: EpochMs;
  ending?: LoadEnding;
}

/** k6's exit codes (errext/exitcodes) that a run can meet. */
const EXIT_WORDS: Readonly<Record<number, string>> = {
  100: 'setup timed out',
  101: 'teardown timed out',
  104: 'invalid configuration',
  105: 'stopped by a signal',
  107: 'exception in the script',
  108: 'the script aborted the test',
  109: 'k6 panicked',
  110: 'the script failed the test',
};
const STOPPED_BY_SIGNAL = 105;
/** Of a foreign script: its own, which never decide. */
const THRESHOLDS_CROSSED = 99;

/** @param exits in the order of `runs`. @param clamped see Meter. */
export function loadEndOf(runs: readonly ScenarioRun[], exits: readonly K6Exit[], clamped: number): LoadEnd {
  const flows: Record<string, FlowEnd> = {};
  const exitCodes: Record<string, number | null> = {};
  const scripts: Record<string, ScriptEnd> = {};
  const problems = clamped > 0 ? [`${clamped} latencies were outside 0 to 1 h and were clamped`] : [];
  runs.forEach((run, index) => {
    const exit = exits[index];
    if (exit === undefined) return;
    exitCodes[run.name] = exit.code;
    const unexpected = unexpectedEnd(run, exit);
    problems.push(...unexpected);
    const apart = run.ingest.scriptEnd?.();
    if (apart !== undefined) scripts[run.name] = { ...apart, crossed: crossedIn(exit) };
    for (const { flow } of run.load.flows) {
      const whole = unexpected.length === 0 && run.ending !== undefined;
      const expected = whole && run.ending ? run.ingest.expectedDue(flow, run.ending) : undefined;
      const own = { expected: expected ?? null, problems: [...unexpected, ...problemsOf(run, flow)] };
      flows[flow] = together(flows[flow], own);
    }
  });
  return { flows, exitCodes, problems, ...(Object.keys(scripts).length > 0 && { scripts }) };
}

/** k6 names the metrics on its log; one that was stopped may not have come to it. */
function crossedIn({ code, lastLines }: K6Exit): readonly string[] | null {
  if (code === 0) return [];
  if (code !== THRESHOLDS_CROSSED) return null;
  const names = lastLines.flatMap(
    (line) => /thresholds on metrics '(.*?)' have been crossed/.exec(line)?.[1] ?? [],
  );
  return names.flatMap((one) => one.split(', '));
}

function problemsOf(run: ScenarioRun, flow: string): string[] {
  const shared = run.name !== run.load.scenario;
  return run.ingest.problems(flow).map((problem) => (shared ? `${run.name}: ${problem}` : problem));
}

/**
 * One ledger over all processes of a flow: their schedule counts add up; unknown when one of them is unknown.
 */
function together(others: FlowEnd | undefined, own: FlowEnd): FlowEnd {
  if (others === undefined) return own;
  const known = others.expected !== null && own.expected !== null;
  const expected = known && {
    least: others.expected.least + own.expected.least,
    most: others.expected.most + own.expected.most,
  };
  return { expected: expected || null, problems: [...others.problems, ...own.problems] };
}

function unexpectedEnd(run: ScenarioRun, exit: K6Exit): string[] {
  const name = `k6 of ${run.name}`;
  const broken = run.broken.map((error) => `${name} was ended: ${messageOf(error)}`);
  if (broken.length > 0) return broken;
  const asked = run.stopAskedAt !== undefined;
  if (exit.code === 0 || (asked && exit.code === STOPPED_BY_SIGNAL)) return [];
  if (exit.code === THRESHOLDS_CROSSED && run.load.foreign !== undefined) return [];
  const word = exit.code === null ? undefined : EXIT_WORDS[exit.code];
  const how =
    exit.code === null
      ? `was ended by ${exit.signal ?? 'a signal'}`
      : `ended with exit code ${exit.code}${word === undefined ? '' : ` (${word})`}`;
  const log =
    exit.lastLines.length === 0 ? 'Its log is empty.' : `Its log ends: ${exit.lastLines.join(' | ')}`;
  return [`${name} ${how}${asked ? ' after it was asked to stop' : ''}. ${log}`];
}
