/**
 * Waits after a step, one fault or a group, until every service level and connection has been good for the
 * hold time, or the time-out has passed. Records the instants up to which it looked: the judge from disk
 * looks no further.
 */
import type { RunEventBody, WatchUntil } from '../../core/events.ts';
import { asksIn } from '../../core/objective.ts';
import type { FaultRecord } from '../../core/result.ts';
import { epochMs, ms } from '../../core/units.ts';
import type { RecoveryAnswer } from '../../measure/recovery.ts';
import { type RecoveryContext, recoveriesOf, USUAL_MS, watchingProbes } from '../verdict/recoveries.ts';
import type { OpenRun } from './open-run.ts';

const POLL = ms(500);

/** The parts of a run that the watch needs. */
export type WatchRun = Pick<OpenRun, 'clock' | 'stopped' | 'report' | 'baselineRatio' | 'flushedUntil'> & {
  readonly plan: Pick<OpenRun['plan'], 'recovery' | 'objectives'>;
  readonly flows: readonly { readonly flow: string }[];
  readonly data: RecoveryContext['data'];
  readonly probes: Pick<OpenRun['probes'], 'since' | 'settledUntil'>;
};

type Answers = ReturnType<typeof recoveriesOf>;

export async function watchRecovery(run: WatchRun, records: readonly FaultRecord[]): Promise<void> {
  const { holdMs, timeoutMs } = run.plan.recovery;
  const from = Math.max(...records.map((record) => record.removedAt ?? run.clock.now()));
  const telling = new Telling(run.report);
  for (;;) {
    const now = run.clock.now();
    const until = knownUntil(run, records);
    const seen = records.map((record) => ({ record, answers: answersUntil(run, record, until) }));
    const open = seen.flatMap(({ answers }) => Object.values(answers)).filter((one) => !one.settled);
    const isOver = open.length === 0 || now - from > timeoutMs + holdMs || run.stopped.aborted;
    // A recovery between two faults of a group is not reported: the next fault opens the question again.
    if (records.length === 1 || now >= from + holdMs || isOver)
      for (const { record, answers } of seen) telling.tell(record.name, answers, isOver);
    if (isOver) {
      const notBack = Object.fromEntries(
        seen.map(({ record, answers }) => [record.name, namesOpen(answers)]),
      );
      run.report({ kind: 'recovery-watched', notBack, until });
      run.stopped.throwIfAborted();
      return;
    }
    // A run that is ending evaluates once more first, so that the judge sees the same data.
    await run.clock.sleep(POLL, run.stopped).catch((error: unknown) => {
      if (!run.stopped.aborted) throw error;
    });
  }
}

function knownUntil(run: WatchRun, records: readonly FaultRecord[]): WatchUntil {
  const flows = run.flows.map(({ flow }) => [flow, run.flushedUntil(flow)] as const);
  const probes = run.probes.settledUntil([
    ...records.flatMap(watchingProbes),
    ...asksIn(run.plan.objectives),
  ]);
  return { flows: Object.fromEntries(flows), probes };
}

function answersUntil(run: WatchRun, record: FaultRecord, until: WatchUntil): Answers {
  const from = epochMs((record.appliedAt ?? 0) - USUAL_MS);
  return recoveriesOf({
    record,
    flows: run.flows.map((one) => one.flow),
    data: run.data,
    asks: asksIn(run.plan.objectives),
    probes: [...watchingProbes(record), ...asksIn(run.plan.objectives)].flatMap((name) => [
      ...run.probes.since(name, 'held', from),
      ...run.probes.since(name, 'fresh', from),
    ]),
    holdMs: run.plan.recovery.holdMs,
    baselineRatio: (flow) => run.baselineRatio(flow),
    until,
  });
}

const namesOpen = (answers: Answers): readonly string[] =>
  Object.entries(answers).flatMap(([sli, { settled }]) => (settled ? [] : [sli]));

/** What was reported to people for each level; the last report equals the final report. */
class Telling {
  readonly #report: (body: RunEventBody) => void;
  /** By fault and level, the recovery time that was reported. */
  readonly #told = new Map<string, number>();

  constructor(report: (body: RunEventBody) => void) {
    this.#report = report;
  }

  /** @param isLast nothing is reported after this: a time that has changed since is reported again. */
  tell(fault: string, answers: Answers, isLast: boolean): void {
    for (const [sli, { settled, recovery }] of Object.entries(answers)) {
      const key = JSON.stringify([fault, sli]);
      const told = this.#told.get(key);
      if (!settled) {
        if (this.#told.delete(key)) {
          this.#report({ kind: 'relapsed', fault, sli, sinceInjectedMs: relapsedAt(recovery, told) });
        }
        continue;
      }
      const { status, sinceInjectedMs, boundMs } = recovery;
      if (status !== 'recovered' || sinceInjectedMs === null) continue;
      const isSame = told !== undefined && Math.abs(told - sinceInjectedMs) <= boundMs;
      if (told !== undefined && (isSame || !isLast)) continue;
      this.#told.set(key, sinceInjectedMs);
      this.#report({ kind: 'recovered', fault, sli, sinceInjectedMs });
    }
  }
}

/** A flow's question is simply open again; its duration is known up to the latest instant. */
const relapsedAt = ({ relapsedAtMs, sinceInjectedMs }: RecoveryAnswer['recovery'], told = 0): number =>
  relapsedAtMs ?? sinceInjectedMs ?? told;
