/** Waits after a step, one fault or a group, until every service level and connection is back for the hold time, or the time-out has come. */
import type { FaultRecord } from '../core/result.ts';
import { epochMs, ms } from '../core/units.ts';
import type { OpenRun } from './open-run.ts';
import { probesOf, recoveriesOf } from './recoveries.ts';

const POLL = ms(500);
/** The data of one more flush, so that what the watch saw is also on the disk. */
const FLUSH = ms(1100);

export async function watchRecovery(run: OpenRun, records: readonly FaultRecord[]): Promise<void> {
  const { holdMs, timeoutMs } = run.plan.recovery;
  const from = Math.max(...records.map((record) => record.removedAt ?? run.clock.now()));
  const told = new Set<string>();
  for (;;) {
    const now = run.clock.now();
    // What was back between two faults of a group is not told: the next one opens the question again.
    const isSure = records.length === 1 || now >= from + holdMs;
    const settled = records.map((record) => {
      const answers = answersNow(run, record);
      if (isSure) tell(run, record, answers, told);
      return Object.values(answers).every((answer) => answer.settled);
    });
    if (settled.every((one) => one)) break;
    if (now - from > timeoutMs + holdMs) break;
    await run.clock.sleep(POLL, run.stopped);
  }
  await run.clock.sleep(FLUSH, run.stopped);
}

function answersNow(run: OpenRun, record: FaultRecord): ReturnType<typeof recoveriesOf> {
  return recoveriesOf({
    record,
    flows: run.flows.map((flow) => flow.flow),
    data: run.data,
    probes: probesOf(record)
      .flatMap((name) => [
        ...run.probes.since(name, 'held', epochMs(0)),
        ...run.probes.since(name, 'fresh', epochMs(0)),
      ])
      .sort((a, b) => a.at - b.at),
    holdMs: run.plan.recovery.holdMs,
    baselineRatio: (flow) => run.baselineRatio(flow),
    until: (flow) => epochMs(Math.min(run.load.settledUntil(flow), run.flushedUntil())),
    probesUntil: run.clock.now(),
  });
}

function tell(
  run: OpenRun,
  record: FaultRecord,
  answers: ReturnType<typeof recoveriesOf>,
  told: Set<string>,
): void {
  for (const [sli, { settled, recovery }] of Object.entries(answers)) {
    const key = `${record.name} ${sli}`;
    if (!settled || told.has(key)) continue;
    told.add(key);
    if (recovery.status !== 'recovered' || recovery.sinceInjectedMs === null) continue;
    run.report({ kind: 'recovered', fault: record.name, sli, sinceInjectedMs: recovery.sinceInjectedMs });
  }
}
