/** Waits after a fault until every service level and connection is back for the hold time, or the time-out has come. */
import type { FaultRecord } from '../core/result.ts';
import { epochMs, ms } from '../core/units.ts';
import type { OpenRun } from './open-run.ts';
import { probesOf, recoveriesOf } from './recoveries.ts';

const POLL = ms(500);
/** The data of one more flush, so that what the watch saw is also on the disk. */
const FLUSH = ms(1100);

export async function watchRecovery(run: OpenRun, record: FaultRecord): Promise<void> {
  const { holdMs, timeoutMs } = run.plan.recovery;
  const from = record.removedAt ?? run.clock.now();
  const told = new Set<string>();
  const probes = probesOf(record);
  for (;;) {
    const now = run.clock.now();
    const answers = recoveriesOf({
      record,
      flows: run.flows.map((flow) => flow.flow),
      data: run.data,
      probes: probes
        .flatMap((name) => [
          ...run.probes.since(name, 'held', epochMs(0)),
          ...run.probes.since(name, 'fresh', epochMs(0)),
        ])
        .sort((a, b) => a.at - b.at),
      holdMs,
      baselineRatio: (flow) => run.baselineRatio(flow),
      until: (flow) => epochMs(Math.min(run.load.settledUntil(flow), run.flushedUntil())),
      probesUntil: now,
    });
    for (const [sli, { settled, recovery }] of Object.entries(answers)) {
      if (!settled || told.has(sli)) continue;
      told.add(sli);
      if (recovery.status !== 'recovered' || recovery.sinceInjectedMs === null) continue;
      run.report({ kind: 'recovered', fault: record.name, sli, sinceInjectedMs: recovery.sinceInjectedMs });
    }
    if (Object.values(answers).every((answer) => answer.settled)) break;
    if (now - from > timeoutMs + holdMs) break;
    await run.clock.sleep(POLL, run.stopped);
  }
  await run.clock.sleep(FLUSH, run.stopped);
}
